/** Preloaded into a measured process: leaves its peak memory where the bench looks for it. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => writeFileSync(process.env.MESHCTL_BENCH_USAGE, String(process.resourceUsage().maxRSS)));

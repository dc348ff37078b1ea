/** `tap` of a proxy that logs as fast as it is read: how many events a second come out. Prints JSON. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const EVENTS = 100_000;

const [bundle, bin, work] = process.argv.slice(2);
const { loggingPod, startSandbox } = await import(pathToFileURL(bundle).href);

const sandbox = await startSandbox(loggingPod(EVENTS));
try {
  const kubeconfig = join(work, 'kubeconfig-tap');
  writeFileSync(kubeconfig, sandbox.kubeconfig(), { mode: 0o600 });
  const rows = [];
  for (const output of ['text', 'json']) {
    const args = [
      'tap',
      'web',
      '-n',
      'shop',
      '-q',
      '-o',
      output,
      '--max-rps',
      '1000000',
      '--limit',
      String(EVENTS / 2),
      '--kubeconfig',
      kubeconfig,
    ];
    const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let first;
    let lines = 0;
    child.stdout.on('data', (data) => {
      first ??= process.hrtime.bigint();
      for (const byte of data) if (byte === 10) lines++;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    const ms = Number(process.hrtime.bigint() - first) / 1e6;
    if (code !== 0) throw new Error(`ended with ${code}`);
    rows.push({ output, events: lines, ms: Math.round(ms), eventsPerSecond: Math.round(lines / (ms / 1000)) });
  }
  process.stdout.write(JSON.stringify(rows));
} finally {
  await sandbox.close();
}

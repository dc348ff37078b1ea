/** `analyze` of live clusters of several sizes in a sandbox of this process, which only serves while the command runs. Prints JSON. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const RUNS = 3;

const [bundle, bin, usage, work, ...sizes] = process.argv.slice(2);
const { largeMesh, startSandbox } = await import(pathToFileURL(bundle).href);
const note = join(work, 'live-usage');

const timed = (args) =>
  new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    const chunks = [];
    const env = { ...process.env, MESHCTL_BENCH_USAGE: note };
    const child = spawn(process.execPath, ['--import', usage, bin, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (data) => chunks.push(data));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 1) return reject(new Error(`ended with ${code}`));
      const { summary } = JSON.parse(Buffer.concat(chunks).toString());
      resolve({
        ms: Math.round(Number(process.hrtime.bigint() - began) / 1e6),
        peakMemoryMiB: Math.round(Number(readFileSync(note, 'utf8')) / 1024),
        findings: summary.errors + summary.warnings + summary.infos,
      });
    });
  });

async function measured(objects) {
  const sandbox = await startSandbox({ objects: largeMesh(objects), podStartMs: 0 });
  try {
    const kubeconfig = join(work, `kubeconfig-live-${objects}`);
    writeFileSync(kubeconfig, sandbox.kubeconfig(), { mode: 0o600 });
    const runs = [];
    for (let run = 0; run < RUNS; run++) runs.push(await timed(['analyze', '-A', '-q', '-o', 'json', '--kubeconfig', kubeconfig]));
    const [, median] = runs.sort((left, right) => left.ms - right.ms);
    const requests = [...sandbox.requests.values()].reduce((sum, number) => sum + number, 0);
    return { objects, ...median, requests: requests / RUNS };
  } finally {
    await sandbox.close();
  }
}

const rows = [];
for (const size of sizes) rows.push(await measured(Number(size)));
process.stdout.write(JSON.stringify(rows));

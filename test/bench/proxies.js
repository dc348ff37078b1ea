/** `proxy-status` of a mesh in a sandbox of this process, which only serves while the command runs. Prints JSON. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ISTIODS = 3;
const RUNS = 3;

const [bundle, bin, work, ...sizes] = process.argv.slice(2);
const { fleet, startSandbox } = await import(pathToFileURL(bundle).href);

const timed = (args) =>
  new Promise((resolve, reject) => {
    const began = process.hrtime.bigint();
    let bytes = 0;
    const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (data) => {
      bytes += data.length;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve({ ms: Math.round(Number(process.hrtime.bigint() - began) / 1e6), bytes })
        : reject(new Error(`ended with ${code}`)),
    );
  });

async function measured(proxies) {
  const sandbox = await startSandbox(fleet({ proxies, istiods: ISTIODS, stale: 7 }));
  try {
    const kubeconfig = join(work, `kubeconfig-${proxies}`);
    writeFileSync(kubeconfig, sandbox.kubeconfig(), { mode: 0o600 });
    const runs = [];
    for (let run = 0; run < RUNS; run++) runs.push(await timed(['proxy-status', '-q', '--kubeconfig', kubeconfig]));
    const [, median] = runs.sort((left, right) => left.ms - right.ms);
    const requests = [...sandbox.requests.values()].reduce((sum, number) => sum + number, 0);
    return { proxies, controlPlanes: ISTIODS, ...median, requests: requests / RUNS };
  } finally {
    await sandbox.close();
  }
}

const rows = [];
for (const size of sizes) rows.push(await measured(Number(size)));
process.stdout.write(JSON.stringify(rows));

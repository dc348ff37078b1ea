/** Installs the packages when they are missing or older than package.json; a fresh clone needs nothing else. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const wanted = readFileSync(`${root}package.json`, 'utf8');
const stamp = `${root}node_modules/.meshctl-installed`;
const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
if (installed !== wanted) {
  process.stdout.write('Installing packages …\n');
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    process.stderr.write('The packages could not be installed; see above.\n');
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

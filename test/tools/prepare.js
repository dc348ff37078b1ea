/**
 * npm's `prepare`: builds what is packed, also where npm installs straight from the repository, as pre-commit has it done. There
 * `npm install -g` passes its own `global` on to the npm that is to fetch the packages for building, which then fetches none.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

function isInstalled(name) {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

if (!isInstalled('esbuild')) {
  const { status } = spawnSync('npm', ['install', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    env: { ...process.env, npm_config_global: 'false' },
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
}
await import('./build.js');

/** Shows the main job on a broken bookinfo mesh: what is wrong, where, and why. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

function script(path) {
  const { status } = spawnSync(process.execPath, [path], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Runs a command as a user would type it. Findings are the point here, so its exit code is only shown. */
function show(title, ...args) {
  process.stdout.write(`\n${title}\n$ meshctl ${args.join(' ')}\n\n`);
  const { status } = spawnSync(process.execPath, ['bin/meshctl.js', ...args], { cwd: root, stdio: 'inherit' });
  process.stdout.write(`\n(exit code ${status})\n`);
  if (status === null || status > 2) process.exit(1);
}

script('test/tools/setup.js');
script('test/tools/build.js');
show('A bookinfo application with a few mistakes in its mesh configuration:', 'analyze', '--complete', 'fixtures/bookinfo');
show('Why a host that does not exist matters, and how it looks done right:', 'explain', 'istio-routing/destination-host-exists');
process.stdout.write('\nTry it on your own manifests: node bin/meshctl.js analyze <folder>\n');

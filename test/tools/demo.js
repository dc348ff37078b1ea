/** Shows the main jobs: mistakes in files, a mesh installed and removed, and another that is checked, mended and checked again, in sandbox clusters. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const keep = process.argv.includes('--keep');
const say = (text) => process.stdout.write(`\n${text}\n`);

function script(path) {
  const { status } = spawnSync(process.execPath, [path], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Runs a program as a user would type it. Findings are the point here, so its exit code is only shown. */
function show(title, program, args, env = {}) {
  say(`${title}\n$ ${[program, ...args].join(' ')}\n`);
  const command = program === 'meshctl' ? [process.execPath, ['bin/meshctl.js', ...args]] : [program, args];
  const { status } = spawnSync(...command, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  process.stdout.write(`\n(exit code ${status})\n`);
  if (status === null || status > 3) throw new Error(`${program} ended with ${status}.`);
}

/** @returns the running sandbox, its kubeconfig and the address of its charts */
async function startSandbox(title, scenario) {
  say(`${title}\n$ meshctl sandbox --scenario ${scenario} &`);
  const child = spawn(process.execPath, ['bin/meshctl.js', 'sandbox', '--scenario', scenario], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    const kubeconfig = /^Kubeconfig: (.+)$/m.exec(text)?.[1];
    const charts = /^Charts: (.+)$/m.exec(text)?.[1];
    if (kubeconfig && /Ctrl-C/.test(text)) return { child, kubeconfig, charts };
  }
  throw new Error('The sandbox did not start.');
}

script('test/tools/setup.js');
script('test/tools/build.js');
show('A bookinfo application with a few mistakes in its mesh configuration:', 'meshctl', ['analyze', '--complete', 'fixtures/bookinfo']);
show('One of its rules explained:', 'meshctl', ['explain', 'istio-routing/destination-host-exists']);

const fresh = await startSandbox('A new cluster, served by meshctl itself, with a few small charts:', 'empty');
try {
  const env = { KUBECONFIG: fresh.kubeconfig };
  const from = ['--repo', fresh.charts];
  show('What would be installed?', 'meshctl', ['install', 'istio', ...from, '--version', '1.30.0', '--plan'], env);
  show('Installed, until it is ready:', 'meshctl', ['install', 'istio', ...from, '--version', '1.30.0', '--yes', '--quiet'], env);
  show('What would another version change?', 'meshctl', ['upgrade', 'istio', ...from, '--version', '1.30.1', '--plan'], env);
  show(
    'And gone again, with all that it had brought:',
    'meshctl',
    ['uninstall', 'istio', '--crds', '--namespaces', '--yes', '--quiet'],
    env,
  );
} finally {
  fresh.child.kill('SIGINT');
}

const { child, kubeconfig } = await startSandbox('A mesh with a mistake:', 'missing-sidecar');
const env = { KUBECONFIG: kubeconfig };
const hasKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
try {
  show('Is the mesh healthy?', 'meshctl', ['check', '--only', 'control-plane,data-plane'], env);
  show('What exactly is wrong?', 'meshctl', ['analyze', '-n', 'bookinfo'], env);
  if (hasKubectl) {
    show('The fix that the finding names:', 'kubectl', ['-n', 'bookinfo', 'rollout', 'restart', 'deployment/ratings-v1'], env);
    show('Until the new pod is ready:', 'kubectl', ['-n', 'bookinfo', 'rollout', 'status', 'deployment/ratings-v1', '--timeout=30s'], env);
    show('And now?', 'meshctl', ['check', '--only', 'control-plane,data-plane'], env);
    show(
      'Where does the proxy of productpage send requests for reviews?',
      'meshctl',
      ['proxy-config', 'routes', 'deploy/productpage-v1', '-n', 'bookinfo', '--host', 'reviews'],
      env,
    );
  } else say('With kubectl on the PATH this demo would mend the pod and check again.');
  if (keep) {
    say(`The sandbox goes on until Ctrl-C. In another terminal:\n  export KUBECONFIG=${kubeconfig}\n  kubectl get pods -A`);
    await once(child, 'exit');
  }
} finally {
  child.kill('SIGINT');
}
say('Try it on your own manifests: node bin/meshctl.js analyze <folder>');

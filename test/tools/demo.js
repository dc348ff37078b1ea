/** Shows the main jobs: mistakes in files, a mesh that comes and goes, and a cluster that is checked, mended and checked again. */
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

/** @returns the running sandbox, its kubeconfig, and the address of its charts */
async function startSandbox(title, scenario) {
  say(`${title}, served by meshctl itself:\n$ meshctl sandbox --scenario ${scenario} &`);
  const child = spawn(process.execPath, ['bin/meshctl.js', 'sandbox', '--scenario', scenario], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    const kubeconfig = /^Kubeconfig: (.+)$/m.exec(text)?.[1];
    const charts = /^Charts: (.+)$/m.exec(text)?.[1];
    if (kubeconfig && charts) return { child, kubeconfig, charts };
  }
  throw new Error('The sandbox did not start.');
}

/** The charts are the sandbox's own, so that nothing is downloaded. */
async function installing() {
  const { child, kubeconfig, charts } = await startSandbox('An empty cluster, and charts to install', 'empty');
  const env = { KUBECONFIG: kubeconfig };
  try {
    show('A mesh for it, from the plan until it is ready:', 'meshctl', ['install', 'istio', '--repo', charts, '--yes'], env);
    show('Is it healthy?', 'meshctl', ['check', '-o', 'short'], env);
    show('And out again, with what is left over:', 'meshctl', ['uninstall', 'istio', '--crds', '--namespaces', '--yes'], env);
  } finally {
    child.kill('SIGINT');
  }
}

script('test/tools/setup.js');
script('test/tools/build.js');
show('A bookinfo application with a few mistakes in its mesh configuration:', 'meshctl', ['analyze', '--complete', 'fixtures/bookinfo']);
show('One of its rules explained:', 'meshctl', ['explain', 'istio-routing/destination-host-exists']);

await installing();
const { child, kubeconfig } = await startSandbox('A cluster with a mistake', 'missing-sidecar');
const env = { KUBECONFIG: kubeconfig };
const hasKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
try {
  show('Is the mesh healthy?', 'meshctl', ['check', '--only', 'control-plane,data-plane'], env);
  show('What exactly is wrong?', 'meshctl', ['analyze', '-n', 'bookinfo'], env);
  if (hasKubectl) {
    show('The fix that the finding names:', 'kubectl', ['-n', 'bookinfo', 'rollout', 'restart', 'deployment/ratings-v1'], env);
    show('Until the new pod is ready:', 'kubectl', ['-n', 'bookinfo', 'rollout', 'status', 'deployment/ratings-v1', '--timeout=30s'], env);
    show('And now?', 'meshctl', ['check', '--only', 'control-plane,data-plane'], env);
    show('What does every proxy have of its configuration?', 'meshctl', ['proxy-status'], env);
    show(
      'Where does the proxy of productpage send requests for reviews?',
      'meshctl',
      ['proxy-config', 'routes', 'deploy/productpage-v1', '-n', 'bookinfo', '--host', 'reviews'],
      env,
    );
  } else say('With kubectl on the PATH this demo would mend the pod and check again.');
  show('Requests, live, for three seconds:', 'meshctl', ['tap', 'deploy/productpage-v1', '-n', 'bookinfo', '--duration', '3s'], env);
  if (keep) {
    say(`The sandbox goes on until Ctrl-C. In another terminal:\n  export KUBECONFIG=${kubeconfig}\n  kubectl get pods -A`);
    await once(child, 'exit');
  }
} finally {
  child.kill('SIGINT');
}
say('Try it on your own manifests: node bin/meshctl.js analyze <folder>');

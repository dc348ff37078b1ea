/** `npm run bench [-- CHART_FOLDER…]`: start-up, throughput, saved dumps and rendering as JSON. Times are medians; start-up is relative to an empty Node process of the same run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { dumpText } from './dump.js';
import { meshFiles } from './mesh.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bin = join(root, 'bin/meshctl.js');
const usage = pathToFileURL(join(root, 'test/bench/usage.js')).href;
/** Packages in CommonJS ask for modules of Node in their own way. */
const banner = { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` };
const SIZES = [100, 1_000, 10_000, 50_000];

function timed(args, env = {}) {
  const began = process.hrtime.bigint();
  const result = spawnSync(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, maxBuffer: 1 << 28, encoding: 'utf8' });
  if (result.error || result.status === null || result.status > 1)
    throw new Error(`${args.join(' ')} ended with ${result.status}: ${result.stderr}`);
  return { ms: Number(process.hrtime.bigint() - began) / 1e6, stdout: result.stdout };
}

function median(times) {
  const sorted = [...times].sort((left, right) => left - right);
  return Math.round(sorted[Math.floor(sorted.length / 2)] * 10) / 10;
}

const repeat = (count, args) => median(Array.from({ length: count }, () => timed(args).ms));

function startUp(work) {
  const file = join(work, 'one.yaml');
  writeFileSync(file, 'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ name: http, port: 80 }] }\n');
  const emptyMs = repeat(9, ['-e', '0']);
  const row = (args) => {
    const ms = repeat(9, [bin, ...args]);
    return { ms, overEmptyMs: Math.round((ms - emptyMs) * 10) / 10 };
  };
  return { emptyMs, help: row(['--help']), version: row(['version']), analyzeOneFile: row(['analyze', file]) };
}

function throughput(work, objects) {
  const folder = mkdtempSync(join(work, 'mesh-'));
  let bytes = 0;
  for (const [name, text] of meshFiles(objects)) {
    writeFileSync(join(folder, name), text);
    bytes += text.length;
  }
  const note = join(work, 'usage');
  const runs = Array.from({ length: objects > 10_000 ? 1 : 3 }, () => {
    const { ms, stdout } = timed(['--import', usage, bin, 'analyze', folder, '--complete', '-o', 'json'], { MESHCTL_BENCH_USAGE: note });
    return { ms, peakMemoryMiB: Math.round(Number(readFileSync(note, 'utf8')) / 1024), findings: JSON.parse(stdout).findings.length };
  });
  const ms = median(runs.map((run) => run.ms));
  const { peakMemoryMiB, findings } = runs[0];
  return {
    objects,
    bytes,
    ms,
    objectsPerSecond: Math.round(objects / (ms / 1000)),
    msPerThousandObjects: Math.round((ms / objects) * 1e6) / 1e3,
    peakMemoryMiB,
    findings,
  };
}

/** A stream of Deployments, each behind its Service, with comments and an odd layout. */
function streamOf(documents) {
  return Array.from({ length: documents / 2 }, (_, index) =>
    [
      `apiVersion: v1\nkind: Service\nmetadata: {name: app-${index}, namespace: shop} # front\nspec:\n    ports: [{name: http, port: 80}]\n`,
      `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n    name: app-${index}\n    namespace: shop\nspec:\n    replicas: 3\n    selector: {matchLabels: {app: app-${index}}}\n    template:\n        metadata:\n            labels:\n                app: app-${index} # found by the Service\n        spec:\n            containers:\n            # the only one\n            -   name: app\n                image: "registry.example.com/app:${index}"\n                env: [{name: A, value: "yes"}, {name: B, value: "2"}]\n                ports:\n                -   containerPort: 8080\n                readinessProbe: {httpGet: {path: /ready, port: 8080}}\n`,
    ].join('---\n'),
  ).join('---\n');
}

const TEMPLATE = `policy: enabled
templates:
  sidecar: |
    spec:
      containers:
      - name: istio-proxy
        image: {{ .ProxyImage }}
        args: [proxy, sidecar, --domain, "$(POD_NAMESPACE).svc.cluster.local"]
        env:
        {{- range $key, $value := .ProxyConfig.ProxyMetadata }}
        - {name: {{ $key }}, value: "{{ $value }}"}
        {{- end }}
        - {name: ISTIO_META_WORKLOAD_NAME, value: "{{ .DeploymentMeta.Name }}"}
      volumes:
      - {name: istio-data, emptyDir: {}}
`;

function injection(work, documents) {
  const file = join(work, `stream-${documents}.yaml`);
  const text = streamOf(documents);
  writeFileSync(file, text);
  writeFileSync(join(work, 'injector.yaml'), TEMPLATE);
  writeFileSync(join(work, 'values.yaml'), 'global: {hub: hub, tag: "1.30.0", proxy: {image: proxyv2}}\n');
  const istio = ['--mesh', 'istio', '--injector-config', join(work, 'injector.yaml'), '--injector-values', join(work, 'values.yaml')];
  const note = join(work, 'usage');
  const row = (args) => {
    const runs = Array.from({ length: 3 }, () => {
      const { ms, stdout } = timed(['--import', usage, bin, 'inject', file, '-q', ...args], { MESHCTL_BENCH_USAGE: note });
      return { ms, peakMemoryMiB: Math.round(Number(readFileSync(note, 'utf8')) / 1024), bytes: stdout.length };
    });
    const ms = median(runs.map((run) => run.ms));
    return {
      ms,
      msPerThousandDocuments: Math.round((ms / documents) * 1e5) / 100,
      peakMemoryMiB: runs[0].peakMemoryMiB,
      bytes: runs[0].bytes,
    };
  };
  return { documents, bytes: text.length, annotations: row(['--mesh', 'linkerd', '--offline']), sidecars: row(istio) };
}

/** A saved dump, plain and packed: the whole command, of which reading and parsing once is the most. */
function proxyConfig(work, bytes) {
  const { text, routes } = dumpText(bytes);
  const note = join(work, 'usage');
  const plain = join(work, 'dump.json');
  writeFileSync(plain, text);
  writeFileSync(`${plain}.gz`, gzipSync(text));
  const row = (args) => {
    const runs = Array.from({ length: 3 }, () => {
      const { ms, stdout } = timed(['--import', usage, bin, 'proxy-config', ...args], { MESHCTL_BENCH_USAGE: note });
      return { ms, peakMemoryMiB: Math.round(Number(readFileSync(note, 'utf8')) / 1024), lines: stdout.split('\n').length - 2 };
    });
    const { peakMemoryMiB, lines } = runs[0];
    return {
      ms: median(runs.map((run) => run.ms)),
      peakMemoryMiB,
      timesTheDump: Math.round((peakMemoryMiB * 1024 * 1024 * 10) / text.length) / 10,
      lines,
    };
  };
  return {
    bytes: text.length,
    routes,
    ofOneHost: row(['routes', '--file', plain, '--host', 'app-7.']),
    ofOneHostPacked: row(['routes', '--file', `${plain}.gz`, '--host', 'app-7.']),
    allRoutes: row(['routes', '--file', plain]),
    allEndpoints: row(['endpoints', '--file', plain]),
  };
}

/** The template engine alone: a chart of our own, and the folders of charts that are named. */
async function rendering(work) {
  const bundle = join(work, 'template.mjs');
  const entry = ['chart.ts', 'render.ts', 'api-versions.ts'].map((name) => `export * from './src/template/chart/${name}';`).join('\n');
  await build({ stdin: { contents: entry, resolveDir: root }, bundle: true, platform: 'node', format: 'esm', outfile: bundle, banner });
  return JSON.parse(timed([join(root, 'test/bench/render.js'), bundle, ...process.argv.slice(2)]).stdout);
}

/** What analyze spends on definitions, apart from reading files. */
async function structure(work) {
  const bundle = join(work, 'structure.mjs');
  const contents = `export { inspect } from './src/structure/inspect.ts'; export { readText } from './src/gather/read.ts';`;
  // The CommonJS form of jsonc-parser hides its parts from bundlers.
  const mainFields = ['module', 'main'];
  await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields,
    outfile: bundle,
    banner,
  });
  return JSON.parse(timed([join(root, 'test/bench/structure.js'), bundle, '10000']).stdout);
}

/** All proxies of a mesh, whose number must not show in that of the requests. */
async function proxyStatus(work) {
  const bundle = join(work, 'fleet.mjs');
  const contents = `export { fleet } from './test/proxy-status/fleet.ts'; export { startSandbox } from './src/sandbox/server.ts';`;
  await build({ stdin: { contents, resolveDir: root }, bundle: true, platform: 'node', format: 'esm', outfile: bundle, banner });
  return JSON.parse(timed([join(root, 'test/bench/proxies.js'), bundle, bin, work, '100', '1000', '5000']).stdout);
}

/** A live cluster, whose number of objects shows in that of the requests by pages only. */
async function live(work) {
  const bundle = join(work, 'live.mjs');
  const contents = `export { largeMesh } from './test/gather/large-mesh.ts'; export { startSandbox } from './src/sandbox/server.ts';`;
  await build({ stdin: { contents, resolveDir: root }, bundle: true, platform: 'node', format: 'esm', outfile: bundle, banner });
  return JSON.parse(timed([join(root, 'test/bench/live.js'), bundle, bin, usage, work, '1000', '5000', '20000']).stdout);
}

/** Requests a second that come through from a log to standard output. */
async function tapping(work) {
  const bundle = join(work, 'tap.mjs');
  const contents = `export { loggingPod } from './test/tap/logging-pod.ts'; export { startSandbox } from './src/sandbox/server.ts';`;
  await build({ stdin: { contents, resolveDir: root }, bundle: true, platform: 'node', format: 'esm', outfile: bundle, banner });
  return JSON.parse(timed([join(root, 'test/bench/tap.js'), bundle, bin, work]).stdout);
}

const work = mkdtempSync(join(tmpdir(), 'meshctl-bench-'));
try {
  const report = {
    node: process.versions.node,
    startUp: startUp(work),
    analyze: SIZES.map((objects) => throughput(work, objects)),
    analyzeLive: await live(work),
    structure: await structure(work),
    inject: [1_000, 10_000].map((documents) => injection(work, documents)),
    proxyConfig: [1, 10, 50].map((mebibytes) => proxyConfig(work, mebibytes * 1024 * 1024)),
    render: await rendering(work),
    proxyStatus: await proxyStatus(work),
    tap: await tapping(work),
  };
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

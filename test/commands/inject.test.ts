/** `meshctl inject` and `uninject` against the sandbox: through the real door to clusters, and with kubectl. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { type MemoryOptions, memoryHost } from '../../src/host/memory.ts';
import { itemsAt, stringAt } from '../../src/model/body.ts';
import { scenarios } from '../../src/sandbox/scenarios/index.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import type { KubeObject } from '../../src/sandbox/store/object.ts';
import { until } from '../sandbox/api.ts';

const schema = JSON.parse(readFileSync(new URL('../../schemas/output/inject-report.json', import.meta.url), 'utf8'));
const isValid = new Ajv2020({ allErrors: true }).compile(schema);

const KUBECTL = 'kubectl';
const hasKubectl = spawnSync(KUBECTL, ['version', '--client'], { timeout: 20_000 }).status === 0;
if (!hasKubectl) console.warn('\n*** kubectl IS NOT ON THE PATH: INJECT IS NOT TESTED WITH IT ***\n');

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web # the shop window
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: "web:1"
`;

interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

async function meshctl(sandbox: Sandbox, args: readonly string[], more: MemoryOptions = {}): Promise<Ran> {
  const host = memoryHost({
    args,
    env: { KUBECONFIG: '/kube' },
    now: Date.now(),
    ...more,
    files: { '/kube': sandbox.kubeconfig(), 'web.yaml': WEB, ...more.files },
  });
  const exit = await main(host);
  return { exit, out: host.stdout(), err: host.stderr() };
}

function sandboxOf(name: string): { sandbox(): Sandbox } {
  let started: Sandbox | undefined;
  beforeAll(async () => {
    const scenario = scenarios.find((each) => each.name === name);
    started = await startSandbox({ podStartMs: 20, ...scenario?.options() });
  });
  afterAll(() => started?.close());
  return {
    sandbox: () => {
      if (!started) throw new RangeError(name);
      return started;
    },
  };
}

const podOf = (sandbox: Sandbox, namespace: string): KubeObject | undefined =>
  sandbox.store.list('core/Pod', namespace).find(({ metadata }) => metadata.labels?.['app'] === 'web');

/** What injection decides about a pod, without what every pod has of its own. */
function injectionIn(pod: KubeObject | undefined): object {
  const { labels = {}, annotations = {} } = pod?.metadata ?? {};
  const { 'pod-template-hash': _, ...own } = labels;
  const mounts = (container: object): object => ({
    ...container,
    volumeMounts: itemsAt(container, 'volumeMounts').flatMap(({ item }) =>
      stringAt(item, 'name')?.startsWith('kube-api-access') ? [] : [item],
    ),
  });
  const containers = (field: string): readonly object[] => itemsAt(pod, 'spec', field).map(({ item }) => mounts(item));
  const volumes = itemsAt(pod, 'spec', 'volumes').flatMap(({ item }) =>
    stringAt(item, 'name')?.startsWith('kube-api-access') ? [] : [item],
  );
  return { labels: own, annotations, initContainers: containers('initContainers'), containers: containers('containers'), volumes };
}

describe('with a healthy Istio', { timeout: 60_000 }, () => {
  const { sandbox } = sandboxOf('bookinfo');
  const folder = mkdtempSync(join(tmpdir(), 'meshctl-inject-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Not the blocking kind: the sandbox answers from this process. */
  const kubectl = (args: readonly string[], input: string): Promise<string> =>
    new Promise((resolve) => {
      const kubeconfig = join(folder, 'kubeconfig');
      writeFileSync(kubeconfig, sandbox().kubeconfig());
      const child = execFile(KUBECTL, ['--kubeconfig', kubeconfig, ...args], { timeout: 30_000 }, (_, stdout, stderr) =>
        resolve(stdout + stderr),
      );
      child.stdin?.end(input);
    });

  it('injects what its webhook injects, and says so', async () => {
    const { exit, out, err } = await meshctl(sandbox(), ['inject', 'web.yaml', '-n', 'bookinfo']);
    expect({ exit, err }).toEqual({ exit: 0, err: 'injected    Deployment bookinfo/web\n' });
    expect(out).toContain('name: web # the shop window');
    const again = await meshctl(sandbox(), ['inject', '-', '-n', 'bookinfo'], { stdin: out });
    expect(again.out).toBe(out);
    expect(again.err).toMatch(/^unchanged {3}Deployment bookinfo\/web\n/);
    expect((await meshctl(sandbox(), ['uninject', '-'], { stdin: out })).out).toBe(WEB);
  });

  it.skipIf(!hasKubectl)('makes the pod that the webhook makes, applied by kubectl', async () => {
    for (const name of ['by-hand', 'by-webhook']) {
      const labels = name === 'by-webhook' ? { 'istio-injection': 'enabled' } : {};
      const namespace = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
      expect(await kubectl(['apply', '-f', '-'], namespace)).toBe(`namespace/${name} created\n`);
    }
    const { out } = await meshctl(sandbox(), ['inject', 'web.yaml']);
    expect(await kubectl(['apply', '-n', 'by-hand', '-f', '-'], out)).toBe('deployment.apps/web created\n');
    expect(await kubectl(['apply', '-n', 'by-webhook', '-f', '-'], WEB)).toBe('deployment.apps/web created\n');
    await until(() => podOf(sandbox(), 'by-hand') !== undefined && podOf(sandbox(), 'by-webhook') !== undefined);
    const hand = injectionIn(podOf(sandbox(), 'by-hand'));
    expect(itemsAt(hand, 'initContainers').map(({ item }) => item['name'])).toEqual(['istio-init', 'istio-proxy']);
    expect(hand).toEqual(injectionIn(podOf(sandbox(), 'by-webhook')));
  });

  it('shows what the webhooks of the server would do, and creates nothing', async () => {
    const before = sandbox().store.list('core/Pod', 'bookinfo').length;
    const { exit, out, err } = await meshctl(sandbox(), ['inject', '--server', 'web.yaml', '-n', 'bookinfo']);
    expect(exit).toBe(0);
    expect(err).toContain('Added init containers: istio-init, istio-proxy.');
    expect(out).toMatch(/^---\napiVersion: v1\nkind: Pod\nmetadata:\n {2}name: web-meshctl-preview\n {2}namespace: bookinfo\n/);
    expect(out).not.toContain('kube-api-access');
    const difference = await meshctl(sandbox(), ['inject', '--server', '--diff', 'web.yaml', '-n', 'bookinfo']);
    expect(difference.out).toContain('+    - name: istio-init\n');
    expect(difference.out).not.toMatch(/^-[^-]/m);
    const elsewhere = await meshctl(sandbox(), ['inject', '--server', 'web.yaml', '-n', 'default']);
    expect(elsewhere.err).toContain('unchanged   Deployment default/web\n            No webhook has added anything to its pods.\n');
    const nowhere = await meshctl(sandbox(), ['inject', '--server', 'web.yaml', '-n', 'absent']);
    expect(nowhere).toMatchObject({ exit: 1, out: '' });
    expect(nowhere.err).toContain('failed      Deployment absent/web\n');
    expect(sandbox().store.list('core/Pod', 'bookinfo')).toHaveLength(before);
  });

  it('explains why a pod has a proxy', async () => {
    const [pod] = sandbox().store.list('core/Pod', 'bookinfo');
    const { exit, out } = await meshctl(sandbox(), ['inject', '--explain', `pod/${pod?.metadata.name}`, '-n', 'bookinfo']);
    expect(exit).toBe(0);
    expect(out).toContain('labels of namespace bookinfo: istio-injection=enabled\n');
    expect(out).toContain(
      'Webhooks that are asked about such a pod\n  namespace.sidecar-injector.istio.io of istio-sidecar-injector, answered by istio-system/istiod\n',
    );
    expect(out).toContain('namespace label "istio-injection" is "enabled", and must not be there\n');
    expect(out).toContain('Istio: injects a proxy. The injector of revision "default" is asked about it, and nothing speaks against it.\n');
    const plane = sandbox()
      .store.list('core/Pod', 'istio-system')
      .find(({ metadata }) => metadata.name.startsWith('istiod'))?.metadata.name;
    const other = await meshctl(sandbox(), ['inject', '--explain', `pod/${plane}`, '-n', 'istio-system']);
    expect(other.out).toContain('No webhook is asked about such a pod\n');
    expect(other.out).toContain('Istio: injects no proxy. Its label or annotation "sidecar.istio.io/inject" is "false".');
    expect((await meshctl(sandbox(), ['inject', '--explain', 'pod/absent'])).exit).toBe(2);
  });

  it('marks a namespace after asking, and tells how its pods get there', async () => {
    const ask = await meshctl(sandbox(), ['inject', 'namespace/default']);
    expect(ask).toMatchObject({ exit: 2, out: '' });
    const declined = await meshctl(sandbox(), ['inject', 'ns/default'], { isTTY: true, columns: 300, typed: ['n'] });
    expect(declined.exit).toBe(1);
    expect(sandbox().store.get('core/Namespace', '', 'default')?.metadata.labels?.['istio-injection']).toBeUndefined();
    const agreed = await meshctl(sandbox(), ['inject', 'ns/default', '--revision', 'canary'], { isTTY: true, columns: 300, typed: ['y'] });
    expect(agreed.exit).toBe(0);
    expect(sandbox().store.get('core/Namespace', '', 'default')?.metadata.labels).toMatchObject({ 'istio.io/rev': 'canary' });
    await meshctl(sandbox(), ['inject', 'ns/default', '--yes']);
    const labels = sandbox().store.get('core/Namespace', '', 'default')?.metadata.labels;
    expect(labels).toMatchObject({ 'istio-injection': 'enabled' });
    expect(labels).not.toHaveProperty(['istio.io/rev']);
    const plane = await meshctl(sandbox(), ['inject', 'ns/istio-system', '--yes']);
    expect(plane.err).toMatch(/Then restart them: kubectl -n istio-system rollout restart deployment\/[\w-]+ deployment\/istiod\n/);
    expect((await meshctl(sandbox(), ['inject', 'ns/bookinfo', '--yes'])).err).toContain('None of its 6 pods lacks a proxy.\n');
    expect(await meshctl(sandbox(), ['inject', 'ns/absent', '--yes'])).toMatchObject({ exit: 2 });
  });

  it('reports as its schema says', async () => {
    const { err } = await meshctl(sandbox(), ['inject', 'web.yaml', 'agent.yaml', '--report', 'json'], {
      files: { 'agent.yaml': WEB.replace('    spec:\n', '    spec:\n      hostNetwork: true\n') },
    });
    const document = JSON.parse(err);
    isValid(document);
    expect(isValid.errors).toBeNull();
    expect(document).toMatchObject({
      mesh: 'istio',
      workloads: [{ action: 'injected' }, { action: 'skipped', reasons: [{ code: 'host-network' }] }],
    });
  });
});

describe('with a healthy Linkerd', { timeout: 60_000 }, () => {
  const { sandbox } = sandboxOf('emojivoto');

  it('annotates, as the webhook adds the proxy', async () => {
    const { exit, out, err } = await meshctl(sandbox(), ['inject', 'web.yaml', '-n', 'emojivoto']);
    expect({ exit, err }).toEqual({ exit: 0, err: 'annotated   Deployment emojivoto/web\n' });
    expect(out).toBe(WEB.replace('app: web}\n    spec', 'app: web}\n      annotations:\n        linkerd.io/inject: enabled\n    spec'));
  });

  it('adds the proxy manually that the webhook adds', async () => {
    const { out } = await meshctl(sandbox(), ['inject', '--manual', 'web.yaml', '-n', 'emojivoto', '--report', 'json=report.json']);
    const server = await meshctl(sandbox(), ['inject', '--server', 'web.yaml', '-n', 'emojivoto']);
    const proxyIn = (text: string): string => /- name: LINKERD2_PROXY_CORES[\s\S]*?LINKERD2_PROXY_POLICY_SVC_NAME/.exec(text)?.[0] ?? '';
    const lines = (text: string): readonly string[] => text.split('\n').map((line) => line.trim());
    // The server writes down the version of the field that a reference means.
    expect(lines(proxyIn(out))).toEqual(lines(proxyIn(server.out)).filter((line) => line !== 'apiVersion: v1'));
    expect((await meshctl(sandbox(), ['uninject', '-'], { stdin: out })).out).toBe(WEB);
  });

  it('explains what the annotation of a namespace does', async () => {
    const [pod] = sandbox().store.list('core/Pod', 'emojivoto');
    const { out } = await meshctl(sandbox(), ['inject', '--explain', `pod/${pod?.metadata.name}`, '-n', 'emojivoto']);
    expect(out).toContain('Linkerd: injects a proxy. The annotation "linkerd.io/inject" asks for it, and nothing speaks against it.\n');
  });
});

describe('with a healthy Kuma', { timeout: 60_000 }, () => {
  const { sandbox } = sandboxOf('kuma');

  it('labels, and tells what its webhook does', async () => {
    const { exit, out } = await meshctl(sandbox(), ['inject', 'web.yaml', '-n', 'kuma-demo']);
    expect(exit).toBe(0);
    expect(out).toContain('kuma.io/sidecar-injection: enabled');
    const [pod] = sandbox().store.list('core/Pod', 'kuma-demo');
    const { out: told } = await meshctl(sandbox(), ['inject', '--explain', `pod/${pod?.metadata.name}`, '-n', 'kuma-demo']);
    expect(told).toMatch(/Kuma: injects (?:a|no) proxy\. /);
  });
});

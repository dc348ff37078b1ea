import { describe, expect, it } from 'vitest';
import { details, is, namespace, plane, result } from './results.ts';

const AMBIENT = namespace('shop', 'istio.io/dataplane-mode: ambient');

interface Agent {
  readonly ready?: number;
  readonly wanted?: number;
  readonly version?: string;
}

const daemonSet = (name: string, labels: string, { ready = 3, wanted = 3, version = '1.30.0' }: Agent = {}): string => `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: ${name}, namespace: istio-system, labels: { ${labels} } }
spec: { template: { spec: { containers: [{ name: agent, image: "agent:${version}-distroless" }] } } }
status: { desiredNumberScheduled: ${wanted}, numberReady: ${ready} }
---`;
const cni = (agent?: Agent): string => daemonSet('istio-cni-node', 'k8s-app: istio-cni-node', agent);
const ztunnel = (agent?: Agent): string => daemonSet('ztunnel', 'app.kubernetes.io/name: ztunnel', agent);

const pod = (name: string, more = '', spec = 'containers: [{ name: cart, image: "cart:1" }]'): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, ${more} }
spec: { nodeName: node-1, ${spec} }
status: { phase: Running, containerStatuses: [{ name: cart, ready: true }] }
---`;
const CAPTURED = 'annotations: { ambient.istio.io/redirection: enabled }';

describe.each([
  ['ambient-cni-ready', cni, 'istio-cni'],
  ['ambient-ztunnel-ready', ztunnel, 'ztunnel'],
] as const)('istio/%s', (id, agent, name) => {
  it('is silent where ambient mode is not in use, and when all nodes have the agent', async () => {
    expect(await is(id, namespace('shop', 'istio-injection: enabled'))).toBe('ok');
    expect(await is(id, AMBIENT + agent())).toBe('ok');
  });

  it('finds that it is missing', async () => {
    const found = await result(id, AMBIENT);
    expect([found.is, found.reason]).toEqual(['failed', expect.stringContaining(`no DaemonSet "${name}"`)]);
    expect(await is(id, namespace('other') + pod('cart-1', 'labels: { istio.io/dataplane-mode: ambient }'))).toBe('failed');
  });

  it('warns while a node waits for it, and fails where none has it, or its pod is broken', async () => {
    expect(await is(id, AMBIENT + agent({ ready: 2 }))).toBe('warning');
    expect(await is(id, AMBIENT + agent({ ready: 0 }))).toBe('failed');
    const broken = (created: string): string => `
apiVersion: v1
kind: Pod
metadata:
  name: agent-1
  namespace: istio-system
  creationTimestamp: "${created}"
  ownerReferences: [{ kind: DaemonSet, name: ${name === 'ztunnel' ? name : 'istio-cni-node'} }]
spec: { nodeName: node-7 }
status: { phase: Running, containerStatuses: [{ name: agent, ready: false, state: { waiting: { reason: CrashLoopBackOff } } }] }
---`;
    expect(await details(id, AMBIENT + agent({ ready: 2 }) + broken('2026-01-01T10:00:00Z'))).toEqual([
      expect.stringContaining('It is ready on 2 of 3 nodes.'),
      'agent-1: Container "agent" is not ready (CrashLoopBackOff). Its node is "node-7".',
    ]);
    expect(await is(id, AMBIENT + agent({ ready: 2 }) + broken('2026-01-01T11:59:00Z'))).toBe('warning');
  });

  it('finds that no node takes it', async () => {
    expect(await is(id, AMBIENT + agent({ ready: 0, wanted: 0 }))).toBe('failed');
  });
});

describe('istio/ambient-pods-captured', () => {
  it('finds a pod that is not captured, and names its node', async () => {
    const found = await result('ambient-pods-captured', AMBIENT + pod('cart-1') + pod('web-1', CAPTURED));
    expect(found).toMatchObject({
      is: 'failed',
      reason: '1 of 2 pods in ambient mode: not captured.',
      affected: [{ resource: { name: 'cart-1' } }],
    });
    expect(found.hint).toContain('spec.nodeName=node-1');
  });

  it.each([
    ['on the network of its node', pod('a', '', 'hostNetwork: true, containers: []')],
    ['with a sidecar', pod('a', 'annotations: { sidecar.istio.io/status: "{}" }')],
    ['that opts out', pod('a', 'labels: { istio.io/dataplane-mode: none }')],
    ['that has not started', pod('a').replace('ready: true', 'ready: false')],
    ['that has ended', pod('a').replace('phase: Running', 'phase: Succeeded')],
    ['of a gateway', pod('a', '', 'containers: [{ name: istio-proxy, image: auto }]')],
  ])('is silent about a pod %s', async (_, objects) => {
    expect(await is('ambient-pods-captured', AMBIENT + objects)).toBe('ok');
  });
});

describe('istio/ambient-pods-without-sidecar', () => {
  const sidecar = 'annotations: { sidecar.istio.io/status: "{}" }';
  it('finds a pod with both, and no gateway', async () => {
    expect(await details('ambient-pods-without-sidecar', AMBIENT + pod('cart-1', sidecar))).toEqual([
      'cart-1: It is labelled for ambient mode, and has a sidecar.',
    ]);
    expect(await is('ambient-pods-without-sidecar', AMBIENT + pod('in-1', sidecar, 'containers: [{ name: istio-proxy, image: p }]'))).toBe(
      'ok',
    );
    expect(await is('ambient-pods-without-sidecar', namespace('shop') + pod('cart-1', sidecar))).toBe('ok');
  });
});

describe('istio/versions-ambient-agents-close', () => {
  it('warns of agents more than one minor version away', async () => {
    const id = 'versions-ambient-agents-close';
    expect(await details(id, plane() + ztunnel({ version: '1.28.3' }) + cni())).toEqual(['ztunnel: It is 1.28.3.']);
    expect(await is(id, plane() + ztunnel({ version: '1.29.3' }) + cni({ version: '1.31.0' }))).toBe('ok');
    expect(await is(id, plane() + ztunnel({ version: 'latest' }))).toBe('ok');
    const two = plane() + plane({ name: 'istiod-old', revision: 'old', version: '1.28.0' });
    expect(await is(id, two + ztunnel({ version: '1.28.3' }))).toBe('ok');
  });
});

const waypoint = (conditions: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: waypoint, namespace: shop }
spec: { gatewayClassName: istio-waypoint }
status: { conditions: [${conditions}] }
---`;
const PROGRAMMED = '{ type: Programmed, status: "True" }';
const deployment = (ready: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: waypoint, namespace: shop, labels: { gateway.networking.k8s.io/gateway-name: waypoint } }
spec: { replicas: 2 }
status: { readyReplicas: ${ready} }
---`;

describe('istio/ambient-waypoints-ready', () => {
  const trouble = (objects: string): Promise<readonly (string | undefined)[]> => details('ambient-waypoints-ready', objects);

  it('finds one that is not programmed, or whose pods are not ready', async () => {
    expect(await trouble(waypoint('{ type: Programmed, status: "False", message: "No address." }'))).toEqual([
      'waypoint: It is not programmed: No address.',
    ]);
    expect(await trouble(waypoint(''))).toEqual(['waypoint: It is not programmed.']);
    expect(await trouble(waypoint(PROGRAMMED) + deployment(1))).toEqual(['waypoint: Its Deployment "waypoint" has 1 of 2 replicas ready.']);
  });

  it('is silent about ready ones, other classes, and where there is none', async () => {
    expect(await trouble(waypoint(PROGRAMMED) + deployment(2))).toEqual([]);
    expect(await trouble(waypoint('').replace('istio-waypoint', 'other'))).toEqual([]);
    expect(await trouble('')).toEqual([]);
  });
});

describe('istio/ambient-waypoints-exist', () => {
  const named = (objects: string): Promise<readonly (string | undefined)[]> => details('ambient-waypoints-exist', objects);

  it('finds a label that names none, of whatever object', async () => {
    expect(await named(namespace('shop', 'istio.io/use-waypoint: waypoint'))).toEqual([
      'shop: Its label names waypoint "shop/waypoint", which does not exist.',
    ]);
    const service =
      'apiVersion: v1\nkind: Service\nmetadata: { name: cart, namespace: web, labels: { istio.io/use-waypoint: waypoint } }\n---';
    expect((await result('ambient-waypoints-exist', `${waypoint(PROGRAMMED)}\n${service}`)).hint).toContain(
      'kubectl -n web label service cart istio.io/use-waypoint-',
    );
  });

  it('is silent about one that exists, here or in another namespace, and about "none"', async () => {
    expect(await named(waypoint(PROGRAMMED) + namespace('shop', 'istio.io/use-waypoint: waypoint'))).toEqual([]);
    const shared = namespace('web', 'istio.io/use-waypoint: waypoint, istio.io/use-waypoint-namespace: shop');
    expect(await named(waypoint(PROGRAMMED) + shared)).toEqual([]);
    expect(await named(namespace('shop', 'istio.io/use-waypoint: none'))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/model/check.ts';
import type { AccessQuestion } from '../../src/model/cluster.ts';
import type { Kind, Resource } from '../../src/model/resource.ts';
import { NOW } from './facts.ts';
import { idsOf, judge, meshedPod, thing, told, workload } from './posture.ts';

const node = (name: string, info = '', more = ''): string => `
apiVersion: v1
kind: Node
metadata: { name: ${name} }
spec: { ${more} }
status:
  allocatable: { cpu: "2", memory: 4Gi }
  conditions: [{ type: Ready, status: "True" }]
  nodeInfo: { operatingSystem: linux, architecture: amd64, kernelVersion: 6.1.0-18-cloud-amd64, containerRuntimeVersion: "containerd://1.7.27"${info === '' ? '' : `, ${info}`} }
---`;

const namespace = (name: string, labels = '', annotations = ''): string =>
  thing('v1', 'Namespace', '', name, '', `labels: { ${labels} }, annotations: { ${annotations} }`);

/** Answers no to what the predicate forbids. */
const forbidding =
  (isForbidden: (question: AccessQuestion) => boolean) =>
  async (questions: readonly AccessQuestion[]): Promise<readonly { allowed: boolean }[]> =>
    questions.map((question) => ({ allowed: !isForbidden(question) }));

describe('every check before an installation', () => {
  it('is silent about an ordinary cluster that holds nothing', async () => {
    const objects =
      node('a') +
      namespace('kube-system') +
      thing('v1', 'ConfigMap', 'kube-system', 'extension-apiserver-authentication', 'data: { requestheader-client-ca-file: x }');
    for (const id of idsOf('pre', 'kubernetes/')) expect([id, ...(await told(id, objects))]).toEqual([id, 'ok']);
  });
});

describe('kubernetes/reads-permitted', () => {
  const reads: readonly Kind[] = ['core/Pod', 'core/Node', 'apps/Deployment', 'kuma.io/Mesh'];
  const kinds: Facts['kinds'] = async () =>
    new Map(
      reads.slice(0, 3).map((kind) => [kind, { kind, apiVersion: 'v1', plural: '', namespaced: kind !== 'core/Node', verbs: ['list'] }]),
    );
  const onlyIn = (home: string) => forbidding(({ namespace: within }) => within !== home);

  it('fails for want of permission in all namespaces', async () => {
    const result = await judge('kubernetes/reads-permitted', '', {
      reads,
      kinds,
      access: forbidding(({ kind }) => kind !== 'core/Pod' && kind !== 'apps/Deployment'),
    });
    expect(result).toMatchObject({ is: 'failed', reason: 'You may not list "Node" in all namespaces, so that other checks cannot judge.' });
    expect((await judge('kubernetes/reads-permitted', '', { reads, kinds })).reason).toBe('3 kinds in all namespaces.');
  });

  it('warns of what is limited with permission in the namespace asked about', async () => {
    const result = await judge('kubernetes/reads-permitted', '', { reads, kinds, namespace: 'shop', access: onlyIn('shop') });
    expect(result).toMatchObject({
      is: 'warning',
      reason:
        'Checks are limited to what can be read, and those of the control plane and of the cluster are skipped. You may list "Pod" and "Deployment" in namespace "shop" only. You may not list "Node".',
    });
  });

  it('fails when nothing can be read there either', async () => {
    expect(await judge('kubernetes/reads-permitted', '', { reads, kinds, namespace: 'shop', access: onlyIn('other') })).toMatchObject({
      is: 'failed',
      reason: expect.stringContaining('neither in all namespaces nor in namespace "shop"'),
    });
  });
});

describe('permissions for an installation', () => {
  it('are told by verb and kind', async () => {
    const access = forbidding(
      ({ kind, verb }) => kind === 'core/Namespace' || (kind === 'rbac.authorization.k8s.io/ClusterRole' && verb === 'delete'),
    );
    expect(await judge('kubernetes/cluster-objects-permitted', '', { access })).toMatchObject({
      is: 'failed',
      reason: 'You may not create or patch "Namespace". You may not delete "Namespace" and "ClusterRole".',
    });
    expect((await judge('kubernetes/definitions-permitted', '', { access })).is).toBe('ok');
  });

  it('only warn when an extension alone needs them', async () => {
    const access = forbidding(({ kind }) => kind === 'apiregistration.k8s.io/APIService');
    expect(await judge('kubernetes/cluster-objects-permitted', '', { access })).toMatchObject({
      is: 'warning',
      reason: `You may not create, patch or delete "APIService". Linkerd's viz, which brings one, could not be installed.`,
    });
  });

  it('are those of the namespace with -n, and include Secrets', async () => {
    const asked: AccessQuestion[] = [];
    const access = async (questions: readonly AccessQuestion[]): Promise<readonly { allowed: boolean }[]> => {
      asked.push(...questions);
      return questions.map(() => ({ allowed: true }));
    };
    await judge('kubernetes/workloads-permitted', '', { namespace: 'mesh', access });
    expect(new Set(asked.map((question) => question.namespace))).toEqual(new Set(['mesh']));
    expect((await judge('kubernetes/secrets-readable', '', { access: forbidding(({ verb }) => verb === 'get') })).is).toBe('failed');
  });
});

describe('nodes', () => {
  it('must take pods', async () => {
    const tainted = node('a', '', 'taints: [{ key: control-plane, effect: NoSchedule }]');
    const cordoned = node('b', '', 'unschedulable: true');
    expect(await told('kubernetes/nodes-schedulable', tainted + cordoned)).toEqual(['failed', 'a: It is tainted.', 'b: It is cordoned.']);
    expect(await told('kubernetes/nodes-schedulable', tainted + node('c'))).toEqual(['ok']);
    expect(await told('kubernetes/nodes-schedulable', node('a', '', 'taints: [{ key: x, effect: PreferNoSchedule }]'))).toEqual(['ok']);
  });

  it.each([
    ['3.10.0-1160.el7.x86_64', 'warning'],
    ['4.14.355-276.618.amzn2.x86_64', 'ok'],
    ['4.18.0-553.el8_10.x86_64', 'ok'],
    ['6.8.0-1015-gke', 'ok'],
    ['unknown', 'ok'],
  ])('with kernel %s: %s', async (kernel, is) => {
    expect(
      (
        await judge(
          'kubernetes/node-kernels-suited',
          node('a', `kernelVersion: "${kernel}"`).replace('kernelVersion: 6.1.0-18-cloud-amd64, ', ''),
        )
      ).is,
    ).toBe(is);
  });

  it('of the Red Hat family get a note on nftables', async () => {
    expect((await judge('kubernetes/node-kernels-suited', node('a', 'osImage: "Red Hat Enterprise Linux 9.4"'))).reason).toContain(
      'iptablesMode=nft',
    );
    expect((await judge('kubernetes/node-kernels-suited', node('a', 'osImage: "Ubuntu 24.04"'))).reason).not.toContain('nft');
  });

  it('must have an architecture that meshes are built for, but for Windows', async () => {
    const other = (name: string, architecture: string, system = 'linux'): string =>
      node(name)
        .replace('architecture: amd64', `architecture: ${architecture}`)
        .replace('operatingSystem: linux', `operatingSystem: ${system}`);
    expect(await told('kubernetes/node-architectures-suited', node('a') + other('b', 's390x'))).toEqual([
      'warning',
      'b: Its architecture is s390x.',
    ]);
    expect((await judge('kubernetes/node-architectures-suited', other('b', 'ppc64le'))).is).toBe('failed');
    expect((await judge('kubernetes/node-architectures-suited', node('a') + other('b', 'arm64') + other('c', 'riscv', 'windows'))).is).toBe(
      'ok',
    );
  });

  it('with Docker concern Linkerd alone', async () => {
    const docker = node('a').replace('containerd://1.7.27', 'docker://24.0.7');
    expect(await told('kubernetes/node-runtimes-suited', docker, { meshes: ['linkerd'] })).toEqual([
      'warning',
      'a: Its runtime is docker://24.0.7.',
    ]);
    expect((await judge('kubernetes/node-runtimes-suited', docker)).is).toBe('ok');
    expect((await judge('kubernetes/node-runtimes-suited', node('a'), { meshes: ['linkerd'] })).is).toBe('ok');
  });

  it('must show the right time', async () => {
    const lease = (name: string, skewMinutes: number): string =>
      thing(
        'coordination.k8s.io/v1',
        'Lease',
        'kube-node-lease',
        name,
        `spec: { renewTime: "${new Date(NOW + skewMinutes * 60_000).toISOString()}" }`,
      );
    const nodes = node('a') + node('b') + node('c');
    expect(await told('kubernetes/node-clocks-agree', nodes + lease('a', -1) + lease('b', 12) + lease('c', -7))).toEqual([
      'warning',
      'b: Its clock is 12 minutes ahead.',
      'c: Its clock is 7 minutes behind.',
    ]);
    const down = node('c').replace('status: "True"', 'status: "Unknown"');
    expect(await told('kubernetes/node-clocks-agree', node('a') + down + lease('a', 2) + lease('c', -60))).toEqual(['ok']);
  });
});

describe('kubernetes/resources-free', () => {
  const pod = (cpu: string, more = ''): string =>
    thing(
      'v1',
      'Pod',
      'shop',
      `p-${cpu}`,
      `spec: { nodeName: a, containers: [{ name: c, resources: { requests: { cpu: "${cpu}", memory: 1Gi } } }]${more} }\nstatus: { phase: Running }`,
    );

  it('warns when no node has room, unless the cluster grows by itself', async () => {
    expect(await judge('kubernetes/resources-free', node('a') + pod('1700m'))).toMatchObject({
      is: 'warning',
      reason: 'At the most 300m CPU and 3Gi memory are not requested on one node. Control planes want about 500m CPU and 1Gi memory.',
    });
    expect((await judge('kubernetes/resources-free', node('a') + pod('1400m'))).is).toBe('ok');
    const scaler = thing('v1', 'ConfigMap', 'kube-system', 'cluster-autoscaler-status');
    expect((await judge('kubernetes/resources-free', node('a') + pod('1700m') + scaler)).is).toBe('ok');
  });

  it('counts native sidecars with the containers, and init containers as far as they want more', async () => {
    const sidecar = ', initContainers: [{ name: s, restartPolicy: Always, resources: { requests: { cpu: 300m } } }]';
    expect((await judge('kubernetes/resources-free', node('a') + pod('1300m', sidecar))).is).toBe('warning');
    const init = ', initContainers: [{ name: i, resources: { requests: { cpu: 300m } } }]';
    expect((await judge('kubernetes/resources-free', node('a') + pod('1300m', init))).is).toBe('ok');
  });
});

describe('kubernetes/network-plugin-suited', () => {
  const agent = (name: string): string => workload('kube-system', name, { kind: 'DaemonSet' });
  const cilium = (data: string): string => agent('cilium') + thing('v1', 'ConfigMap', 'kube-system', 'cilium-config', `data: { ${data} }`);

  it('warns of what Cilium and Calico do before the proxy', async () => {
    expect(await told('kubernetes/network-plugin-suited', cilium('kube-proxy-replacement: "true"'))).toEqual([
      'warning',
      'cilium-config: Cilium replaces the address of a service in the socket of the application, before the proxy sees it.',
    ]);
    const exclusive = cilium('cni-exclusive: "true"');
    expect(
      await told('kubernetes/network-plugin-suited', exclusive + workload('istio-system', 'istio-cni-node', { kind: 'DaemonSet' })),
    ).toEqual(['warning', 'cilium-config: Cilium removes the configuration of other plugins, such as that of DaemonSet "istio-cni-node".']);
    const felix = (mode: string): string =>
      thing(
        'crd.projectcalico.org/v1',
        'FelixConfiguration',
        '',
        'default',
        `spec: { bpfEnabled: true, bpfConnectTimeLoadBalancing: ${mode} }`,
      );
    const asIs = async (mode: string): Promise<string> => {
      const found = {
        kind: 'crd.projectcalico.org/FelixConfiguration',
        namespace: '',
        name: 'default',
        apiVersion: 'crd.projectcalico.org/v1',
      };
      const body = { spec: { bpfEnabled: true, bpfConnectTimeLoadBalancing: mode } };
      const get = async (): Promise<Resource> => ({ ...found, namespaceGiven: false, labels: {}, annotations: {}, body }) as Resource;
      return (await judge('kubernetes/network-plugin-suited', felix(mode), { get })).is;
    };
    expect([await asIs('TCP'), await asIs('Disabled')]).toEqual(['warning', 'ok']);
  });

  it('is silent about Cilium as meshes want it, and names what it saw', async () => {
    expect(
      (await judge('kubernetes/network-plugin-suited', cilium('kube-proxy-replacement: "true", bpf-lb-sock-hostns-only: "true"'))).is,
    ).toBe('ok');
    expect((await judge('kubernetes/network-plugin-suited', cilium('cni-exclusive: "true", kube-proxy-replacement: "false"'))).is).toBe(
      'ok',
    );
    const kubernetes = thing('v1', 'Service', 'default', 'kubernetes', 'spec: { clusterIPs: [10.96.0.1, "fd00::1"] }');
    expect((await judge('kubernetes/network-plugin-suited', agent('calico-node') + kubernetes)).reason).toBe(
      '"Calico"; services have IPv4 and IPv6 addresses.',
    );
  });
});

describe('extensions of the API', () => {
  it('need the aggregation layer', async () => {
    const configMap = (data: string): string =>
      thing('v1', 'ConfigMap', 'kube-system', 'extension-apiserver-authentication', `data: { ${data} }`);
    expect((await judge('kubernetes/aggregation-enabled', configMap('client-ca-file: x'))).is).toBe('warning');
    expect((await judge('kubernetes/aggregation-enabled', '')).is).toBe('warning');
    expect((await judge('kubernetes/aggregation-enabled', configMap('requestheader-client-ca-file: x'))).is).toBe('ok');
  });

  it('must answer', async () => {
    const service = (status: string): string =>
      thing(
        'apiregistration.k8s.io/v1',
        'APIService',
        '',
        'v1.tap',
        `status: { conditions: [{ type: Available, status: "${status}", message: no answer }] }`,
      );
    expect(await told('kubernetes/api-services-available', service('False'))).toEqual(['warning', 'v1.tap: no answer']);
    expect((await judge('kubernetes/api-services-available', service('False'), { version: async () => 'v1.32.5-gke.100' })).hint).toContain(
      'private cluster of GKE',
    );
    expect(await told('kubernetes/api-services-available', service('True'))).toEqual(['ok']);
  });
});

describe('kubernetes/admission-webhooks-answered', () => {
  const webhook = (fields: string, resources = 'pods', group = ''): string =>
    thing(
      'admissionregistration.k8s.io/v1',
      'ValidatingWebhookConfiguration',
      '',
      'policy',
      `webhooks: [{ name: p.example.com, clientConfig: { service: { namespace: gone, name: policy } }, rules: [{ operations: [CREATE], apiGroups: ["${group}"], apiVersions: [v1], resources: [${resources}] }]${fields} }]`,
    );
  const service = thing('v1', 'Service', 'gone', 'policy');
  const slice = (ready: boolean): string =>
    thing(
      'discovery.k8s.io/v1',
      'EndpointSlice',
      'gone',
      'policy-x',
      `endpoints: [{ conditions: { ready: ${ready} } }]`,
      'labels: { kubernetes.io/service-name: policy }',
    );

  it('fails for a webhook that nobody answers', async () => {
    expect(await told('kubernetes/admission-webhooks-answered', webhook(''))).toEqual([
      'failed',
      'policy: It calls service "gone/policy", which does not exist.',
    ]);
    expect(
      await told('kubernetes/admission-webhooks-answered', webhook(', failurePolicy: Fail', '"*"', '*') + service + slice(false)),
    ).toEqual(['failed', 'policy: It calls service "gone/policy", which has no ready endpoint.']);
    expect((await judge('kubernetes/admission-webhooks-answered', webhook(''))).hint).toContain(
      'kubectl delete validatingwebhookconfiguration policy',
    );
  });

  it.each([
    ['that is answered', webhook('') + service + slice(true)],
    ['that is ignored when it fails', webhook(', failurePolicy: Ignore')],
    ['for kinds that no mesh brings', webhook('', 'certificates', 'cert-manager.io')],
    ['for labelled namespaces', webhook(', namespaceSelector: { matchLabels: { guarded: "true" } }')],
    ['for labelled objects', webhook(', objectSelector: { matchLabels: { guarded: "true" } }')],
  ])('is silent about one %s', async (_, objects) => {
    expect(await told('kubernetes/admission-webhooks-answered', objects)).toEqual(['ok']);
  });
});

describe('kubernetes/pod-security-permits-proxies', () => {
  const strict = namespace('shop', 'istio-injection: enabled, pod-security.kubernetes.io/enforce: baseline');
  const agent = workload('kube-system', 'istio-cni-node', { kind: 'DaemonSet' });

  it('warns of injection where NET_ADMIN is refused', async () => {
    expect(await told('kubernetes/pod-security-permits-proxies', strict)).toEqual([
      'warning',
      'shop: It enforces "baseline", and gets sidecars of Istio, which has no CNI plugin here.',
    ]);
    const linkerd = namespace('shop', 'pod-security.kubernetes.io/enforce: restricted', 'linkerd.io/inject: enabled');
    expect((await judge('kubernetes/pod-security-permits-proxies', linkerd + agent)).is).toBe('warning');
    const home = namespace('istio-system', 'pod-security.kubernetes.io/enforce: restricted');
    expect(await told('kubernetes/pod-security-permits-proxies', home + agent.replace('kube-system', 'istio-system'))).toEqual([
      'warning',
      'istio-system: It enforces "restricted", which refuses the pods of DaemonSet "istio-cni-node".',
    ]);
  });

  it('is silent with the CNI plugin, with "privileged", and where no sidecar is asked for', async () => {
    expect(await told('kubernetes/pod-security-permits-proxies', strict + agent)).toEqual(['ok']);
    expect(await told('kubernetes/pod-security-permits-proxies', strict.replace('baseline', 'privileged'))).toEqual(['ok']);
    const plain = await judge('kubernetes/pod-security-permits-proxies', strict.replace('istio-injection: enabled, ', ''));
    expect(plain).toEqual({ is: 'ok', reason: '1 namespace enforces "baseline": for sidecars there a mesh needs its CNI plugin.' });
  });
});

describe('kubernetes/limits-permit-proxies', () => {
  const istio = namespace('shop', 'istio-injection: enabled');
  const range = (limits: string): string =>
    thing('v1', 'LimitRange', 'shop', 'range', `spec: { limits: [{ type: Container, ${limits} }] }`);
  const quota = (hard: string, used = ''): string =>
    thing('v1', 'ResourceQuota', 'shop', 'quota', `status: { hard: { ${hard} }, used: { ${used} } }`);

  it('warns of what refuses the sidecar of Istio', async () => {
    expect(await told('kubernetes/limits-permit-proxies', istio + range('max: { cpu: 1 }'))).toEqual([
      'warning',
      "range: It allows at most 1 of cpu; Istio's sidecar has a limit of 2.",
    ]);
    expect((await told('kubernetes/limits-permit-proxies', istio + range('min: { memory: 256Mi }')))[1]).toContain('at least 256Mi');
    expect((await told('kubernetes/limits-permit-proxies', istio + quota('limits.memory: 2Gi', 'limits.memory: 1536Mi')))[1]).toBe(
      "quota: Of 2Gi for limits.memory, 1536Mi is used; Istio's sidecar adds 1Gi.",
    );
  });

  it('warns of quotas that refuse a sidecar of Linkerd, which states no resources', async () => {
    const linkerd = namespace('shop', '', 'linkerd.io/inject: enabled');
    expect(await told('kubernetes/limits-permit-proxies', linkerd + quota('requests.cpu: "4"'))).toEqual([
      'warning',
      'quota: It counts requests.cpu, and refuses a sidecar that states none.',
    ]);
    expect(
      await told('kubernetes/limits-permit-proxies', linkerd + quota('requests.cpu: "4"') + range('defaultRequest: { cpu: 100m }')),
    ).toEqual(['ok']);
    expect(await told('kubernetes/limits-permit-proxies', linkerd + quota('pods: "4"'))).toEqual(['ok']);
  });

  it('is silent about room enough, other namespaces, and where sidecars were admitted', async () => {
    expect(
      await told(
        'kubernetes/limits-permit-proxies',
        istio + range('max: { cpu: 4, memory: 8Gi }') + quota('limits.cpu: "8"', 'limits.cpu: "2"'),
      ),
    ).toEqual(['ok']);
    expect(await told('kubernetes/limits-permit-proxies', namespace('shop') + range('max: { cpu: 1 }'))).toEqual(['ok']);
    expect(await told('kubernetes/limits-permit-proxies', istio + range('max: { cpu: 1 }') + meshedPod('cart'))).toEqual(['ok']);
  });
});

describe('kubernetes/meshes-complete', () => {
  const definition = thing('apiextensions.k8s.io/v1', 'CustomResourceDefinition', '', 'gateways.networking.istio.io');
  const webhook = (config: string): string =>
    thing(
      'admissionregistration.k8s.io/v1',
      'MutatingWebhookConfiguration',
      '',
      'injector',
      `webhooks: [{ name: ns.sidecar-injector.istio.io, clientConfig: { ${config} } }]`,
    );
  const istiod = workload('istio-system', 'istiod');

  it('tells what a mesh left behind', async () => {
    const objects = definition + webhook('service: { name: istiod, namespace: istio-system }') + namespace('istio-system');
    expect(await told('kubernetes/meshes-complete', objects)).toEqual([
      'warning',
      'injector: It is a webhook of Istio.',
      'gateways.networking.istio.io: It is one of 1 definition of Istio.',
      'istio-system: Istio has no control plane here.',
    ]);
  });

  it('is silent about meshes that run, here or elsewhere, and about an empty namespace', async () => {
    expect(await judge('kubernetes/meshes-complete', definition + istiod)).toEqual({
      is: 'ok',
      reason: 'Installed: Istio in "istio-system".',
    });
    expect(await told('kubernetes/meshes-complete', definition + webhook('url: "https://istiod.example.com"'))).toEqual(['ok']);
    expect(await told('kubernetes/meshes-complete', namespace('istio-system') + namespace('linkerd'))).toEqual(['ok']);
  });
});

describe('kubernetes/namespaces-not-stuck', () => {
  const ending = (name: string, minutes: number): string =>
    thing(
      'v1',
      'Namespace',
      '',
      name,
      'status: { conditions: [{ type: NamespaceContentRemaining, status: "True", message: gateways are left }] }',
      `deletionTimestamp: "${new Date(NOW - minutes * 60_000).toISOString()}"`,
    );

  it('fails for one of a mesh, warns of others, and has patience', async () => {
    expect(await told('kubernetes/namespaces-not-stuck', ending('linkerd', 60))).toEqual(['failed', 'linkerd: gateways are left']);
    expect(await told('kubernetes/namespaces-not-stuck', ending('shop', 60))).toEqual(['warning', 'shop: gateways are left']);
    expect(await told('kubernetes/namespaces-not-stuck', ending('linkerd', 2))).toEqual(['ok']);
  });
});

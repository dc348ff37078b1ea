import { describe, expect, it } from 'vitest';
import { linkerdConfig, meshFacts, pod, problems, resultOf } from './mesh.ts';

const deployment = (name: string, replicas: number, status: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: linkerd-${name}
  namespace: linkerd
  labels: { linkerd.io/control-plane-component: ${name}, app.kubernetes.io/version: edge-25.10.1 }
spec: { replicas: ${replicas}, template: { spec: { serviceAccountName: linkerd-${name}, containers: [{ name: ${name} }] } } }
status: ${status}
`;

const componentPod = (status: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: linkerd-identity-1, namespace: linkerd, labels: { linkerd.io/control-plane-component: identity } }
spec: { containers: [{ name: identity }] }
status: ${status}
`;

describe('a healthy mesh', () => {
  it('has no problem but proxies that the made-up cluster cannot ask', async () => {
    const found = await problems();
    expect(Object.keys(found)).toEqual(['proxy-certificates-valid', 'proxy-control-plane-connected', 'proxy-protocols-detected']);
    expect(Object.values(found).map(({ is }) => is)).toEqual(['skipped', 'skipped', 'skipped']);
  });

  it('is found in a namespace of any name', async () => {
    const elsewhere = deployment('identity', 1, '{}').replace('namespace: linkerd', 'namespace: mesh');
    expect(await resultOf('control-plane-exists', { with: elsewhere })).toEqual({
      is: 'ok',
      reason: '"linkerd edge-25.10.1" and "mesh edge-25.10.1".',
    });
  });
});

describe('linkerd/control-plane-exists', () => {
  const without = ['Deployment linkerd-destination', 'Deployment linkerd-identity', 'Deployment linkerd-proxy-injector'];

  it('fails when pods depend on a control plane that is gone, and skips what needs one', async () => {
    const found = await problems({ without, mode: 'running' });
    expect(found['control-plane-exists']).toMatchObject({ is: 'failed', reason: expect.stringContaining('but 7 objects') });
    expect(found['issuer-valid']).toEqual({ is: 'skipped', reason: 'The check "linkerd/control-plane-exists" failed.' });
    expect(found['data-plane-proxies-ready']).toBeUndefined();
  });

  it('warns when only annotations are left, and still judges nothing that needs a control plane', async () => {
    const bare = { with: pod('emojivoto', 'web-1', { version: undefined }) };
    const left = [
      'Namespace linkerd',
      'Pod linkerd-',
      'Pod voting-1',
      'MutatingWebhookConfiguration linkerd-proxy-injector-webhook-config',
    ];
    const gone = [...without, ...left, ...['destination', 'identity', 'proxy-injector'].map((name) => `Pod linkerd-${name}-1`)];
    const found = await problems({ without: gone, ...bare, mode: 'running' });
    expect(found['control-plane-exists']?.is).toBe('warning');
    expect(found['data-plane-pods-injected']).toEqual({ is: 'skipped', reason: 'There is no control plane of Linkerd.' });
  });
});

describe('linkerd/control-plane-ready', () => {
  it('names a component that has no Deployment', async () => {
    expect(await resultOf('control-plane-ready', { without: ['Deployment linkerd-identity'] })).toMatchObject({
      is: 'failed',
      reason: 'No Deployment runs "linkerd/linkerd-identity".',
    });
  });

  it('fails for a component that is down, and warns of one that lacks a replica', async () => {
    const down = deployment('destination', 1, '{ conditions: [{ type: ReplicaFailure, status: "True", message: "quota exceeded." }] }');
    expect(await resultOf('control-plane-ready', { with: down })).toMatchObject({
      is: 'failed',
      affected: [{ detail: '0 of 1 replicas are ready. quota exceeded.' }],
      hint: 'Run "kubectl -n linkerd describe deployment linkerd-destination".',
    });
    const short = deployment('destination', 3, '{ readyReplicas: 2 }');
    expect((await resultOf('control-plane-ready', { with: short })).is).toBe('warning');
    expect((await resultOf('control-plane-ready', { with: deployment('destination', 0, '{}') })).affected?.[0]?.detail).toBe(
      'It is scaled to zero.',
    );
  });
});

describe('linkerd/control-plane-pods-healthy', () => {
  it('finds a container, or a native proxy, that is not ready', async () => {
    const crashing =
      '{ phase: Running, containerStatuses: [{ name: identity, ready: false, state: { waiting: { reason: CrashLoopBackOff } } }] }';
    expect((await resultOf('control-plane-pods-healthy', { with: componentPod(crashing) })).affected?.[0]?.detail).toBe(
      'Container "identity" is not ready (CrashLoopBackOff).',
    );
    const proxy =
      '{ phase: Running, containerStatuses: [{ name: identity, ready: true }], initContainerStatuses: [{ name: linkerd-proxy, ready: false }] }';
    expect((await resultOf('control-plane-pods-healthy', { with: componentPod(proxy) })).affected?.[0]?.detail).toBe(
      'Container "linkerd-proxy" is not ready.',
    );
  });

  it('warns of a restart in the last hour, and forgets older ones', async () => {
    const restarted = (at: string): string =>
      `{ phase: Running, containerStatuses: [{ name: identity, ready: true, lastState: { terminated: { reason: OOMKilled, finishedAt: "${at}" } } }] }`;
    const judge = async (at: string): Promise<string> =>
      (await resultOf('control-plane-pods-healthy', { with: componentPod(restarted(at)) })).is;
    expect([await judge('2026-01-01T11:30:00Z'), await judge('2026-01-01T10:30:00Z')]).toEqual(['warning', 'ok']);
  });

  it('leaves out pods that have ended', async () => {
    expect((await resultOf('control-plane-pods-healthy', { with: componentPod('{ phase: Failed, reason: Evicted }') })).is).toBe('ok');
  });
});

describe('linkerd/control-plane-pods-scheduled', () => {
  it('tells what the scheduler says', async () => {
    const waiting =
      '{ phase: Pending, conditions: [{ type: PodScheduled, status: "False", reason: Unschedulable, message: "0/3 nodes." }] }';
    expect(await resultOf('control-plane-pods-scheduled', { with: componentPod(waiting) })).toMatchObject({
      is: 'warning',
      affected: [{ detail: '0/3 nodes.' }],
    });
  });
});

describe('linkerd/control-plane-replicated', () => {
  it('judges installations for high availability only', async () => {
    expect((await resultOf('control-plane-replicated')).reason).toBe('It is not installed for high availability.');
    const config = linkerdConfig('highAvailability: true');
    const found = await resultOf('control-plane-replicated', {
      with: `${config}---${deployment('identity', 3, '{ availableReplicas: 3 }')}`,
    });
    expect(found).toMatchObject({ is: 'warning' });
    expect(found.affected?.map(({ resource, detail }) => `${resource.name}: ${detail}`)).toEqual([
      'linkerd-destination: 1 replica available.',
      'linkerd-proxy-injector: 1 replica available.',
    ]);
  });
});

describe('linkerd/control-plane-config-readable', () => {
  it('fails without the ConfigMap or without values, and skips what reads them', async () => {
    const gone = await problems({ without: ['ConfigMap linkerd-config'] });
    expect(gone['control-plane-config-readable']?.reason).toBe('ConfigMap "linkerd/linkerd-config" does not exist.');
    expect(gone['cluster-networks-hold-pods']?.is).toBe('skipped');
    const odd = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: linkerd-config, namespace: linkerd }\ndata: { values: "]" }\n';
    expect((await resultOf('control-plane-config-readable', { with: odd })).reason).toContain('holds no values');
  });
});

describe('what the control plane needs', () => {
  it('finds missing accounts; that of the heartbeat is a warning only', async () => {
    expect(await resultOf('control-plane-accounts-exist', { without: ['ServiceAccount linkerd-identity'] })).toMatchObject({
      is: 'failed',
      affected: [{ resource: { name: 'linkerd-identity' } }],
    });
    expect(await resultOf('control-plane-accounts-exist', { without: ['ServiceAccount linkerd-heartbeat'] })).toMatchObject({
      is: 'warning',
      affected: [{ resource: { kind: 'batch/CronJob' } }],
    });
    const silent = {
      without: ['ServiceAccount linkerd-heartbeat', 'CronJob linkerd-heartbeat'],
      with: linkerdConfig('disableHeartBeat: true'),
    };
    expect(await resultOf('control-plane-accounts-exist', silent)).toEqual({ is: 'ok', reason: '3 accounts; the heartbeat is disabled.' });
  });

  it('finds accounts without binding, and bindings without role, whatever their names', async () => {
    const unbound = await resultOf('control-plane-roles-bound', { without: ['ClusterRoleBinding linkerd-linkerd-identity'] });
    expect(unbound.affected).toMatchObject([{ detail: 'No ClusterRoleBinding names its ServiceAccount "linkerd-identity".' }]);
    const hollow = await resultOf('control-plane-roles-bound', { without: ['ClusterRole linkerd-linkerd-identity'] });
    expect(hollow.affected).toMatchObject([{ detail: 'Its ClusterRole "linkerd-linkerd-identity" does not exist.' }]);
  });

  it('names kinds that the version of the control plane watches and the cluster does not serve', async () => {
    const found = await resultOf('definitions-served', { served: ['policy.linkerd.io/Server'] });
    expect(found.reason).toContain('"linkerd.io/ServiceProfile", "policy.linkerd.io/ServerAuthorization"');
  });

  it('does not ask an old control plane for kinds of newer releases', async () => {
    const served = (await meshFacts().kinds()).keys();
    const older = [...served].filter((kind) => !/EgressNetwork|RateLimit/.test(kind));
    const dated = ['destination', 'identity', 'proxy-injector']
      .map((name) => deployment(name, 1, '{}').replace('edge-25.10.1', 'stable-2.14.10'))
      .join('---');
    expect((await resultOf('definitions-served', { served: older })).is).toBe('failed');
    expect((await resultOf('definitions-served', { served: older, with: dated })).is).toBe('ok');
  });

  it('finds an extension with two namespaces', async () => {
    const two = ['viz-a', 'viz-b'].map(
      (name) => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: { linkerd.io/extension: viz } }\n`,
    );
    expect((await resultOf('extension-namespaces-distinct', { with: two[0] ?? '' })).is).toBe('ok');
    expect((await resultOf('extension-namespaces-distinct', { with: two.join('---\n') })).affected).toHaveLength(2);
  });

  it('minds Docker only where the init container does not run as root and does the work itself', async () => {
    const node =
      'apiVersion: v1\nkind: Node\nmetadata: { name: old }\nstatus: { nodeInfo: { containerRuntimeVersion: "docker://20.10.1" } }\n';
    const judge = async (values: string): Promise<string> =>
      (await resultOf('proxy-init-privileged', { with: `${node}---${linkerdConfig(values)}` })).is;
    expect([await judge(''), await judge('proxyInit: { runAsRoot: true }'), await judge('cniEnabled: true')]).toEqual([
      'failed',
      'ok',
      'ok',
    ]);
  });
});

describe('the CNI plugin', () => {
  const agent = (ready: number): string => `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: linkerd-cni, namespace: linkerd-cni, labels: { linkerd.io/cni-resource: "true" } }
spec: { template: { spec: { serviceAccountName: linkerd-cni, containers: [{ name: install-cni }] } } }
status: { desiredNumberScheduled: 3, numberReady: ${ready} }
`;
  const parts = [
    ['v1', 'ConfigMap', 'linkerd-cni-config', 'linkerd-cni'],
    ['v1', 'ServiceAccount', 'linkerd-cni', 'linkerd-cni'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'linkerd-cni', ''],
    ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'linkerd-cni', ''],
  ].map(
    ([apiVersion, kind, name, namespace]) =>
      `\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: "${namespace}" }\n`,
  );

  it('is not missed where it is not used', async () => {
    expect(await resultOf('cni-installed')).toEqual({ is: 'ok', reason: 'The CNI plugin is not used.' });
    expect((await resultOf('cni-installed', { with: linkerdConfig('cniEnabled: true') })).is).toBe('failed');
  });

  it('is complete, and ready on every node', async () => {
    const whole = [agent(3), ...parts].join('---');
    expect(await resultOf('cni-installed', { with: whole })).toEqual({ is: 'ok', reason: 'DaemonSet "linkerd-cni/linkerd-cni".' });
    expect((await resultOf('cni-ready', { with: whole })).is).toBe('ok');
    expect(await resultOf('cni-installed', { with: agent(3) })).toMatchObject({
      is: 'failed',
      reason:
        'The CNI plugin lacks "ConfigMap linkerd-cni-config", "ServiceAccount linkerd-cni", "ClusterRole linkerd-cni" and "ClusterRoleBinding linkerd-cni".',
    });
    expect((await resultOf('cni-ready', { with: agent(2) })).affected?.[0]?.detail).toBe('2 of 3 pods are ready.');
  });
});

describe('what Linkerd asks of a cluster', () => {
  it('wants Kubernetes 1.31 before an installation, and warns the releases that need it', async () => {
    const version = async (): Promise<string> => 'v1.30.4-gke.1348000';
    expect((await resultOf('kubernetes-version-supported')).is).toBe('ok');
    expect((await resultOf('kubernetes-version-supported', { version, mode: 'pre' })).is).toBe('failed');
    expect((await resultOf('kubernetes-version-supported', { version, mode: 'running' })).reason).toContain('newer than the one installed');
  });

  it('wants the routes of Gateway API in v1, unless Linkerd has made them', async () => {
    const dated = (annotations: string): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: httproutes.gateway.networking.k8s.io, annotations: { ${annotations} } }
spec: { versions: [{ name: v1beta1, served: true }] }
`;
    expect((await resultOf('gateway-api-served')).reason).toBe('They are not those of Linkerd.');
    expect((await resultOf('gateway-api-served', { with: dated('') })).reason).toBe(
      '"httproutes.gateway.networking.k8s.io" does not serve v1.',
    );
    expect((await resultOf('gateway-api-served', { with: dated('linkerd.io/created-by: helm') })).is).toBe('ok');
    const missing = { without: ['CustomResourceDefinition grpcroutes.gateway.networking.k8s.io'] };
    expect((await resultOf('gateway-api-served', missing)).reason).toBe('"grpcroutes.gateway.networking.k8s.io" is not installed.');
  });

  it('says before an installation that there is one', async () => {
    expect((await resultOf('not-installed', { mode: 'pre' })).affected).toHaveLength(3);
    const without = ['Deployment linkerd-destination', 'Deployment linkerd-identity', 'Deployment linkerd-proxy-injector'];
    expect(await resultOf('not-installed', { mode: 'pre', without })).toEqual({ is: 'ok' });
  });
});

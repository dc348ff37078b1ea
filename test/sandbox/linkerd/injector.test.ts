/** What Linkerd's webhooks make of pods and services. */
import { describe, expect, it } from 'vitest';
import { itemsAt, stringAt } from '../../../src/model/body.ts';
import { skipReason, withOpaquePorts, withProxy, withTap } from '../../../src/sandbox/linkerd/injector.ts';
import type { KubeObject } from '../../../src/sandbox/store/object.ts';

const INJECT = 'linkerd.io/inject';
const ENABLED = { [INJECT]: 'enabled' };
const OPAQUE = 'config.linkerd.io/opaque-ports';

const pod = (annotations: Readonly<Record<string, string>> = {}, spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: '',
    generateName: 'web-abc-',
    namespace: 'shop',
    labels: { app: 'web', 'pod-template-hash': 'abc' },
    annotations,
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-abc', uid: 'u', controller: true, blockOwnerDeletion: true }],
  },
  spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 8080 }, { containerPort: 3306 }] }], ...spec },
});

const inject = (each: KubeObject, inherited: Readonly<Record<string, string>> = {}): KubeObject =>
  withProxy(each, { trustAnchors: 'PEM', inherited });
const proxyIn = (each: KubeObject): Record<string, unknown> | undefined =>
  itemsAt(each, 'spec', 'initContainers').find(({ item }) => item['name'] === 'linkerd-proxy')?.item;
const variable = (each: KubeObject, name: string): string | undefined =>
  stringAt(itemsAt(proxyIn(each), 'env').find(({ item }) => item['name'] === name)?.item, 'value');

describe('a pod', () => {
  it.each<readonly [own: string | undefined, inherited: string | undefined, spec: object, reason: string | undefined]>([
    ['enabled', undefined, {}, undefined],
    [undefined, 'enabled', {}, undefined],
    ['ingress', undefined, {}, undefined],
    ['enabled', 'disabled', {}, undefined],
    ['disabled', 'enabled', {}, 'injection_disable_annotation_present'],
    [undefined, undefined, {}, 'injection_enable_annotation_absent'],
    ['yes', undefined, {}, 'invalid_inject_annotation_at_workload'],
    [undefined, 'yes', {}, 'invalid_inject_annotation_at_ns'],
    ['enabled', undefined, { hostNetwork: true }, 'host_network_enabled'],
    ['enabled', undefined, { initContainers: [{ name: 'istio-proxy' }] }, 'sidecar_already_exists'],
  ])('that says %s in a namespace that says %s', (own, inherited, spec, reason) => {
    const asked = own === undefined ? {} : { [INJECT]: own };
    const home: Readonly<Record<string, string>> = inherited === undefined ? {} : { [INJECT]: inherited };
    expect(skipReason(pod(asked, spec), home)).toBe(reason);
    expect(proxyIn(inject(pod(asked, spec), home)) !== undefined).toBe(reason === undefined);
  });

  it('gets the proxy as a native sidecar behind the container that redirects to it', () => {
    const injected = inject(pod(ENABLED));
    expect(itemsAt(injected, 'spec', 'initContainers').map(({ item }) => [item['name'], item['restartPolicy']])).toEqual([
      ['linkerd-init', undefined],
      ['linkerd-proxy', 'Always'],
    ]);
    expect(injected.metadata.labels).toMatchObject({
      app: 'web',
      'linkerd.io/control-plane-ns': 'linkerd',
      'linkerd.io/proxy-deployment': 'web',
      'linkerd.io/workload-ns': 'shop',
    });
    expect(injected.metadata.annotations).toMatchObject({ 'linkerd.io/proxy-version': 'edge-26.8.3', [OPAQUE]: '3306' });
    expect(variable(injected, 'LINKERD2_PROXY_INBOUND_PORTS')).toBe('8080,3306');
    expect(variable(injected, 'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS')).toBe('PEM\n');
    // A second injection, as after a change of the webhooks' order, changes nothing.
    expect(inject(injected, ENABLED)).toEqual(injected);
  });

  it('inherits settings of its namespace, and its own ones win', () => {
    const inherited = { ...ENABLED, 'config.linkerd.io/proxy-log-level': 'debug', 'config.linkerd.io/proxy-cpu-request': '10m', team: 'a' };
    const injected = inject(pod({ 'config.linkerd.io/proxy-log-level': 'trace' }), inherited);
    expect(variable(injected, 'LINKERD2_PROXY_LOG')).toBe('trace');
    expect(proxyIn(injected)?.['resources']).toEqual({ requests: { cpu: '10m' } });
    expect(injected.metadata.annotations).toMatchObject({ ...ENABLED, 'config.linkerd.io/proxy-cpu-request': '10m' });
    expect(injected.metadata.annotations).not.toHaveProperty('team');
  });

  it('can be tapped when it has a proxy and nobody forbids it', () => {
    const name = 'LINKERD2_PROXY_TAP_SVC_NAME';
    const injected = inject(pod(ENABLED));
    const tapped = withTap(injected, {});
    expect(variable(tapped, name)).toBe('tap.linkerd-viz.serviceaccount.identity.linkerd.cluster.local');
    expect(withTap(tapped, {})).toBe(tapped);
    expect(variable(withTap(injected, { 'viz.linkerd.io/disable-tap': 'true' }), name)).toBeUndefined();
    expect(withTap(pod(), {})).toEqual(pod());
  });
});

describe('a service', () => {
  const service = (ports: readonly number[], annotations = {}): KubeObject => ({
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'db', annotations }, spec: { ports: ports.map((port) => ({ port })) } },
  });

  it.each<readonly [ports: readonly number[], own: object, inherited: Record<string, string>, opaque: string | undefined]>([
    [[80], {}, {}, undefined],
    [[80, 5432], {}, {}, '5432'],
    [[80], {}, { [OPAQUE]: '80' }, '80'],
    [[5432], { [OPAQUE]: '1' }, { [OPAQUE]: '80' }, '1'],
  ])('with ports %j, annotated %j in a namespace with %j', (ports, own, inherited, opaque) => {
    expect(withOpaquePorts(service(ports, own), inherited).metadata.annotations?.[OPAQUE]).toBe(opaque);
  });
});

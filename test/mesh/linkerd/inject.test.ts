import { describe, expect, it } from 'vitest';
import { inject } from '../../../src/mesh/linkerd/inject/index.ts';
import { at, itemsAt, stringAt, stringMapAt } from '../../../src/model/body.ts';
import type { InjectOutcome, InjectParameters } from '../../../src/model/inject.ts';
import type { Body } from '../../../src/model/resource.ts';
import { codes, file, injected, liveWith, parameters, requestFrom } from '../injection/requests.ts';

const VALUES = file('{ linkerdVersion: edge-26.8.3, identityTrustAnchorsPEM: "anchors" }');
const MANUAL: Partial<InjectParameters> = { manual: true, files: { values: VALUES } };

/** A Deployment with annotations and what else its pods have, in YAML's flow style. */
const web = (annotations = '{}', spec = '', container = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web }, annotations: ${annotations} }
    spec: { containers: [{ name: web, image: "web:1"${container && `, ${container}`} }]${spec && `, ${spec}`} }
`;

const shop = (annotations: string, labels = '{}'): string => `---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: ${labels}, annotations: ${annotations} }
`;

const annotationsOf = ({ object }: InjectOutcome) => stringMapAt(object, 'spec', 'template', 'metadata', 'annotations');

function container({ object }: InjectOutcome, list: 'containers' | 'initContainers', name: string): Body {
  return itemsAt(object, 'spec', 'template', 'spec', list).find(({ item }) => item['name'] === name)?.item ?? {};
}

const variable = (outcome: InjectOutcome, name: string, list: 'containers' | 'initContainers' = 'initContainers') =>
  stringAt(itemsAt(container(outcome, list, 'linkerd-proxy'), 'env').find(({ item }) => item['name'] === name)?.item, 'value');

describe('linkerd inject', () => {
  it('annotates for the injector, with flags as annotations', async () => {
    const outcome = await injected(inject, web(), {
      settings: { 'skip-outbound-ports': '3306', 'proxy-cpu-request': '100m', ingress: true },
    });
    expect(outcome.action).toBe('annotated');
    expect(annotationsOf(outcome)).toEqual({
      'linkerd.io/inject': 'ingress',
      'config.linkerd.io/skip-outbound-ports': '3306',
      'config.linkerd.io/proxy-cpu-request': '100m',
    });
  });

  it('says what a value of the control plane needs no annotation for', async () => {
    const live = liveWith(`
apiVersion: v1
kind: ConfigMap
metadata: { name: linkerd-config, namespace: linkerd }
data: { values: "proxy: { logLevel: debug }" }
`);
    const outcome = await injected(inject, web(), { live, settings: { 'proxy-log-level': 'debug', 'proxy.logFormat': 'json' } });
    expect(annotationsOf(outcome)).toEqual({ 'linkerd.io/inject': 'enabled', 'config.linkerd.io/proxy-log-format': 'json' });
    expect(outcome.reasons).toEqual([]);
  });

  it('annotates Namespaces, and Services with opaque ports only', async () => {
    const settings = { 'opaque-ports': '3306' };
    const namespace = await injected(inject, shop('{}'), { settings });
    expect(stringMapAt(namespace.object, 'metadata', 'annotations')).toEqual({
      'linkerd.io/inject': 'enabled',
      'config.linkerd.io/opaque-ports': '3306',
    });
    const service = 'apiVersion: v1\nkind: Service\nmetadata: { name: db, namespace: shop }\nspec: {}\n';
    const annotated = await injected(inject, service, { settings });
    expect(stringMapAt(annotated.object, 'metadata', 'annotations')).toEqual({ 'config.linkerd.io/opaque-ports': '3306' });
    expect((await injected(inject, service)).action).toBe('skipped');
  });

  it.each([
    ['host-network', 'skipped', web('{}', 'hostNetwork: true'), {}],
    ['disabled-by-annotation', 'skipped', web('{ linkerd.io/inject: disabled }'), {}],
    ['invalid-annotation', 'failed', web('{ linkerd.io/inject: "yes" }'), {}],
    ['other-sidecar', 'skipped', web('{}', 'initContainers: [{ name: istio-proxy }]'), {}],
    ['unsupported', 'skipped', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n', {}],
    [
      'no-service-account-token',
      'skipped',
      web('{}', 'automountServiceAccountToken: false'),
      { settings: { 'identity.serviceAccountTokenProjection': 'false' } },
    ],
    ['close-wait-needs-root', 'failed', web('{ config.linkerd.io/close-wait-timeout: 1h }'), {}],
    ['udp-ports', 'injected', web('{}', '', 'ports: [{ containerPort: 53, protocol: UDP }]'), {}],
    ['unknown-annotation', 'injected', web('{ config.linkerd.io/opaque-port: "3306" }'), {}],
    ['invalid-annotation', 'injected', web('{ config.linkerd.io/proxy-uid: root }'), {}],
  ])('tells of %s', async (code, action, yaml, given) => {
    const outcome = await injected(inject, yaml, { ...MANUAL, ...given });
    expect([codes(outcome), outcome.action]).toEqual([[code], action]);
  });

  it('names the annotation that does not work, and the one that was meant', async () => {
    const { reasons } = await injected(inject, web('{ config.linkerd.io/proxy-await: "true", config.linkerd.io/proxy-logs: x }'), MANUAL);
    expect(reasons.map(({ message }) => message)).toEqual([
      'The value "true" of annotation "config.linkerd.io/proxy-await" is not "enabled" or "disabled", and is passed over.',
      'Linkerd knows no annotation "config.linkerd.io/proxy-logs".',
    ]);
    const misspelled = await injected(inject, web('{ config.linkerd.io/proxy-log-levl: debug }'), MANUAL);
    expect(misspelled.reasons[0]?.message).toMatch(/Did you mean "config.linkerd.io\/proxy-log-level"\?$/);
  });

  it('takes annotations of the namespace, those of the workload before them, and flags before both', async () => {
    const home = shop(
      '{ config.linkerd.io/proxy-log-level: info, config.linkerd.io/access-log: json, config.linkerd.io/enable-gateway: "true" }',
    );
    const yaml = web('{ config.linkerd.io/proxy-log-level: debug, config.linkerd.io/proxy-uid: "7" }') + home;
    const outcome = await injected(inject, yaml, { ...MANUAL, settings: { 'proxy-uid': 9 } });
    expect(variable(outcome, 'LINKERD2_PROXY_LOG')).toMatch(/^debug,/);
    expect(variable(outcome, 'LINKERD2_PROXY_ACCESS_LOG')).toBe('json');
    expect(variable(outcome, 'LINKERD2_PROXY_INBOUND_GATEWAY_SUFFIXES')).toBeUndefined();
    expect(at(container(outcome, 'initContainers', 'linkerd-proxy'), ['securityContext', 'runAsUser'])).toBe(9);
    expect(annotationsOf(outcome)['config.linkerd.io/proxy-uid']).toBe('9');
  });

  it('writes numbers for the names of opaque ports, and tells of those that no container has', async () => {
    const ports = 'ports: [{ name: db, containerPort: 3307 }]';
    const outcome = await injected(inject, web('{ config.linkerd.io/opaque-ports: "db,4000-4010,nope" }', '', ports), MANUAL);
    expect(variable(outcome, 'LINKERD2_PROXY_INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION')).toBe('3307,4000-4010');
    expect(outcome.reasons[0]?.message).toMatch(/^The value "nope" of annotation "config.linkerd.io\/opaque-ports"/);
  });

  it('puts a proxy that is no native sidecar first, with hooks, and the debug container last', async () => {
    const annotations = `{ config.linkerd.io/proxy-enable-native-sidecar: "false", config.linkerd.io/enable-debug-sidecar: "true",
      config.alpha.linkerd.io/proxy-wait-before-exit-seconds: "5" }`;
    const outcome = await injected(inject, web(annotations, 'initContainers: [{ name: prepare }]'), MANUAL);
    const names = (list: string) => itemsAt(outcome.object, 'spec', 'template', 'spec', list).map(({ item }) => item['name']);
    expect(names('containers')).toEqual(['linkerd-proxy', 'web', 'linkerd-debug']);
    expect(names('initContainers')).toEqual(['prepare', 'linkerd-init']);
    const proxy = container(outcome, 'containers', 'linkerd-proxy');
    expect(at(proxy, ['lifecycle', 'preStop', 'exec', 'command'])).toEqual(['/bin/sleep', '5']);
    expect(at(proxy, ['lifecycle', 'postStart', 'exec', 'command', 0])).toBe('/usr/lib/linkerd/linkerd-await');
    expect(proxy['restartPolicy']).toBeUndefined();
  });

  it('validates the network in the place of the init container where the CNI plugin is', async () => {
    const outcome = await injected(inject, web(), { ...MANUAL, settings: { cniEnabled: 'true', registry: 'mirror.example/l5d/' } });
    expect(container(outcome, 'initContainers', 'linkerd-init')).toEqual({});
    expect(container(outcome, 'initContainers', 'linkerd-network-validator')['image']).toBe('mirror.example/l5d/proxy:edge-26.8.3');
    expect(itemsAt(outcome.object, 'spec', 'template', 'spec', 'volumes').map(({ item }) => item['name'])).toEqual([
      'linkerd-identity-end-entity',
      'linkerd-identity-token',
    ]);
  });

  it('merges additional variables by name, the workload last', async () => {
    const home = shop(`{ config.linkerd.io/proxy-additional-env: '[{"name":"A","value":"home"},{"name":"B","value":"home"}]' }`);
    const yaml = web(`{ config.linkerd.io/proxy-additional-env: '[{"name":"A","value":"own"}]' }`) + home;
    const outcome = await injected(inject, yaml, MANUAL);
    expect([variable(outcome, 'A'), variable(outcome, 'B')]).toEqual(['own', 'home']);
  });

  it('makes no proxy without anchors and version, and says where they are sought', async () => {
    await expect(inject.open(parameters({ manual: true }))).rejects.toThrow(
      'The proxy of Linkerd cannot be made without "identityTrustAnchorsPEM" and "linkerdVersion".',
    );
    await expect(inject.open(parameters({ manual: true, live: liveWith('') }))).rejects.toThrow(
      /^Namespace "linkerd" has no ConfigMap "linkerd-config"/,
    );
    const settings = { 'proxy-uid': 'root' };
    await expect(inject.open(parameters({ settings }))).rejects.toThrow('The value "root" of --proxy-uid is not a number.');
  });

  it('refuses values that the chart refuses', async () => {
    const open = (settings: InjectParameters['settings']) => inject.open(parameters({ ...MANUAL, settings }));
    await expect(open({ 'proxyInit.iptablesMode': 'ebpf' })).rejects.toThrow(
      'The value "ebpf" of "proxyInit.iptablesMode" is none of "nft" and "legacy".',
    );
    await expect(open({ 'proxy.tracing.enabled': 'true', 'proxy.tracing.collector.meshIdentity.namespace': 'a' })).rejects.toThrow(
      'Proxies that trace need "proxy.tracing.collector.endpoint". Proxies that trace need "proxy.tracing.collector.meshIdentity.serviceAccountName".',
    );
  });

  it('reads anchors of others from the ConfigMap that the control plane reads', async () => {
    const live = liveWith(`
apiVersion: v1
kind: ConfigMap
metadata: { name: linkerd-config, namespace: l5d }
data: { values: "linkerdVersion: edge-26.8.3" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: linkerd-identity-trust-roots, namespace: l5d }
data: { ca-bundle.crt: roots }
`);
    const outcome = await injected(inject, web(), { manual: true, live, controlPlaneNamespace: 'l5d' });
    expect(variable(outcome, 'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS')).toBe('roots\n');
    expect(variable(outcome, 'LINKERD2_PROXY_POLICY_SVC_ADDR')).toBe('linkerd-policy.l5d.svc.cluster.local.:8090');
  });

  it('tells of a mark that nobody sees', async () => {
    const outcome = await injected(inject, web() + shop('{}', '{ config.linkerd.io/admission-webhooks: disabled }'), {
      live: liveWith(''),
    });
    expect([outcome.action, codes(outcome)]).toEqual(['annotated', ['namespace-excluded', 'no-control-plane']]);
  });

  it('adds no mark to its own control plane, which is injected manually', async () => {
    const part = web().replace('labels: { app: web }', 'labels: { linkerd.io/control-plane-component: tap }');
    expect(codes(await injected(inject, part))).toEqual(['control-plane']);
    expect((await injected(inject, part, MANUAL)).action).toBe('injected');
  });
});

describe('linkerd uninject', () => {
  it('leaves a refusal, and says when the namespace brings the proxy back', () => {
    const refused = requestFrom(web('{ linkerd.io/inject: disabled }') + shop('{ linkerd.io/inject: enabled }'));
    expect(codes(inject.uninject(refused))).toEqual(['not-injected']);
    const marked = inject.uninject(requestFrom(web('{ linkerd.io/inject: enabled }') + shop('{ linkerd.io/inject: enabled }')));
    expect([marked.action, codes(marked)]).toEqual(['uninjected', ['namespace-enabled']]);
  });

  it('takes marks from Namespaces and leaves what they are', () => {
    const { object } = inject.uninject(requestFrom(shop('{ linkerd.io/inject: enabled }', '{ linkerd.io/extension: viz }')));
    expect(object?.['metadata']).toEqual({ name: 'shop', labels: { 'linkerd.io/extension': 'viz' } });
  });
});

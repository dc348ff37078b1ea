import { describe, expect, it } from 'vitest';
import {
  hasProxy,
  type InjectionOutcome,
  injection,
  isAmbientNamespace,
  isCapturedByZtunnel,
  proxyContainers,
} from '../../../src/mesh/istio/injection.ts';
import type { ResourceSet, SetOptions } from '../../../src/model/resource-set.ts';
import { type Workload, workloads } from '../../../src/model/workloads.ts';
import { setFrom } from '../../builders.ts';
import { webhooksOf, webhooksOfTag } from './chart-webhooks.ts';

type Labels = Readonly<Record<string, string>>;

interface PodParts {
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly spec?: Readonly<Record<string, unknown>>;
}

const pod = ({ namespace = 'shop', labels = {}, annotations = {}, spec = {} }: PodParts): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace, labels, annotations },
    spec: { containers: [{ name: 'web', image: 'web:1' }], ...spec },
  });

const namespace = (labels: Labels, name = 'shop'): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

const injectorConfig = (data: Labels, name = 'istio-sidecar-injector'): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'istio-system' }, data });

const BY_DEFAULT = injectorConfig({ values: '{"sidecarInjectorWebhook":{"enableNamespacesByDefault":true}}' });

function setOf(parts: readonly string[], options: SetOptions = {}): ResourceSet {
  return setFrom(parts.join('\n---\n'), options);
}

function onlyPod(set: ResourceSet): Workload {
  const found = set.derive(workloads).all[0];
  if (!found) throw new Error('no pod');
  return found;
}

const dataplaneOf = (parts: readonly string[], options?: SetOptions): string => {
  const set = setOf(parts, options);
  return set.derive(injection).dataplane(onlyPod(set));
};

const outcomeOf = (parts: readonly string[], options?: SetOptions): InjectionOutcome => {
  const set = setOf(parts, options);
  return set.derive(injection).onCreation(onlyPod(set));
};

const IN = 'sidecar.istio.io/inject';

/** What Istio's charts make of labels: the same whether their webhooks are in the input or only known. */
const BY_LABELS: readonly (readonly [namespaceLabels: Labels, podLabels: Labels, expected: string])[] = [
  [{}, {}, 'none'],
  [{}, { [IN]: 'true' }, 'sidecar'],
  [{}, { [IN]: 'false' }, 'none'],
  [{}, { 'istio.io/rev': 'canary' }, 'sidecar'],
  [{}, { 'istio.io/rev': 'canary', [IN]: 'false' }, 'none'],
  [{}, { 'istio.io/rev': 'canary', [IN]: 'true' }, 'sidecar'],
  [{}, { 'istio.io/rev': '' }, 'none'],
  [{ 'istio-injection': 'enabled' }, {}, 'sidecar'],
  [{ 'istio-injection': 'enabled' }, { [IN]: 'false' }, 'none'],
  [{ 'istio-injection': 'enabled' }, { [IN]: 'true' }, 'sidecar'],
  [{ 'istio-injection': 'enabled' }, { [IN]: 'False' }, 'sidecar'],
  [{ 'istio-injection': 'enabled', 'istio.io/rev': 'canary' }, {}, 'sidecar'],
  [{ 'istio-injection': 'disabled' }, {}, 'none'],
  [{ 'istio-injection': 'disabled' }, { [IN]: 'true' }, 'none'],
  [{ 'istio-injection': 'disabled' }, { 'istio.io/rev': 'canary' }, 'none'],
  [{ 'istio-injection': 'disabled', 'istio.io/rev': 'canary' }, {}, 'none'],
  [{ 'istio-injection': '' }, { [IN]: 'true' }, 'none'],
  [{ 'istio.io/rev': 'canary' }, {}, 'sidecar'],
  [{ 'istio.io/rev': 'canary' }, { [IN]: 'false' }, 'none'],
  [{ 'istio.io/rev': 'canary' }, { 'istio.io/rev': 'default' }, 'sidecar'],
  [{ 'istio.io/rev': '' }, { [IN]: 'true' }, 'none'],
  [{ 'istio.io/dataplane-mode': 'ambient' }, {}, 'ambient'],
  [{ 'istio.io/dataplane-mode': 'ambient' }, { [IN]: 'true' }, 'sidecar'],
  [{ 'istio.io/dataplane-mode': 'ambient' }, { [IN]: 'false' }, 'ambient'],
  [{ 'istio.io/dataplane-mode': 'ambient' }, { 'istio.io/dataplane-mode': 'none' }, 'none'],
  [{ 'istio.io/dataplane-mode': 'ambient', 'istio-injection': 'enabled' }, {}, 'sidecar'],
  [{ 'istio.io/dataplane-mode': 'ambient', 'istio-injection': 'enabled' }, { [IN]: 'false' }, 'ambient'],
  [{ 'istio.io/dataplane-mode': 'ambient', 'istio-injection': 'disabled' }, {}, 'ambient'],
  [{ 'istio.io/dataplane-mode': 'none' }, {}, 'none'],
  [{}, { 'istio.io/dataplane-mode': 'ambient' }, 'ambient'],
];

describe('the dataplane of a pod by labels', () => {
  it.each(BY_LABELS)('is, in namespace %j with pod %j, %s', (namespaceLabels, labels, expected) => {
    const objects = [namespace(namespaceLabels), pod({ labels })];
    expect(dataplaneOf(objects)).toBe(expected);
    expect(dataplaneOf([...objects, webhooksOf('default'), webhooksOf('canary')])).toBe(expected);
  });
});

describe('the dataplane of a pod', () => {
  const enabled = namespace({ 'istio-injection': 'enabled' });
  const proxy = { name: 'istio-proxy', image: 'proxyv2:1.30' };

  it('is a sidecar when the pod has one, whatever the labels say', () => {
    expect(dataplaneOf([namespace({}), pod({ spec: { containers: [proxy] } })])).toBe('sidecar');
    expect(dataplaneOf([namespace({}), pod({ labels: { [IN]: 'false' }, spec: { initContainers: [proxy] } })])).toBe('sidecar');
  });

  it('is ambient when ztunnel captured the pod', () => {
    expect(dataplaneOf([enabled, pod({ annotations: { 'ambient.istio.io/redirection': 'enabled' } })])).toBe('ambient');
    expect(dataplaneOf([namespace({}), pod({ annotations: { 'ambient.istio.io/redirection': 'pending' } })])).toBe('none');
  });

  it('is none on the host network and in system namespaces', () => {
    expect(dataplaneOf([enabled, pod({ spec: { hostNetwork: true } })])).toBe('none');
    expect(dataplaneOf([namespace({ 'istio.io/dataplane-mode': 'ambient' }), pod({ spec: { hostNetwork: true } })])).toBe('none');
    const labels = { 'istio-injection': 'enabled' };
    expect(dataplaneOf([namespace(labels, 'kube-system'), pod({ namespace: 'kube-system' })])).toBe('none');
  });

  it('follows the annotation where no label speaks', () => {
    expect(dataplaneOf([enabled, pod({ annotations: { [IN]: 'false' } })])).toBe('none');
    expect(dataplaneOf([enabled, pod({ annotations: { [IN]: 'false' }, labels: { [IN]: 'true' } })])).toBe('sidecar');
    expect(dataplaneOf([enabled, pod({ annotations: { [IN]: 'true' }, labels: { [IN]: 'false' } })])).toBe('none');
  });

  it('believes an annotation that asks for a sidecar, unless the webhooks show that nobody reads it', () => {
    const asking = pod({ annotations: { [IN]: 'true' } });
    expect(dataplaneOf([namespace({}), asking])).toBe('sidecar');
    expect(dataplaneOf([namespace({}), asking, webhooksOf()])).toBe('none');
    expect(dataplaneOf([namespace({ 'istio-injection': 'disabled' }), asking])).toBe('none');
  });

  it('is unknown while the namespace is, unless the pod decides', () => {
    const incomplete = { complete: false };
    expect(dataplaneOf([pod({})], incomplete)).toBe('unknown');
    expect(dataplaneOf([pod({})])).toBe('none');
    expect(dataplaneOf([pod({}), webhooksOf()], incomplete)).toBe('unknown');
    expect(dataplaneOf([pod({ labels: { [IN]: 'false' } })], incomplete)).toBe('none');
    expect(dataplaneOf([pod({ labels: { [IN]: 'true' } })], incomplete)).toBe('sidecar');
    expect(dataplaneOf([pod({ labels: { 'istio.io/dataplane-mode': 'ambient' } })], incomplete)).toBe('ambient');
  });

  it('follows the webhooks that are given, not the labels that charts would use', () => {
    expect(dataplaneOf([namespace({ 'istio.io/rev': 'gone' }), pod({}), webhooksOf('canary')])).toBe('none');
    expect(dataplaneOf([enabled, pod({}), webhooksOf('canary')])).toBe('none');
  });

  it('knows the name of a namespace as its label', () => {
    const byName = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata: { name: 'own' } };
    const selector = { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } };
    const webhooks = [{ name: 'own.sidecar-injector.istio.io', namespaceSelector: selector }];
    expect(dataplaneOf([namespace({}), pod({}), JSON.stringify({ ...byName, webhooks })])).toBe('sidecar');
  });

  it('is a sidecar by default where the installation says so', () => {
    for (const how of [BY_DEFAULT, webhooksOf('default', { byDefault: true })]) {
      expect(dataplaneOf([namespace({}), pod({}), how])).toBe('sidecar');
      expect(dataplaneOf([namespace({}), pod({ labels: { [IN]: 'false' } }), how])).toBe('none');
      expect(dataplaneOf([namespace({ 'istio-injection': 'disabled' }), pod({}), how])).toBe('none');
      expect(dataplaneOf([namespace({}, 'kube-system'), pod({ namespace: 'kube-system' }), how])).toBe('none');
    }
  });

  it('is that of its own cluster', () => {
    const set = setOf([enabled, pod({})]);
    const web = onlyPod(set);
    const remote: Workload = { ...web, resource: { ...web.resource, cluster: 'remote' } };
    expect(set.derive(injection).dataplane(remote)).toBe('none');
  });
});

describe('the injector', () => {
  const config = (text: string): string => injectorConfig({ config: text });
  const enabled = namespace({ 'istio-injection': 'enabled' });

  it.each([
    ['policy: enabled', {}, 'injected'],
    ['policy: disabled', {}, 'left-out'],
    ['policy: disabled', { labels: { [IN]: 'true' } }, 'injected'],
    ['policy: disabled', { annotations: { [IN]: 'true' } }, 'injected'],
    ['policy: disabled\nalwaysInjectSelector: [{matchLabels: {app: web}}]', { labels: { app: 'web' } }, 'injected'],
    ['policy: enabled\nneverInjectSelector: [{matchLabels: {app: web}}]', { labels: { app: 'web' } }, 'left-out'],
    ['policy: enabled\nneverInjectSelector: [{matchLabels: {app: web}}]', { labels: { app: 'web', [IN]: 'true' } }, 'injected'],
    ['policy: enabled\nneverInjectSelector: [{}]', {}, 'injected'],
    ['policy: enabled\nneverInjectSelector: nonsense', {}, 'injected'],
    ['not: [yaml', {}, 'injected'],
  ] as const)('with %j for pod %j says %s', (text, parts, expected) => {
    expect(outcomeOf([enabled, pod(parts), config(text)]).is).toBe(expected);
  });

  const revisionFor = (parts: readonly string[]): string | undefined => {
    const outcome = outcomeOf(parts);
    return outcome.is === 'injected' ? `${outcome.revision} ${outcome.config?.resource.name ?? 'unconfigured'}` : undefined;
  };
  const configs = [injectorConfig({}), injectorConfig({}, 'istio-sidecar-injector-1-20')];

  it('is that of the revision the labels name', () => {
    expect(revisionFor([...configs, enabled, pod({})])).toBe('default istio-sidecar-injector');
    expect(revisionFor([...configs, namespace({ 'istio.io/rev': '1-20' }), pod({})])).toBe('1-20 istio-sidecar-injector-1-20');
    expect(revisionFor([...configs, namespace({}), pod({ labels: { 'istio.io/rev': '1-20' } })])).toBe('1-20 istio-sidecar-injector-1-20');
    expect(revisionFor([...configs, namespace({ 'istio.io/rev': 'stable' }), pod({})])).toBe('stable unconfigured');
  });

  it('is that of the revision a tag points to', () => {
    const tags = [...configs, webhooksOf('1-20'), webhooksOfTag('stable', '1-20'), webhooksOfTag('default', '1-20')];
    expect(revisionFor([...tags, namespace({ 'istio.io/rev': 'stable' }), pod({})])).toBe('1-20 istio-sidecar-injector-1-20');
    expect(revisionFor([...tags, enabled, pod({})])).toBe('1-20 istio-sidecar-injector-1-20');
  });

  it('tells why it leaves a pod out', () => {
    const because = (parts: readonly string[]): string | undefined => {
      const outcome = outcomeOf(parts);
      return outcome.is === 'left-out' ? outcome.because : outcome.is;
    };
    expect(because([enabled, pod({ spec: { hostNetwork: true } })])).toBe('host-network');
    expect(because([enabled, pod({ namespace: 'kube-public' })])).toBe('system-namespace');
    expect(because([enabled, pod({ annotations: { [IN]: 'false' } })])).toBe('opted-out');
    expect(because([enabled, pod({}), config('policy: disabled')])).toBe('policy');
    expect(because([namespace({}), pod({})])).toBe('no-webhook');
  });
});

describe('the dataplane of a namespace', () => {
  it.each([
    [{}, 'none'],
    [{ 'istio-injection': 'enabled' }, 'sidecar'],
    [{ 'istio.io/rev': 'canary' }, 'sidecar'],
    [{ 'istio-injection': 'disabled', 'istio.io/dataplane-mode': 'ambient' }, 'ambient'],
    [{ 'istio.io/dataplane-mode': 'ambient' }, 'ambient'],
  ])('with labels %j is %s', (labels, expected) => {
    expect(
      setOf([namespace(labels)])
        .derive(injection)
        .namespaceDataplane('shop'),
    ).toBe(expected);
    expect(isAmbientNamespace(labels)).toBe(expected === 'ambient');
  });

  it('is unknown when the input does not hold the namespace', () => {
    expect(
      setOf([pod({})], { complete: false })
        .derive(injection)
        .namespaceDataplane('shop'),
    ).toBe('unknown');
  });
});

describe('proxy containers', () => {
  it('are found with their paths, also in templates', () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'gateway', namespace: 'shop' },
      spec: { template: { spec: { containers: [{ name: 'app' }, { name: 'istio-proxy', image: 'auto' }] } } },
    };
    const gateway = onlyPod(setOf([JSON.stringify(deployment)]));
    expect(proxyContainers(gateway)).toEqual([{ image: 'auto', path: ['spec', 'template', 'spec', 'containers', 1] }]);
    expect(hasProxy(gateway)).toBe(true);
    expect(isCapturedByZtunnel(gateway)).toBe(false);
  });

  it('do not count without an image', () => {
    expect(hasProxy(onlyPod(setOf([pod({ spec: { containers: [{ name: 'istio-proxy' }] } })])))).toBe(false);
  });
});

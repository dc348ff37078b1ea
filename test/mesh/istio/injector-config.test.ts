import { describe, expect, it } from 'vitest';
import { type InjectorConfigs, injectorConfigs } from '../../../src/mesh/istio/injector-config.ts';
import { setFrom } from '../../builders.ts';

interface Parts {
  readonly name?: string;
  readonly namespace?: string;
  readonly data?: unknown;
}

const configMap = ({ name = 'istio-sidecar-injector', namespace = 'istio-system', data = {} }: Parts): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });

const read = (...parts: Parts[]): InjectorConfigs => setFrom(parts.map(configMap).join('\n---\n')).derive(injectorConfigs);

describe('injector configurations', () => {
  it('belong to the revision that their name ends in', () => {
    const configs = read({}, { name: 'istio-sidecar-injector-1-30' }, { name: 'istio' }, { name: 'istio-sidecar-injectors' });
    expect(configs.all.map(({ revision }) => revision)).toEqual(['default', '1-30']);
    expect(configs.forRevision('1-30')?.resource.name).toBe('istio-sidecar-injector-1-30');
    expect(configs.forRevision('canary')).toBeUndefined();
  });

  it('of one name are told apart by the namespace of their control plane', () => {
    const configs = read({ namespace: 'blue' }, { namespace: 'green' });
    expect(configs.forRevision('default', 'green')?.resource.namespace).toBe('green');
    expect(configs.forRevision('default', 'red')?.resource.namespace).toBe('blue');
    expect(configs.forRevision('default')?.resource.namespace).toBe('blue');
  });

  it.each([
    ['{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}', true],
    ['{"sidecarInjectorWebhook": {"enableNamespacesByDefault": false}}', false],
    ['{"sidecarInjectorWebhook": {}}', false],
    ['{"sidecarInjectorWebhook": null}', false],
    ['{}', false],
    ['[]', false],
    ['{not json', false],
    [undefined, false],
    [7, false],
  ])('read from values %j whether namespaces are injected by default: %j', (values, expected) => {
    expect(read({ data: { values } }).forRevision('default')?.enableNamespacesByDefault).toBe(expected);
  });

  it('decide for pods that do not: never before always before the policy', () => {
    const config =
      'policy: disabled\nneverInjectSelector: [{matchLabels: {a: "1"}}]\nalwaysInjectSelector: [{matchExpressions: [{key: b, operator: Exists}]}]';
    const decide = read({ data: { config } }).forRevision('default')?.injectsByDefault;
    expect(decide?.({})).toBe(false);
    expect(decide?.({ b: '1' })).toBe(true);
    expect(decide?.({ a: '1', b: '1' })).toBe(false);
  });
});

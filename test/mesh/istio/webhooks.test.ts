import { describe, expect, it } from 'vitest';
import { injectionWebhooks, validationWebhooks } from '../../../src/mesh/istio/webhooks.ts';
import { setFrom } from '../../builders.ts';
import { webhooksOf, webhooksOfTag } from './chart-webhooks.ts';

const configuration = (name: string, labels: Record<string, string>, webhooks: unknown, kind = 'MutatingWebhookConfiguration'): string =>
  JSON.stringify({ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name, labels }, webhooks });

const injectors = (...yaml: string[]) => setFrom(yaml.join('\n---\n')).derive(injectionWebhooks);

describe('the revision of an injection webhook', () => {
  it.each([
    ['its control plane', webhooksOf(), 'default'],
    ['its control plane with a revision', webhooksOf('1-30'), '1-30'],
    ['the target of its tag', webhooksOfTag('stable', '1-30'), '1-30'],
    ['the target of the default tag', webhooksOfTag('default', '1-30'), '1-30'],
    ['the service it calls', configuration('a', {}, [{ name: 'a.istio.io', clientConfig: { service: { name: 'istiod-blue' } } }]), 'blue'],
    ['what it selects', configuration('a', {}, [{ name: 'a', objectSelector: { matchLabels: { 'istio.io/rev': 'blue' } } }]), 'blue'],
    ['the default when nothing says', configuration('a', {}, [{ name: 'sidecar-injector.istio.io' }]), 'default'],
  ])('is that of %s', (_, yaml, expected) => {
    expect([...new Set(injectors(yaml).map(({ revision }) => revision))]).toEqual([expected]);
  });
});

describe('injection webhooks', () => {
  it('are told from those of other products', () => {
    expect(injectors(configuration('linkerd', {}, [{ name: 'linkerd-proxy-injector.linkerd.io' }]))).toEqual([]);
    expect(injectors(configuration('istio-sidecar-injector-x', {}, [{ name: 'own.example.com' }]))).toHaveLength(1);
  });

  it('are told from webhooks for other objects', () => {
    const named = (rules: unknown) => injectors(configuration('a', {}, [{ name: 'a.istio.io', rules }])).length;
    expect(named([{ operations: ['CREATE'], resources: ['pods'] }])).toBe(1);
    expect(named([{ operations: ['*'], resources: ['*'] }])).toBe(1);
    expect(named([{ operations: ['DELETE'], resources: ['pods'] }])).toBe(0);
    expect(named([{ operations: ['CREATE'], resources: ['gateways'] }])).toBe(0);
  });

  it('tell where they are called, and which entry they are', () => {
    const [first, second] = injectors(
      configuration('a', {}, [
        { name: 'a.istio.io', clientConfig: { service: { name: 'istiod', namespace: 'istio-system' } } },
        { name: 'b.istio.io', clientConfig: { url: 'https://istiod.example.com' } },
      ]),
    );
    expect(first).toMatchObject({ service: { name: 'istiod', namespace: 'istio-system' }, url: undefined, path: ['webhooks', 0] });
    expect(second).toMatchObject({ service: undefined, url: 'https://istiod.example.com', path: ['webhooks', 1] });
  });

  it('are none of a malformed configuration', () => {
    expect(injectors(configuration('istio-sidecar-injector', {}, 'nonsense'))).toEqual([]);
    expect(injectors(configuration('istio-sidecar-injector', {}, [null, 'x', {}]))).toHaveLength(1);
  });
});

it('validation webhooks are those of the configurations that the charts name', () => {
  const kind = 'ValidatingWebhookConfiguration';
  const names = ['istiod-default-validator', 'istio-validator-istio-system', 'istio-validator-canary-istio-system', 'cert-manager-webhook'];
  const set = setFrom(names.map((name) => configuration(name, {}, [{ name: 'v' }], kind)).join('\n---\n'));
  expect(set.derive(validationWebhooks).map(({ resource }) => resource.name)).toEqual(names.slice(0, 3));
});

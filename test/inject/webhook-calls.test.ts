import { describe, expect, it } from 'vitest';
import { webhookCalls } from '../../src/inject/webhook-calls.ts';
import type { Body, Resource } from '../../src/model/resource.ts';
import { resourceOf } from '../../src/model/resource-of.ts';

const PODS = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }];
const object = (body: Body, name: string): Resource =>
  resourceOf({ ...body, metadata: { name, ...(body['metadata'] as object) } }, name, {
    clusterScoped: false,
    namespace: 'shop',
    namespaceGiven: true,
  });
const pod = object({ apiVersion: 'v1', kind: 'Pod', metadata: { labels: { app: 'web' } } }, 'web');
const home = object({ apiVersion: 'v1', kind: 'Namespace', metadata: { labels: { mesh: 'on' } } }, 'shop');

function told(webhook: Body): readonly unknown[] {
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    webhooks: [{ name: 'w', rules: PODS, ...webhook }],
  };
  return webhookCalls([object(configuration, 'injector')], pod, home).map(({ isAsked, because }) => [isAsked, ...because]);
}

const requirement = (key: string, operator: string, ...values: readonly string[]): Body => ({
  matchExpressions: [{ key, operator, values }],
});

describe('webhookCalls', () => {
  it.each([
    ['no selector', {}, [true]],
    ['the name of the namespace', { namespaceSelector: requirement('kubernetes.io/metadata.name', 'In', 'shop') }, [true]],
    [
      'a label that is another',
      { namespaceSelector: { matchLabels: { mesh: 'off' } } },
      [false, 'namespace label "mesh" is "on", and must be "off"'],
    ],
    [
      'a label that is missing',
      { objectSelector: requirement('inject', 'In', 'a', 'b') },
      [false, 'pod label "inject" is not there, and must be "a" or "b"'],
    ],
    [
      'a label that must not be so',
      { objectSelector: requirement('app', 'NotIn', 'web') },
      [false, 'pod label "app" is "web", and must not be'],
    ],
    [
      'a label that must be there',
      { objectSelector: requirement('inject', 'Exists') },
      [false, 'pod label "inject" is not there, and must be'],
    ],
    [
      'a label that must not be there',
      { objectSelector: requirement('app', 'DoesNotExist') },
      [false, 'pod label "app" is "web", and must not be there'],
    ],
    ['a condition', { matchConditions: [{ name: 'own', expression: 'true' }] }, [true, 'if its condition "own" holds']],
  ])('tells of %s', (_, webhook, expected) => {
    expect(told(webhook)).toEqual([expected]);
  });

  it('leaves out webhooks for something else than new pods', () => {
    expect(told({ rules: [{ ...PODS[0], resources: ['services'] }] })).toEqual([]);
    expect(told({ rules: [{ ...PODS[0], operations: ['UPDATE'] }] })).toEqual([]);
  });
});

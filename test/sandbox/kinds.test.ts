/** Built-in kinds by their structure, and custom kinds in several versions. */
import { describe, expect, it } from 'vitest';
import { at, listAt } from '../../src/model/body.ts';
import { BUILT_IN } from '../../src/sandbox/kinds/built-in.ts';
import { type FieldType, STRUCTURES } from '../../src/sandbox/kinds/structures/notation.ts';
import { type Api, configMap, definition, deployment, openSandbox } from './api.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const WIDGETS = (version: string): string => `/apis/example.org/${version}/namespaces/default/widgets`;
const MERGE = { 'content-type': 'application/merge-patch+json' };

const SCALARS = new Set(['string', 'bool', 'int32', 'int64', 'number', 'quantity', 'intOrString', 'time', 'bytes', 'any']);
const innermost = (type: FieldType): string => (type.is === 'name' ? type.name : innermost(type.of));

describe('the structures of built-in kinds', () => {
  it('name types that there are, and kinds that are served', () => {
    const unknown = [...STRUCTURES].flatMap(([name, { fields }]) =>
      [...fields]
        .filter(([, type]) => !SCALARS.has(innermost(type)) && !STRUCTURES.has(innermost(type)))
        .map(([field]) => `${name}.${field}`),
    );
    expect(unknown).toEqual([]);
    const served = new Set(BUILT_IN.map(({ group, version, kind }) => `${group === '' ? '' : `${group}/`}${version} ${kind}`));
    expect([...STRUCTURES.keys()].filter((name) => name.includes(' ') && !served.has(name))).toEqual([]);
  });

  it.each([
    ['a text for a number', { replicas: '2' }, 'string into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['a fraction', { replicas: 1.5 }, 'number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['a list for an object', { selector: [] }, 'array into Go struct field DeploymentSpec.spec.selector of type v1.LabelSelector'],
    [
      'an object for a list',
      { template: { spec: { containers: {} } } },
      'object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
    ],
    [
      'a number in a map of texts',
      { template: { metadata: { labels: { app: 1 } } } },
      'number into Go struct field ObjectMeta.spec.template.metadata.labels of type string',
    ],
    [
      'a number for a text in a list',
      { template: { spec: { containers: [{ name: 'c', image: 1 }] } } },
      'number into Go struct field Container.spec.template.spec.containers.image of type string',
    ],
  ])('refuse %s', async (_name, spec, message) => {
    const { call } = await openSandbox();
    expect(await call('POST', DEPLOYMENTS, { ...deployment('web'), spec })).toMatchObject({
      code: 400,
      body: {
        reason: 'BadRequest',
        message: `Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal ${message}`,
      },
    });
  });

  it('take what their types allow: texts or numbers, quantities, null', async () => {
    const { call } = await openSandbox();
    const resources = { limits: { cpu: 2, memory: '1Gi' } };
    const template = {
      metadata: { creationTimestamp: null, labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'c:1', resources }] },
    };
    const strategy = { rollingUpdate: { maxSurge: '10%', maxUnavailable: 1 } };
    const spec = { selector: { matchLabels: { app: 'web' } }, strategy, template };
    expect((await call('POST', `${DEPLOYMENTS}?fieldValidation=Strict`, { ...deployment('web'), spec })).code).toBe(201);
  });

  it('drop unknown fields, and tell of them as the client asks', async () => {
    const { call } = await openSandbox();
    const typo = { ...configMap('a', { dta: { x: '1' } }), metadata: { name: 'a', lables: {} } };
    expect((await call('POST', `${MAPS}?fieldValidation=Strict`, typo)).body['message']).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.lables", unknown field "dta"',
    );
    const made = await call('POST', MAPS, typo);
    expect([made.code, made.body['dta'], made.headers.get('warning')]).toEqual([
      201,
      undefined,
      '299 - "unknown field \\"metadata.lables\\"", 299 - "unknown field \\"dta\\""',
    ]);
    expect((await call('PATCH', `${MAPS}/a?fieldValidation=Ignore`, { dta: {} }, MERGE)).headers.get('warning')).toBeNull();
    const applied = await call('PATCH', `${MAPS}/a?fieldManager=m`, typo, { 'content-type': 'application/apply-patch+yaml' });
    expect([applied.code, applied.body['message']]).toEqual([
      500,
      'failed to create typed patch object (default/a; v1, Kind=ConfigMap): .metadata.lables: field not declared in schema',
    ]);
  });

  it('are in the OpenAPI documents, with all that they refer to', async () => {
    const { call } = await openSandbox();
    const { body } = await call('GET', '/openapi/v3/apis/apps/v1');
    const schemas = at(body, ['components', 'schemas']) as Record<string, object>;
    expect(schemas['DeploymentSpec']).toMatchObject({
      properties: { replicas: { type: 'integer', format: 'int32' } },
      required: ['selector', 'template'],
    });
    const references = [...JSON.stringify(body).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name);
    expect(references.filter((name) => !schemas[name])).toEqual([]);
  });

  it.each([
    ['/apis/policy/v1/namespaces/default/poddisruptionbudgets', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } }],
    [
      '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
      { spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'web' } } },
    ],
    ['/api/v1/namespaces/default/resourcequotas', { spec: { hard: { pods: '1', 'requests.cpu': 2 } } }],
    [
      '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
      { spec: { podSelector: {}, ingress: [{ ports: [{ port: 'http' }] }] } },
    ],
    ['/apis/coordination.k8s.io/v1/namespaces/default/leases', { spec: { holderIdentity: 'a', leaseDurationSeconds: 15 } }],
    [
      '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
      { spec: { failurePolicy: 'Fail', validations: [{ expression: 'true' }] } },
    ],
  ])('keep objects of %s', async (path, more) => {
    const { call } = await openSandbox();
    expect((await call('POST', `${path}?fieldValidation=Strict`, { metadata: { name: 'a' }, ...more })).code).toBe(201);
    expect((await call('GET', `${path}/a`)).body).toMatchObject(more);
  });
});

const schema = (properties: object): object => ({
  openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
});
const version = (name: string, properties: object, more: object = {}): object => ({
  name,
  served: true,
  storage: false,
  schema: schema(properties),
  ...more,
});

async function defined(versions: readonly object[], more: object = {}): Promise<Api & { readonly code: number; readonly reply: object }> {
  const api = await openSandbox();
  const whole = definition({}) as { readonly spec: object };
  const { code, body } = await api.call('POST', DEFINITIONS, { ...whole, spec: { ...whole.spec, versions, ...more } });
  return { ...api, code, reply: body };
}

describe('a custom kind in several versions', () => {
  const size = { size: { type: 'integer' } };

  it('shows the same object in each, by the schema of that version, and stores it in one', async () => {
    const { call, sandbox } = await defined([
      version('v1', { ...size, mode: { type: 'string', default: 'a' } }, { storage: true }),
      version('v1beta1', size),
      version('v1alpha1', size, { served: false }),
    ]);
    const widget = (apiVersion: string): object => ({ apiVersion, kind: 'Widget', metadata: { name: 'w' }, spec: { size: 1 } });
    expect((await call('POST', WIDGETS('v1beta1'), widget('example.org/v1beta1'))).body).toMatchObject({
      apiVersion: 'example.org/v1beta1',
    });
    expect(sandbox.store.get('example.org/Widget', 'default', 'w')?.apiVersion).toBe('example.org/v1');
    expect((await call('GET', `${WIDGETS('v1')}/w`)).body).toMatchObject({ apiVersion: 'example.org/v1', spec: { size: 1, mode: 'a' } });
    expect(listAt((await call('GET', WIDGETS('v1beta1'))).body, 'items')).toMatchObject([
      { apiVersion: 'example.org/v1beta1', spec: { size: 1 } },
    ]);
    expect((await call('GET', WIDGETS('v1alpha1'))).code).toBe(404);
    // The version that a client writes in is no change, and what another version alone knows is dropped.
    const label = async (name: string, value: string): Promise<unknown> => {
      const { body } = await call('PATCH', `${WIDGETS(name)}/w`, { metadata: { labels: { a: value } } }, MERGE);
      return [at(body, ['metadata', 'generation']), body['spec']];
    };
    expect(await label('v1beta1', '1')).toEqual([1, { size: 1 }]);
    expect(await label('v1', '2')).toEqual([2, { size: 1, mode: 'a' }]);
    expect(await label('v1beta1', '3')).toEqual([3, { size: 1 }]);
  });

  it('remembers the versions that objects were stored in', async () => {
    const { call } = await defined([version('v1', size, { storage: true })]);
    const patch = (versions: readonly object[]): ReturnType<Api['call']> =>
      call('PATCH', `${DEFINITIONS}/widgets.example.org`, { spec: { versions } }, MERGE);
    const both = [version('v1', size), version('v2', size, { storage: true })];
    expect((await patch(both)).body).toMatchObject({ status: { storedVersions: ['v1', 'v2'] } });
    expect((await patch(both.slice(1))).body['message']).toContain(
      'status.storedVersions[0]: Invalid value: "v1": must appear in spec.versions',
    );
  });

  it('is not converted by a webhook, which is said', async () => {
    const { code, reply } = await defined([version('v1', size, { storage: true })], { conversion: { strategy: 'Webhook' } });
    expect([code, at(reply, ['message'])]).toEqual([
      422,
      expect.stringContaining('the sandbox converts between versions by strategy "None" only'),
    ]);
  });

  it('scales by the paths that its definition names', async () => {
    const replicas = { count: { type: 'integer' } };
    const scale = { specReplicasPath: '.spec.count', statusReplicasPath: '.status.count' };
    const { call } = await defined([version('v1', replicas, { storage: true, subresources: { scale } })]);
    await call('POST', WIDGETS('v1'), { metadata: { name: 'w' }, spec: { count: 1 } });
    expect((await call('PATCH', `${WIDGETS('v1')}/w/scale`, { spec: { replicas: 4 } }, MERGE)).body).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 4 },
    });
    expect((await call('GET', `${WIDGETS('v1')}/w`)).body['spec']).toEqual({ count: 4 });
  });

  it('merges lists as its schema says, keeps what it must and takes numbers or texts', async () => {
    const items = { type: 'object', properties: { name: { type: 'string' }, value: { type: 'string' } } };
    const properties = {
      rows: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items },
      tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      port: { 'x-kubernetes-int-or-string': true },
    };
    const { call } = await defined([version('v1', properties, { storage: true })]);
    const apply = (manager: string, spec: object): ReturnType<Api['call']> =>
      call(
        'PATCH',
        `${WIDGETS('v1')}/w?fieldManager=${manager}`,
        { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: 'w' }, spec },
        { 'content-type': 'application/apply-patch+yaml' },
      );
    await apply('one', { rows: [{ name: 'a', value: '1' }], tags: ['x'], free: { any: { thing: 1 } }, port: 'http' });
    const { body } = await apply('two', { rows: [{ name: 'b', value: '2' }], tags: ['y'] });
    expect(body['spec']).toEqual({
      rows: [
        { name: 'a', value: '1' },
        { name: 'b', value: '2' },
      ],
      tags: ['x', 'y'],
      free: { any: { thing: 1 } },
      port: 'http',
    });
  });
});

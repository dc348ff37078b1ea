import { describe, expect, it } from 'vitest';
import { at, listAt } from '../../src/model/body.ts';
import { configMap, definition, deployment, openSandbox } from './api.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

describe('the sandbox', () => {
  it('creates, reads, replaces and deletes, and says what is wrong in the words of Kubernetes', async () => {
    const { call } = await openSandbox();
    const created = await call('POST', MAPS, configMap('a', { data: { x: '1' } }));
    expect([created.code, at(created.body, ['metadata', 'namespace'])]).toEqual([201, 'default']);
    expect(await call('POST', MAPS, configMap('a'))).toMatchObject({
      code: 409,
      body: { reason: 'AlreadyExists', message: 'configmaps "a" already exists' },
    });
    expect(await call('PUT', `${MAPS}/a`, { ...created.body, data: { x: '2' } })).toMatchObject({ code: 200, body: { data: { x: '2' } } });
    expect(await call('PUT', `${MAPS}/a`, { ...created.body, data: { x: '3' } })).toMatchObject({
      code: 409,
      body: { reason: 'Conflict' },
    });
    expect(await call('GET', `${MAPS}/none`)).toMatchObject({
      code: 404,
      body: { message: 'configmaps "none" not found', details: { name: 'none', kind: 'configmaps' } },
    });
    expect(await call('POST', '/api/v1/namespaces/none/configmaps', { metadata: { name: 'a' } })).toMatchObject({
      code: 404,
      body: { message: 'namespaces "none" not found' },
    });
    expect(await call('POST', MAPS, configMap('A_b'))).toMatchObject({ code: 422, body: { reason: 'Invalid' } });
    expect(await call('POST', MAPS, 'not json')).toMatchObject({ code: 400, body: { reason: 'BadRequest' } });
    expect(await call('GET', '/apis/none/v1/things')).toMatchObject({ code: 404 });
    expect(await call('DELETE', `${MAPS}/a`)).toMatchObject({ code: 200, body: { status: 'Success' } });
    expect((await call('GET', `${MAPS}/a`)).code).toBe(404);
  });

  it('changes nothing in a dry run', async () => {
    const { call, sandbox } = await openSandbox();
    const before = sandbox.store.revision;
    expect(await call('POST', `${MAPS}?dryRun=All`, configMap('a'))).toMatchObject({ code: 201 });
    expect(
      await call('PATCH', `${MAPS}/b?dryRun=All&fieldManager=m`, configMap('b'), { 'content-type': 'application/apply-patch+yaml' }),
    ).toMatchObject({ code: 201 });
    expect(await call('DELETE', '/api/v1/namespaces/default?dryRun=All')).toMatchObject({ code: 200 });
    expect(sandbox.store.revision).toBe(before);
  });

  it('refuses strangers and what the caller forbids, and counts requests', async () => {
    const { call, sandbox } = await openSandbox({ forbid: ({ resource, verb }) => resource === 'secrets' && verb === 'list' });
    expect((await fetch(`${sandbox.url}/api`)).status).toBe(401);
    expect(await call('GET', '/api/v1/namespaces/default/secrets')).toMatchObject({
      code: 403,
      body: {
        message: 'secrets is forbidden: User "sandbox-admin" cannot list resource "secrets" in API group "" in the namespace "default"',
      },
    });
    const review = (verb: string): Promise<unknown> =>
      call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        spec: { resourceAttributes: { verb, resource: 'secrets', namespace: 'default' } },
      }).then(({ body }) => at(body, ['status', 'allowed']));
    expect([await review('list'), await review('get')]).toEqual([false, true]);
    expect(sandbox.requests.get('list secrets')).toBe(1);
  });

  it('fails as often as it is told', async () => {
    const { call } = await openSandbox({ failEvery: 2 });
    const codes = [await call('GET', '/version'), await call('GET', '/version'), await call('GET', '/version')].map(({ code }) => code);
    expect(codes).toEqual([200, 503, 200]);
  });

  it.each([
    ['json', 'application/json-patch+json', [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'web:2' }], ['web:2']],
    ['merge', 'application/merge-patch+json', { spec: { template: { spec: { containers: [{ name: 'x', image: 'x:1' }] } } } }, ['x:1']],
    [
      'strategic',
      'application/strategic-merge-patch+json',
      { spec: { template: { spec: { containers: [{ name: 'side', image: 's:1' }] } } } },
      ['web:1', 's:1'],
    ],
    [
      'strategic with a directive',
      'application/strategic-merge-patch+json',
      {
        spec: {
          template: {
            spec: {
              containers: [
                { name: 'side', image: 's:1' },
                { name: 'web', $patch: 'delete' },
              ],
            },
          },
        },
      },
      ['s:1'],
    ],
  ])('applies a %s patch', async (_name, type, patch, images) => {
    const { call } = await openSandbox();
    await call('POST', DEPLOYMENTS, deployment('web'));
    const { body, code } = await call('PATCH', `${DEPLOYMENTS}/web`, patch, { 'content-type': type });
    expect(code).toBe(200);
    expect(listAt(body, 'spec', 'template', 'spec', 'containers').map((each) => at(each, ['image']))).toEqual(images);
    expect(at(body, ['metadata', 'generation'])).toBe(2);
  });

  it('applies on the server: owners conflict, force takes over, and what is no longer stated goes', async () => {
    const { call } = await openSandbox();
    const apply = (manager: string, data: object, force = false): ReturnType<typeof call> =>
      call('PATCH', `${MAPS}/a?fieldManager=${manager}&force=${force}`, configMap('a', { data }), {
        'content-type': 'application/apply-patch+yaml',
      });
    expect((await apply('one', { x: '1', y: '1' })).code).toBe(201);
    expect(await apply('two', { x: '2' })).toMatchObject({
      code: 409,
      body: {
        message: 'Apply failed with 1 conflict: conflict with "one": .data.x',
        details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.x' }] },
      },
    });
    expect((await apply('two', { x: '2' }, true)).body['data']).toEqual({ x: '2', y: '1' });
    expect((await apply('one', {})).body['data']).toEqual({ x: '2' });
    const same = (await apply('two', { x: '2' })).body;
    expect((await apply('two', { x: '2' })).body).toEqual(same);
    const edited = await call('PATCH', `${MAPS}/a`, { data: { x: '3' } }, { 'content-type': 'application/merge-patch+json' });
    expect(listAt(edited.body, 'metadata', 'managedFields')).toMatchObject([
      { manager: 'one', fieldsV1: { 'f:data': {} } },
      { manager: 'tester', operation: 'Update', fieldsV1: { 'f:data': { 'f:x': {} } } },
    ]);
  });

  it('keeps status and spec apart', async () => {
    const { call } = await openSandbox({ clock: { now: () => 1e12, after: () => () => undefined } });
    await call('POST', DEPLOYMENTS, { ...deployment('web'), status: { replicas: 9 } });
    const type = { 'content-type': 'application/merge-patch+json' };
    const { body } = await call('PATCH', `${DEPLOYMENTS}/web/status`, { spec: { replicas: 7 }, status: { replicas: 5 } }, type);
    expect([at(body, ['spec', 'replicas']), at(body, ['status', 'replicas'])]).toEqual([2, 5]);
    const scaled = await call('PATCH', `${DEPLOYMENTS}/web/scale`, { spec: { replicas: 3 } }, type);
    expect(scaled.body).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } });
  });

  it('checks custom resources by their schema', async () => {
    const { call } = await openSandbox();
    const spec = {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', maximum: 9 },
        mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
        name: { type: 'string', pattern: '^[a-z]+$' },
      },
    };
    const path = '/apis/example.org/v1/namespaces/default/widgets';
    expect((await call('GET', path)).code).toBe(404);
    await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition({ type: 'object', properties: { spec } }));
    const create = (body: object, query = ''): ReturnType<typeof call> =>
      call('POST', `${path}${query}`, { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: 'w' }, spec: body });
    expect((await create({})).body['message']).toBe('Widget.example.org "w" is invalid: spec.size: Required value');
    expect((await create({ size: 'x' })).body['message']).toContain('spec.size in body must be of type integer: "string"');
    expect((await create({ size: 10 })).body['message']).toContain('should be less than or equal to 9');
    expect((await create({ size: 1, mode: 'c' })).body['message']).toContain(
      'spec.mode: Unsupported value: "c": supported values: "a", "b"',
    );
    expect((await create({ size: 1, name: 'X' })).body['message']).toContain("spec.name in body should match '^[a-z]+$'");
    expect((await create({ size: 1, sise: 2 }, '?fieldValidation=Strict')).body['message']).toContain(
      'strict decoding error: unknown field "spec.sise"',
    );
    const made = await create({ size: 1, sise: 2 });
    expect([made.code, made.body['spec'], made.headers.get('warning')]).toEqual([
      201,
      { size: 1, mode: 'a' },
      '299 - "unknown field \\"spec.sise\\""',
    ]);
    await call('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.org');
    expect((await call('GET', path)).code).toBe(404);
  });
});

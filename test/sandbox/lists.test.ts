import { describe, expect, it } from 'vitest';
import { at, listAt } from '../../src/model/body.ts';
import { configMap, definition, openSandbox } from './api.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const maps = ['a', 'b', 'c', 'd', 'e'].map((name, index) => ({
  ...configMap(name),
  metadata: { name, namespace: 'default', labels: { tier: index < 2 ? 'web' : 'db', [name]: 'yes' } },
}));
const names = (body: unknown): readonly unknown[] => listAt(body, 'items').map((item) => at(item, ['metadata', 'name']));

describe('lists', () => {
  it.each([
    ['labelSelector=tier%3Dweb', ['a', 'b']],
    ['labelSelector=tier!%3Dweb', ['c', 'd', 'e']],
    ['labelSelector=tier in (web,db),!c', ['a', 'b', 'd', 'e']],
    ['labelSelector=tier notin (db),b', ['b']],
    ['fieldSelector=metadata.name%3Dd', ['d']],
    ['fieldSelector=metadata.name!%3Dd,metadata.namespace%3D%3Ddefault', ['a', 'b', 'c', 'e']],
    ['resourceVersion=0&resourceVersionMatch=NotOlderThan', ['a', 'b', 'c', 'd', 'e']],
  ])('select by %s', async (query, expected) => {
    const { call } = await openSandbox({ objects: maps });
    expect(names((await call('GET', `${MAPS}?${query}`)).body)).toEqual(expected);
  });

  it('refuse fields that cannot be selected by', async () => {
    const { call } = await openSandbox();
    expect(await call('GET', `${MAPS}?fieldSelector=data.x%3D1`)).toMatchObject({
      code: 400,
      body: { message: 'field label not supported: data.x' },
    });
  });

  it('come in pages of one revision, until they expire', async () => {
    const { call, sandbox } = await openSandbox({ objects: maps });
    const first = (await call('GET', `${MAPS}?limit=2`)).body;
    expect([names(first), at(first, ['metadata', 'remainingItemCount'])]).toEqual([['a', 'b'], 3]);
    await call('DELETE', `${MAPS}/c`);
    const next = String(at(first, ['metadata', 'continue']));
    const second = (await call('GET', `${MAPS}?limit=2&continue=${next}`)).body;
    expect(names(second)).toEqual(['c', 'd']);
    expect(at(second, ['metadata', 'resourceVersion'])).toBe(at(first, ['metadata', 'resourceVersion']));
    sandbox.compact();
    expect(await call('GET', `${MAPS}?limit=2&continue=${next}`)).toMatchObject({ code: 410, body: { reason: 'Expired' } });
  });

  it('are tables for those who ask', async () => {
    const columns = [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    ];
    const widget = {
      apiVersion: 'example.org/v1',
      kind: 'Widget',
      metadata: { name: 'w' },
      spec: { size: 3 },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    };
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const { call } = await openSandbox({ objects: [definition(schema, { additionalPrinterColumns: columns }), widget] });
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const table = async (path: string): Promise<unknown> => {
      const { body } = await call('GET', path, undefined, { accept });
      return [
        listAt(body, 'columnDefinitions').map((column) => at(column, ['name'])),
        listAt(body, 'rows').map((row) => at(row, ['cells'])),
      ];
    };
    expect(await table('/apis/example.org/v1/widgets')).toEqual([['Name', 'Size', 'Ready'], [['w', 3, 'True']]]);
    expect(await table('/api/v1/namespaces/default')).toEqual([['Name', 'Status', 'Age'], [['default', 'Active', '60m']]]);
  });
});

describe('watches', () => {
  it('begin with what is there, tell arrivals from changes, and resume', async () => {
    const { call, watch, sandbox } = await openSandbox({ objects: maps });
    const kinds = (lines: readonly { readonly type: string; readonly object: unknown }[]): readonly string[] =>
      lines.map(({ type, object }) => `${type} ${String(at(object, ['metadata', 'name']))}`);
    expect(kinds(await watch(`${MAPS}?watch=true&labelSelector=tier%3Dweb`, 2))).toEqual(['ADDED a', 'ADDED b']);
    const from = sandbox.store.revision;
    const type = { 'content-type': 'application/merge-patch+json' };
    await call('PATCH', `${MAPS}/a`, { data: { x: '1' } }, type);
    await call('PATCH', `${MAPS}/b`, { metadata: { labels: { tier: 'db' } } }, type);
    await call('PATCH', `${MAPS}/c`, { metadata: { labels: { tier: 'web' } } }, type);
    expect(kinds(await watch(`${MAPS}?watch=true&labelSelector=tier%3Dweb&resourceVersion=${from}`, 3))).toEqual([
      'MODIFIED a',
      'DELETED b',
      'ADDED c',
    ]);
    sandbox.compact();
    expect((await watch(`${MAPS}?watch=1&resourceVersion=${from}`, 1))[0]).toMatchObject({
      type: 'ERROR',
      object: { code: 410, reason: 'Expired' },
    });
  });

  it('end after their time, with a bookmark', async () => {
    const { watch } = await openSandbox({ objects: maps });
    const lines = await watch(`${MAPS}?watch=true&timeoutSeconds=1&allowWatchBookmarks=true&fieldSelector=metadata.name%3Da`, 9);
    expect(lines.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK']);
  });
});

describe('discovery', () => {
  it('says the same in both forms', async () => {
    const { call } = await openSandbox();
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const aggregated = await call('GET', '/apis', undefined, { accept });
    expect(aggregated.headers.get('content-type')).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    const found = listAt(aggregated.body, 'items').map((group) => at(group, ['metadata', 'name']));
    const groups = listAt((await call('GET', '/apis')).body, 'groups').map((group) => at(group, ['name']));
    expect(found).toEqual(groups);
    expect(groups).toContain('apps');
    const resources = listAt((await call('GET', '/api/v1')).body, 'resources').map((resource) => at(resource, ['name']));
    expect(resources).toEqual(expect.arrayContaining(['pods', 'pods/log', 'pods/portforward', 'namespaces']));
  });
});

import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Release } from '../../src/install/release.ts';
import { recordOf, recordRef, releaseFrom } from '../../src/install/release-record.ts';
import type { Resource } from '../../src/model/resource.ts';

const release: Release = {
  ...{ name: 'web', namespace: 'shop', revision: 3, status: 'deployed', description: 'Upgrade complete', notes: 'Hello' },
  ...{ firstDeployed: '2026-01-01T00:00:00.000Z', lastDeployed: '2026-02-01T00:00:00.000Z', touchedAt: 1_780_000_000_000 },
  chart: {
    metadata: { name: 'web', version: '1.2.3', apiVersion: 'v2' },
    templates: [{ name: 'templates/a.yaml', data: 'YQ==' }],
    values: { replicas: 1 },
    schema: 'e30=',
    files: [{ name: 'crds/x.yaml', data: 'eA==' }],
  },
  values: { replicas: 2 },
  manifest: '---\n# Source: web/templates/a.yaml\na: 1\n',
  hooks: [
    {
      name: 'h',
      kind: 'Job',
      path: 'web/templates/h.yaml',
      manifest: 'kind: Job\n',
      events: ['pre-install'],
      weight: -5,
      deletePolicies: ['hook-succeeded'],
    },
  ],
};

const asResource = (body: Resource['body'], labels: Readonly<Record<string, string>>): Resource => ({
  ...{ kind: 'core/Secret', namespace: 'shop', name: 'x', apiVersion: 'v1', namespaceGiven: true, annotations: {}, labels, body },
});

describe('the record of a release', () => {
  it('is a Secret by which Helm finds it', () => {
    const body = recordOf(release, 1_780_000_000_000);
    expect(recordRef(release).name).toBe('sh.helm.release.v1.web.v3');
    expect(body).toMatchObject({
      type: 'helm.sh/release.v1',
      metadata: {
        name: 'sh.helm.release.v1.web.v3',
        namespace: 'shop',
        labels: { name: 'web', owner: 'helm', status: 'deployed', version: '3', modifiedAt: '1780000000' },
      },
    });
    const { release: data } = body['data'] as { readonly release: string };
    const json = JSON.parse(gunzipSync(Buffer.from(Buffer.from(data, 'base64').toString(), 'base64')).toString());
    expect(json).toMatchObject({
      ...{ name: 'web', namespace: 'shop', version: 3, config: { replicas: 2 }, manifest: release.manifest },
      info: {
        first_deployed: '2026-01-01T00:00:00.000Z',
        last_deployed: '2026-02-01T00:00:00.000Z',
        status: 'deployed',
        description: 'Upgrade complete',
        notes: 'Hello',
        deleted: '',
      },
      chart: {
        metadata: { name: 'web', version: '1.2.3' },
        templates: [{ name: 'templates/a.yaml', data: 'YQ==' }],
        values: { replicas: 1 },
        schema: 'e30=',
        files: [{ name: 'crds/x.yaml', data: 'eA==' }],
      },
      hooks: [
        { name: 'h', kind: 'Job', path: 'web/templates/h.yaml', events: ['pre-install'], weight: -5, delete_policies: ['hook-succeeded'] },
      ],
    });
  });

  it('is read again as it was written', () => {
    const body = recordOf(release, 1_780_000_000_000);
    const { labels } = body['metadata'] as { readonly labels: Readonly<Record<string, string>> };
    expect(releaseFrom(asResource(body, labels))).toEqual(release);
  });

  it('that cannot be read is none', () => {
    for (const data of [
      {},
      { release: 'x' },
      { release: Buffer.from('{"name":3}').toString('base64') },
      { release: Buffer.from(Buffer.from('H4sI').toString()).toString('base64') },
    ])
      expect(releaseFrom(asResource({ type: 'helm.sh/release.v1', data }, {}))).toBeUndefined();
    expect(releaseFrom(asResource({ type: 'Opaque', data: {} }, {}))).toBeUndefined();
  });

  it('must fit into a Secret', () => {
    let state = 1;
    const noise = Array.from({ length: 1_500_000 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return String.fromCharCode(33 + ((state >>> 24) % 90));
    }).join('');
    expect(() => recordOf({ ...release, manifest: noise }, 0)).toThrow('too large for a Secret');
  });
});

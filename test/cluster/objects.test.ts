import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../src/model/cluster.ts';
import { type Asked, all, closeAll, clusterAt, failureOf, type Handler, serve, status, withDiscovery } from './api.ts';

afterEach(closeAll);

const POD = { kind: 'core/Pod', namespace: 'shop', name: 'reviews' } as const;
const podNamed = (name: string, version = '1'): object => ({ metadata: { name, namespace: 'shop', resourceVersion: version } });

async function clusterWith(handler: Handler) {
  const server = await serve(withDiscovery(handler));
  const { cluster } = await clusterAt(server.url);
  return { server, cluster };
}

describe('list', () => {
  it('reads pages, and drops what nobody reads', async () => {
    const { server, cluster } = await clusterWith(({ query }) => ({
      json: query.has('continue')
        ? { metadata: {}, items: [podNamed('b')] }
        : {
            metadata: { continue: 'next' },
            items: [
              {
                metadata: {
                  name: 'a',
                  namespace: 'shop',
                  labels: { app: 'a' },
                  managedFields: [{ manager: 'kubectl' }],
                  annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
                },
              },
            ],
          },
    }));
    const pods = await all(cluster.list('core/Pod', { namespace: 'shop', labelSelector: 'app=a' }));
    expect(pods.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(pods[0]).toMatchObject({
      kind: 'core/Pod',
      apiVersion: 'v1',
      namespace: 'shop',
      labels: { app: 'a' },
      annotations: { note: 'x' },
      origin: undefined,
    });
    expect(JSON.stringify(pods[0])).not.toMatch(/managedFields|last-applied/);
    const asked = server.asked.filter(({ path }) => path === '/api/v1/namespaces/shop/pods');
    expect(asked.map(({ query }) => `${query}`)).toEqual([
      'limit=500&labelSelector=app%3Da',
      'limit=500&continue=next&labelSelector=app%3Da',
    ]);
  });

  it('begins again when the server forgot the pages, and gives each object once', async () => {
    let forgot = false;
    const { cluster } = await clusterWith(({ query }) => {
      if (!query.has('continue')) return { json: { metadata: { continue: 'next' }, items: [podNamed('a')] } };
      if (forgot) return { json: { metadata: {}, items: [podNamed('b')] } };
      forgot = true;
      return status(410, 'too old', { reason: 'Expired' });
    });
    expect((await all(cluster.list('core/Pod'))).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('reads everything at once from a server that keeps forgetting', async () => {
    const { cluster } = await clusterWith(({ query }) => {
      if (!query.has('limit')) return { json: { metadata: {}, items: [podNamed('a'), podNamed('b')] } };
      return query.has('continue') ? status(410, 'too old') : { json: { metadata: { continue: 'next' }, items: [podNamed('a')] } };
    });
    expect((await all(cluster.list('core/Pod'))).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('gives up on a server that forgets even that', async () => {
    let asked = 0;
    const { cluster } = await clusterWith(({ query }) => {
      asked++;
      return query.has('continue') ? status(410, 'too old') : { json: { metadata: { continue: 'next' }, items: [podNamed('a')] } };
    });
    expect((await failureOf(all(cluster.list('core/Pod')))).code).toBe('E_CLUSTER_EXPIRED');
    expect(asked).toBe(8);
  });

  it('goes on where it was when the connection is lost between two pages', async () => {
    const asked: (string | null)[] = [];
    let cuts = 0;
    const { cluster } = await clusterWith(({ query }, response) => {
      asked.push(query.get('continue'));
      if (!query.has('continue')) return { json: { metadata: { continue: 'next' }, items: [podNamed('a')] } };
      if (++cuts > 2) return { json: { metadata: {}, items: [podNamed('b')] } };
      response.destroy();
      return undefined;
    });
    expect((await all(cluster.list('core/Pod'))).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(asked).toEqual([null, 'next', 'next', 'next']);
  });

  it('takes null for no items, and nothing else', async () => {
    const { cluster } = await clusterWith(({ query }) => ({ json: query.has('labelSelector') ? { ok: true } : { items: null } }));
    expect(await all(cluster.list('core/Pod'))).toEqual([]);
    expect((await failureOf(all(cluster.list('core/Pod', { labelSelector: 'a=b' })))).message).toContain('the answer is no list');
  });

  it('asks for metadata only when told to', async () => {
    const { server, cluster } = await clusterWith(() => ({
      json: {
        items: [
          {
            apiVersion: 'meta.k8s.io/v1',
            kind: 'PartialObjectMetadata',
            metadata: { name: 'a', namespace: 'shop' },
            data: { key: 'generous' },
          },
        ],
      },
    }));
    const [pod] = await all(cluster.list('core/Pod', { metadataOnly: true }));
    expect(JSON.stringify(pod)).not.toContain('generous');
    expect(pod).toMatchObject({ kind: 'core/Pod', partial: true, body: { apiVersion: 'v1', kind: 'Pod' } });
    expect(server.asked.at(-1)?.headers.accept).toContain('as=PartialObjectMetadataList');
  });
});

describe('get', () => {
  it('gives nothing for what does not exist', async () => {
    const { cluster } = await clusterWith(() => status(404, 'pods "reviews" not found', { details: { name: 'reviews', kind: 'pods' } }));
    expect(await cluster.get(POD)).toBeUndefined();
  });
});

describe('watch', () => {
  it('goes on after lost connections, and tells what it missed', async () => {
    const events = (list: readonly object[]): string => list.map((event) => `${JSON.stringify(event)}\n`).join('');
    let listed = 0;
    let watched = 0;
    const versions: (string | null)[] = [];
    const { cluster } = await clusterWith(({ query }: Asked, response) => {
      if (!query.has('watch')) {
        const items = ++listed === 1 ? [podNamed('old'), podNamed('same')] : [podNamed('same'), podNamed('new', '9')];
        return { json: { metadata: { resourceVersion: listed === 1 ? '5' : '20' }, items } };
      }
      versions.push(query.get('resourceVersion'));
      response.writeHead(200);
      switch (++watched) {
        case 1:
          response.end(
            events([
              { type: 'ADDED', object: podNamed('added', '6') },
              { type: 'BOOKMARK', object: { metadata: { resourceVersion: '8' } } },
            ]),
          );
          break;
        case 2:
          response.write(events([{ type: 'MODIFIED', object: podNamed('added', '10') }]));
          setTimeout(() => response.destroy(), 10);
          break;
        case 3:
          response.end(events([{ type: 'ERROR', object: { code: 410, message: 'too old' } }]));
          break;
        default:
          response.write(events([{ type: 'DELETED', object: podNamed('new', '21') }]));
      }
      return undefined;
    });
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { type, resource } of cluster.watch('core/Pod', { signal: stop.signal }) as AsyncIterable<WatchEvent>) {
      seen.push(`${type} ${resource.name}`);
      if (seen.length === 6) stop.abort();
    }
    expect(seen).toEqual(['added added', 'modified added', 'added new', 'deleted old', 'deleted added', 'deleted new']);
    expect(versions).toEqual(['5', '8', '10', '20']);
  });

  it('fails when the server is gone for good', async () => {
    const { cluster } = await clusterWith(({ query }, response) => {
      if (query.has('watch')) response.destroy();
      return query.has('watch') ? undefined : { json: { metadata: { resourceVersion: '1' }, items: [] } };
    });
    const error = await failureOf(
      (async () => {
        for await (const _ of cluster.watch('core/Pod')) expect.unreachable();
      })(),
    );
    expect([error.code, error.exit]).toEqual(['E_CLUSTER_UNREACHABLE', 3]);
  });
});

describe('a watch in bad weather', () => {
  const watching = async (handler: Handler, most: number): Promise<{ seen: string[]; error?: Error; slept: number }> => {
    const server = await serve(withDiscovery(handler));
    const { cluster, host } = await clusterAt(server.url);
    const before = host.clock.now();
    const stop = new AbortController();
    const seen: string[] = [];
    try {
      for await (const { type, resource } of cluster.watch('core/Pod', { signal: stop.signal })) {
        seen.push(`${type} ${resource.name} ${(resource.body['metadata'] as { resourceVersion: string }).resourceVersion}`);
        if (seen.length === most) stop.abort();
      }
    } catch (error) {
      return { seen, error: error as Error, slept: host.clock.now() - before };
    }
    return { seen, slept: host.clock.now() - before };
  };
  const listOf = (version: string, ...items: readonly object[]) => ({ json: { metadata: { resourceVersion: version }, items } });
  const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;

  it('does not ask again and again when the server ends it at once', async () => {
    let asked = 0;
    const { error, slept } = await watching(({ query }, response) => {
      if (!query.has('watch')) return listOf('1');
      asked++;
      response.end();
      return undefined;
    }, 1);
    expect(error?.message).toContain('Cannot watch Pods: the server ends it at once (context "test"');
    expect([asked, slept > 10_000]).toEqual([6, true]);
  });

  it('does not read the list again and again when it is always out of date', async () => {
    let listed = 0;
    const { error } = await watching(({ query }) => {
      if (query.has('watch')) return status(410, 'too old');
      listed++;
      return listOf('1');
    }, 1);
    expect([(error as { code?: string }).code, listed]).toEqual(['E_CLUSTER_EXPIRED', 6]);
  });

  it('comes through a server that restarts while the list is read anew', async () => {
    let lists = 0;
    let watches = 0;
    const { seen, error } = await watching(({ query }, response) => {
      if (query.has('watch')) {
        if (++watches === 1) return status(410, 'too old');
        if (watches <= 5) return status(503, 'restarting');
        response.end(event('MODIFIED', podNamed('a', '9')));
        return undefined;
      }
      if (++lists === 1) return listOf('1', podNamed('a'));
      return lists <= 5 ? status(503, 'restarting') : listOf('5', podNamed('a'), podNamed('b', '4'));
    }, 2);
    expect(error).toBeUndefined();
    expect(seen).toEqual(['added b 4', 'modified a 9']);
  });

  it('misses nothing when the pages of the list began again', async () => {
    // Between the two readings "gone" was deleted and "a" changed; the watch begins after both.
    let watches = 0;
    let lists = 0;
    const { seen } = await watching(({ query }, response) => {
      if (query.has('watch')) {
        if (++watches === 1) return status(410, 'too old');
        response.write(event('ADDED', podNamed('z', '30')));
        return undefined;
      }
      if (query.has('continue')) return status(410, 'too old');
      if (++lists === 1) return listOf('1', podNamed('a'), podNamed('gone'));
      if (lists === 2) return { json: { metadata: { resourceVersion: '10', continue: 'x' }, items: [podNamed('a'), podNamed('gone')] } };
      return listOf('20', podNamed('a', '15'));
    }, 3);
    expect(seen).toEqual(['modified a 15', 'deleted gone 1', 'added z 30']);
  });
});

describe('apply', () => {
  const vs = { kind: 'networking.istio.io/VirtualService', namespace: 'shop', name: 'a' } as const;
  const body = {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'VirtualService',
    metadata: { name: 'a', namespace: 'shop', managedFields: [] },
    spec: {},
  };

  it('is server-side, in the version of the object, as field manager meshctl', async () => {
    const { server, cluster } = await clusterWith(({ body: sent }) => ({ json: sent }));
    await cluster.apply({ ...vs, body }, { dryRun: true });
    const asked = server.asked.at(-1);
    expect([asked?.method, asked?.path, `${asked?.query}`]).toEqual([
      'PATCH',
      '/apis/networking.istio.io/v1beta1/namespaces/shop/virtualservices/a',
      'fieldManager=meshctl&force=false&dryRun=All',
    ]);
    expect(asked?.headers['content-type']).toBe('application/apply-patch+yaml');
    expect(JSON.stringify(asked?.body)).not.toContain('managedFields');
  });

  it('names the managers whose fields are in the way', async () => {
    const cause = (manager: string, field: string): object => ({
      reason: 'FieldManagerConflict',
      message: `conflict with "${manager}" using v1`,
      field,
    });
    const causes = [cause('argocd', '.spec.hosts'), cause('argocd', '.spec.http'), cause('kubectl', '.spec.tls')];
    const { cluster } = await clusterWith(() =>
      status(409, 'Apply failed with 3 conflicts', { reason: 'Conflict', details: { name: 'a', causes } }),
    );
    const error = await failureOf(cluster.apply({ ...vs, body }));
    expect(error.code).toBe('E_CLUSTER_CONFLICT');
    expect(error.message).toContain('"argocd" owns .spec.hosts, .spec.http; "kubectl" owns .spec.tls');
  });

  it('gives the words of the server for what it refuses', async () => {
    const { cluster } = await clusterWith(() => status(422, 'spec.hosts: Required value', { reason: 'Invalid', details: { name: 'a' } }));
    const error = await failureOf(cluster.apply({ ...vs, body }));
    expect([error.code, error.message.includes('the server refuses it: spec.hosts: Required value')]).toEqual(['E_CLUSTER_INVALID', true]);
  });
});

describe('delete', () => {
  const gone = status(404, 'pods "reviews" not found', { details: { name: 'reviews' } });
  const success = { json: { kind: 'Status', status: 'Success' } };
  const withUid = (uid: string): object => ({ json: { metadata: { name: 'reviews', namespace: 'shop', uid } } });
  /** One object after the other under the same name; what becomes of the n-th deletion. */
  const deleting = async (
    uids: readonly (string | undefined)[],
    fate: (deletion: number, asked: Asked, response: ServerResponse) => ReturnType<Handler>,
  ) => {
    let deletions = 0;
    const { server, cluster } = await clusterWith((asked, response) => {
      if (asked.method === 'DELETE') return fate(++deletions, asked, response);
      const uid = uids[Math.min(deletions, uids.length - 1)];
      return uid === undefined ? gone : (withUid(uid) as { json: object });
    });
    return { cluster, sent: () => server.asked.filter(({ method }) => method === 'DELETE').map(({ body }) => body) };
  };
  const lost = (response: ServerResponse): undefined => void response.destroy();

  it('is of the object that is there, and tells whether there was any', async () => {
    const { cluster, sent } = await deleting(['first', undefined], () => success);
    expect(await cluster.delete(POD, { propagation: 'Foreground' })).toBe(true);
    expect(sent()).toEqual([{ apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground', preconditions: { uid: 'first' } }]);
    expect(await cluster.delete(POD)).toBe(false);
    expect(sent()).toHaveLength(1);
  });

  it('that was lost is sent again, and is done when the object is gone', async () => {
    const { cluster, sent } = await deleting(['first', undefined], (deletion, _, response) => (deletion === 1 ? lost(response) : gone));
    expect(await cluster.delete(POD)).toBe(true);
    expect(sent()).toHaveLength(2);
  });

  it('that was lost never takes away an object that was made meanwhile', async () => {
    const mismatch = status(409, 'Precondition failed: UID in precondition: first, UID in object meta: second', { reason: 'Conflict' });
    const { cluster, sent } = await deleting(['first', 'second'], (deletion, { body }, response) => {
      if (deletion === 1) return lost(response);
      return (body as { preconditions: { uid: string } }).preconditions.uid === 'second' ? success : mismatch;
    });
    expect(await cluster.delete(POD)).toBe(true);
    expect(sent()).toHaveLength(2);
  });

  it('fails when something else is in the way', async () => {
    const { cluster } = await deleting(['first'], () => status(409, 'the namespace is being emptied', { reason: 'Conflict' }));
    expect((await failureOf(cluster.delete(POD))).message).toContain('the namespace is being emptied');
  });

  it('is sent once by those who may not read what they delete', async () => {
    let deletions = 0;
    const { cluster } = await clusterWith(({ method }, response) => {
      if (method !== 'DELETE') return status(403, 'pods "reviews" is forbidden: User "jane" cannot get resource "pods"');
      return ++deletions === 1 ? success : lost(response);
    });
    expect(await cluster.delete(POD)).toBe(true);
    expect((await failureOf(cluster.delete(POD))).code).toBe('E_CLUSTER_UNREACHABLE');
    expect(deletions).toBe(2);
  });
});

describe('logs', () => {
  it('come line by line as they are written, and end with the signal', async () => {
    const { server, cluster } = await clusterWith((_, response) => {
      response.writeHead(200);
      response.write('one\ntw');
      setTimeout(() => response.write('o\n'), 10);
      return undefined;
    });
    const stop = new AbortController();
    const lines: string[] = [];
    for await (const line of cluster.logs(POD, { container: 'istio-proxy', follow: true, tailLines: 5, signal: stop.signal })) {
      lines.push(line);
      if (lines.length === 2) stop.abort();
    }
    expect(lines).toEqual(['one', 'two']);
    expect(`${server.asked.at(-1)?.query}`).toBe('container=istio-proxy&follow=true&tailLines=5');
  });
});

describe('access', () => {
  it('asks for each permission, and answers in order', async () => {
    const { cluster } = await clusterWith(({ body }) => {
      const { resourceAttributes } = (body as { spec: { resourceAttributes: { verb: string; resource: string; group: string } } }).spec;
      return {
        json: {
          status: { allowed: resourceAttributes.verb === 'list', reason: `${resourceAttributes.resource}.${resourceAttributes.group}` },
        },
      };
    });
    expect(
      await cluster.access([
        { verb: 'list', kind: 'networking.istio.io/VirtualService' },
        { verb: 'create', kind: 'policy.linkerd.io/NetworkAuthentication' },
        { verb: 'create', kind: 'core/Pod', namespace: 'shop', subresource: 'portforward' },
      ]),
    ).toEqual([
      { allowed: true, reason: 'virtualservices.networking.istio.io' },
      { allowed: false, reason: 'networkauthentications.policy.linkerd.io' },
      { allowed: false, reason: 'pods.' },
    ]);
  });
});

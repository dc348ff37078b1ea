/** Which of several istiods a proxy is connected to. */
import { describe, expect, it } from 'vitest';
import { MeshctlError } from '../../../src/errors.ts';
import { type Connection, connectionOf } from '../../../src/mesh/istio/intended/connection.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { resourceOf } from '../../../src/model/resource-of.ts';

const READY = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

const client = (connectionId: string, connectedAt = '2026-08-01T12:00:00Z'): object => ({ connectionId, connectedAt });

type Answer = readonly object[] | number | 'silent' | 'forbidden';

/** @param istiods what each tells of its connections, or the status that it answers with */
function asked(name: string, istiods: Readonly<Record<string, Answer>>, status: object = READY): Promise<Connection> {
  const pods = Object.keys(istiods).map((each) =>
    resourceOf({ apiVersion: 'v1', kind: 'Pod', metadata: { labels: { app: 'istiod' } }, status }, each, {
      ...{ clusterScoped: false, namespace: 'istio-system', namespaceGiven: true },
    }),
  );
  const request = async (pod: string): Promise<object> => {
    const answer = istiods[pod] ?? 'silent';
    if (answer === 'silent') throw new MeshctlError('E_POD_PORT', 'Nothing answers.');
    if (answer === 'forbidden') throw new MeshctlError('E_CLUSTER_FORBIDDEN', 'You may not.', { exit: 3 });
    return typeof answer === 'number'
      ? { status: answer, headers: {}, body: '' }
      : { status: 200, headers: {}, body: JSON.stringify({ totalClients: answer.length, clients: answer }) };
  };
  const cluster = {
    async *list(_kind: string, { labelSelector }: { readonly labelSelector: string }) {
      yield labelSelector === 'app=istiod' ? pods : [];
    },
    podPort: (pod: { readonly name: string }) => ({ request: () => request(pod.name) }),
  };
  return connectionOf({ kind: 'core/Pod', namespace: 'shop', name, proxy: 'envoy' }, cluster as unknown as Cluster);
}

const found = async (...given: Parameters<typeof asked>): Promise<readonly string[]> => {
  const { istiod, id } = await asked(...given);
  return [istiod.name, id];
};

describe('a proxy', () => {
  it('is found by its whole name', async () => {
    const istiods = { a: [client('my-web-0.shop-3'), client('web-0.shop2-4')], b: [client('web-0.shop-17')] };
    expect(await found('web-0', istiods)).toEqual(['b', 'web-0.shop-17']);
    expect(await found('my-web-0', istiods)).toEqual(['a', 'my-web-0.shop-3']);
  });

  it('that went over to another istiod is found there', async () => {
    const istiods = { a: [client('web.shop-1', '2026-08-01T12:00:00Z')], b: [client('web.shop-9', '2026-08-01T12:00:01Z')] };
    expect(await found('web', istiods)).toEqual(['b', 'web.shop-9']);
  });

  it('is found although another istiod is silent', async () => {
    expect(await found('web', { a: 'silent', b: [client('web.shop-2')] })).toEqual(['b', 'web.shop-2']);
  });
});

describe('it fails clearly', () => {
  it.each<readonly [string, Readonly<Record<string, Answer>>, string]>([
    ['when none knows the proxy', { a: [], b: [client('web.other-1')] }, 'No istiod has a connection of the proxy of pod "shop/web".'],
    ['and names those that are silent', { a: [], b: 'silent' }, 'pod "shop/web". b did not answer.'],
    ['and those that tell nothing', { a: 404 }, 'a did not tell (status 404).'],
    ['when there is none', {}, 'No istiod runs in this cluster'],
    ['when ports may not be forwarded', { a: 'forbidden' }, 'You may not.'],
  ])('%s', async (_title, istiods, message) => {
    await expect(asked('web', istiods)).rejects.toMatchObject({ message: expect.stringContaining(message), exit: 3 });
  });

  it('when none is ready', async () => {
    await expect(asked('web', { a: [] }, { phase: 'Running' })).rejects.toThrow('None of 1 istiod pod is ready');
  });
});

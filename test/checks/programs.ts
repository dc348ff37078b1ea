/** What runs in the pods of a mesh, as far as checks ask: istiod's port for monitoring, and the administration of Envoy. */
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { itemsAt } from '../../src/model/body.ts';
import type { Inside, Programs } from '../../src/sandbox/options.ts';
import { streamPair } from '../../src/sandbox/programs/stream-pair.ts';
import type { KubeObject } from '../../src/sandbox/store/object.ts';

/** Answers by `pod-name-prefix:port path`; a prefix of the path counts. */
export type Answers = Readonly<Record<string, (inside: Inside, pod: KubeObject) => string | undefined>>;

/** A healthy istiod: connected to every pod with a proxy, all of them in sync. */
export const healthyIstiod: Answers = {
  'istiod:15014 /version': () => '1.30.0-0123456789abcdef-Clean',
  'istiod:15014 /debug/syncz': ({ store, now }) =>
    JSON.stringify(
      store
        .list('core/Pod')
        .filter(hasProxy)
        .map((pod) => synced(pod, now() - 600_000)),
    ),
};

export function programsOf(answers: Answers): (inside: Inside) => Programs {
  return (inside): Programs => ({
    dial(pod, port) {
      const own = Object.entries(answers).filter(([key]) => {
        const [name = '', rest = ''] = key.split(':');
        return pod.metadata.name.startsWith(name) && Number.parseInt(rest, 10) === port;
      });
      if (own.length === 0) return undefined;
      return connectionTo((path) => own.find(([key]) => path.startsWith(key.slice(key.indexOf(' ') + 1)))?.[1](inside, pod));
    },
  });
}

function connectionTo(answer: (path: string) => string | undefined): Duplex {
  const [near, far] = streamPair();
  const server = createServer((request, response) => {
    const body = answer(request.url ?? '');
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(body ?? 'not found');
  });
  server.emit('connection', far);
  return near;
}

const hasProxy = (pod: KubeObject): boolean =>
  [...itemsAt(pod, 'spec', 'containers'), ...itemsAt(pod, 'spec', 'initContainers')].some(({ item }) => item['name'] === 'istio-proxy');

function synced({ metadata: { name, namespace } }: KubeObject, time: number): object {
  const status = { sent: 'n1', acked: 'n1', sentTime: new Date(time).toISOString() };
  const resources = Object.fromEntries(
    ['cluster.v3.Cluster', 'listener.v3.Listener', 'route.v3.RouteConfiguration', 'endpoint.v3.ClusterLoadAssignment'].map((type) => [
      `type.googleapis.com/envoy.config.${type}`,
      status,
    ]),
  );
  return { cluster_id: 'Kubernetes', proxy: `${name}.${namespace}`, proxy_type: 'sidecar', istio_version: '1.30.0', resources };
}

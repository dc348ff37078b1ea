/** What Kuma's control plane would send to a proxy now. Any instance tells it of any proxy. @see https://kuma.io/docs/latest/reference/http-api/ */
import { compareDumps } from '../../envoy/compare/dumps.ts';
import { EXIT, MeshctlError } from '../../errors.ts';
import { isBody, itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { ProxyOfPod } from '../../model/mesh-adapter.ts';
import type { IntendedConfiguration } from '../../model/proxy-difference.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import { isEnded } from '../checks/pods.ts';
import { DATAPLANE } from './insights.ts';
import { isControlPlane } from './sidecar-mesh.ts';

const POD: Kind = 'core/Pod';
const API_PORT = 5_681;
const SELECTOR = 'app in (kuma-control-plane,kong-mesh-control-plane)';

export async function intended({ namespace, name }: ProxyOfPod, cluster: Cluster): Promise<IntendedConfiguration> {
  const dataplane = await cluster.get({ kind: DATAPLANE, namespace, name });
  if (!dataplane) {
    throw new MeshctlError('E_CONTROL_PLANE', `Kuma has no Dataplane for pod "${namespace}/${name}".`, {
      hint: 'Run "meshctl check" for what keeps the control plane from knowing its proxies.',
      exit: EXIT.unreachable,
    });
  }
  const mesh = stringAt(dataplane.body, 'mesh') ?? 'default';
  const path = `/meshes/${encodeURIComponent(mesh)}/dataplanes/${encodeURIComponent(`${name}.${namespace}`)}/_config`;
  const { plane, body } = await firstAnswer(await readyPlanes(cluster), path, cluster);
  const wanted = dumpOf(objectAt(body, 'xds'));
  return {
    controlPlane: { namespace: plane.namespace, name: plane.name },
    dumpPath: '/config_dump?include_eds',
    // What it tells of secrets is made up for the occasion.
    compare: (dump) => compareDumps(wanted, dump),
  };
}

async function readyPlanes(cluster: Cluster): Promise<readonly Resource[]> {
  const found: Resource[] = [];
  for await (const page of cluster.list(POD, { labelSelector: SELECTOR })) found.push(...page);
  return found
    .filter((pod) => isControlPlane(pod) && !isEnded(pod) && isReady(pod))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

const isReady = ({ body }: Resource): boolean =>
  itemsAt(body, 'status', 'conditions').some(({ item }) => item['type'] === 'Ready' && item['status'] === 'True');

async function firstAnswer(
  planes: readonly Resource[],
  path: string,
  cluster: Cluster,
): Promise<{ readonly plane: Resource; readonly body: unknown }> {
  for (const plane of planes) {
    try {
      const { status, body } = await cluster.podPort(plane, API_PORT).request(path);
      if (status >= 400) throw refused(plane, status, path, body);
      return { plane, body: JSON.parse(body) };
    } catch (error) {
      // A silent instance is no reason to give up: the next may answer.
      if (!(error instanceof MeshctlError && error.code === 'E_POD_PORT')) throw error;
    }
  }
  throw new MeshctlError(
    'E_CONTROL_PLANE',
    planes.length === 0 ? 'No control plane of Kuma is ready in this cluster.' : `No control plane of Kuma answers on port ${API_PORT}.`,
    { hint: 'Run "meshctl check --only control-plane" for the reason.', exit: EXIT.unreachable },
  );
}

function refused({ namespace, name }: Resource, status: number, path: string, body: string): MeshctlError {
  const hints: Readonly<Record<number, string>> = {
    401: 'The control plane does not take requests from its own pod for those of an administrator (KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN).',
    403: 'The control plane does not take requests from its own pod for those of an administrator (KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN).',
    404: 'Control planes before Kuma 2.7 do not tell it, nor of a proxy that is not connected.',
    405: 'Only the control plane of the zone tells it: name the context of its cluster.',
  };
  return new MeshctlError(
    'E_CONTROL_PLANE',
    `Control plane "${namespace}/${name}" answers ${path} with ${status}: ${body.trim().slice(0, 200)}`,
    {
      hint: hints[status] ?? 'See what the proxy has with "meshctl proxy-config".',
      exit: EXIT.unreachable,
    },
  );
}

/** Part of a dump, its list, and what of an entry holds the resource, by the type of the resource. */
const PARTS: Readonly<Record<string, readonly [part: string, list: string, entry: (resource: object, name: string) => object]>> = {
  Cluster: ['ClustersConfigDump', 'dynamic_active_clusters', (cluster) => ({ cluster })],
  ClusterLoadAssignment: ['EndpointsConfigDump', 'dynamic_endpoint_configs', (endpoint_config) => ({ endpoint_config })],
  Listener: ['ListenersConfigDump', 'dynamic_listeners', (listener, name) => ({ name, active_state: { listener } })],
  RouteConfiguration: ['RoutesConfigDump', 'dynamic_route_configs', (route_config) => ({ route_config })],
};

/** @param xds resources by their type and name */
function dumpOf(xds: Readonly<Record<string, unknown>>): object {
  const configs = Object.entries(xds).flatMap(([type, resources]) => {
    const part = PARTS[type.replace(/^.*\./, '')];
    if (!part || !isBody(resources)) return [];
    const entries = Object.entries(resources).flatMap(([name, resource]) => (isBody(resource) ? [part[2](resource, name)] : []));
    return [{ '@type': `type.googleapis.com/envoy.admin.v3.${part[0]}`, [part[1]]: entries }];
  });
  return { configs };
}

/** What is asked for the list of proxies: every istiod, and the pods. */
import { EXIT, MeshctlError } from '../../errors.ts';
import { stringAt } from '../../model/body.ts';
import type { Facts, PodAnswer } from '../../model/check.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { ControlPlaneStatus } from '../../model/proxy-status.ts';
import type { Resource } from '../../model/resource.ts';
import { brokenContainers, isEnded } from '../checks/pods.ts';
import { reachedFor, saidOf } from '../proxies/words.ts';
import { versionOfImage } from './checks/control-plane.ts';
import { isIstiod, isReady, monitoringPort } from './checks/istiod.ts';
import { isZtunnel, proxyImage } from './checks/proxies.ts';
import { entriesOf, joined, type SyncedProxy, type SyncStatus } from './checks/sync-status.ts';
import { POD } from './kinds.ts';
import { DEFAULT_REVISION, REVISION_LABEL } from './webhooks.ts';
import { clientConfigs } from './xds/client-configs.ts';

export const keyOf = ({ namespace, name }: Pick<Resource, 'namespace' | 'name'>): string => `${namespace}/${name}`;

/** With more pods than this only their metadata is read: what they cost must not grow with the mesh. */
const MOST_WHOLE = 500;
const PAGE = 5000;
export const MANY = `There are more than ${MOST_WHOLE} pods, so that pods without a proxy were not looked for; "meshctl check" does.`;

/** Their labels differ with the way of installation. */
export async function istiodsOf(facts: Facts): Promise<readonly Resource[]> {
  const found = await Promise.all(['app=istiod', 'istio=pilot'].map((labelSelector) => facts.list(POD, { labelSelector })));
  const byPlace = new Map(found.flat().map((pod) => [keyOf(pod), pod]));
  return [...byPlace.values()].filter((pod) => isIstiod(pod) && !isEnded(pod));
}

export async function podsOf(facts: Facts): Promise<{ readonly pods: readonly Resource[]; readonly isWhole: boolean }> {
  const { namespace } = facts;
  const pods = await facts.list(POD, { namespace, metadataOnly: true, pageSize: PAGE });
  return pods.length > MOST_WHOLE ? { pods, isWhole: false } : { pods: await facts.list(POD, { namespace }), isWhole: true };
}

/** By what its metadata shows, where that is all there is. */
export function mayHaveProxy(pod: Resource): boolean {
  if (isEnded(pod)) return false;
  const isMarked =
    pod.annotations['sidecar.istio.io/status'] !== undefined || pod.labels['gateway.istio.io/managed'] !== undefined || isZtunnel(pod);
  return pod.partial ? isMarked : proxyImage(pod) !== undefined;
}

/** Of few each is read; of many, all of their namespaces are, which costs no more. */
export async function wholePods(pods: readonly Resource[], facts: Facts): Promise<readonly Resource[]> {
  const partial = pods.filter((pod) => pod.partial);
  if (partial.length === 0) return pods;
  const namespaces = [...new Set(partial.map(({ namespace }) => namespace))];
  const wanted = new Set(partial.map(keyOf));
  const read =
    partial.length <= MOST_READ
      ? await Promise.all(partial.map((pod) => facts.get(pod)))
      : (await Promise.all(namespaces.map((namespace) => facts.list(POD, { namespace })))).flat();
  return read.flatMap((pod) => (pod && wanted.has(keyOf(pod)) && mayHaveProxy(pod) ? [pod] : []));
}
const MOST_READ = 20;

export interface Asked {
  readonly pod: Resource;
  readonly answer: PodAnswer | undefined;
  /** Where it told of them otherwise than by the page. */
  readonly proxies?: readonly SyncedProxy[];
  readonly plane: ControlPlaneStatus;
}

export const planeRevision = ({ labels }: Resource): string => labels[REVISION_LABEL] || DEFAULT_REVISION;

/** Each istiod fails on its own. */
export async function askAll(
  istiods: readonly Resource[],
  facts: Facts,
  cluster: Cluster,
  namespace: string | undefined,
): Promise<readonly Asked[]> {
  const query = namespace === undefined ? '' : `?namespace=${encodeURIComponent(namespace)}`;
  return Promise.all(
    istiods.map(async (pod): Promise<Asked> => {
      const tag = versionOfImage(stringAt(pod.body, 'spec', 'containers', 0, 'image') ?? '');
      const plane = {
        mesh: 'istio',
        namespace: pod.namespace,
        name: pod.name,
        revision: planeRevision(pod),
      } as const;
      if (!isReady(pod)) {
        const error = brokenContainers(pod) ?? 'It is not ready.';
        return { pod, answer: undefined, plane: { ...plane, version: tag, reachable: false, error } };
      }
      const port = monitoringPort(pod);
      try {
        const [answer, version] = await Promise.all([facts.ask(pod, port, `/debug/syncz${query}`), facts.ask(pod, port, '/version')]);
        const said = /^\d+\.\d+\.\d+[^-\s]*/.exec(version?.status === 200 ? version.body : '')?.[0];
        const told = { ...plane, version: said ?? tag };
        if (entriesOf(answer)) return { pod, answer, plane: { ...told, reachable: true } };
        const silence = reachedFor(answer, port, '/debug/syncz');
        // Where nothing answers at all, nothing will on the next port.
        const over = answer ? await overXds(cluster, pod, namespace) : { problem: '' };
        if ('proxies' in over) return { pod, answer: undefined, proxies: over.proxies, plane: { ...told, reachable: true } };
        const error = `${silence} ${over.problem}`.trim();
        return { pod, answer, plane: { ...told, reachable: false, error } };
      } catch (error) {
        if (!(error instanceof MeshctlError) || error.exit !== EXIT.unreachable) throw error;
        return { pod, answer: undefined, plane: { ...plane, version: tag, reachable: false, error: saidOf(error) } };
      }
    }),
  );
}

/** The pages may be turned off, or be for those with a token only: then it is asked as proxies ask it. */
async function overXds(
  cluster: Cluster,
  pod: Resource,
  namespace: string | undefined,
): Promise<{ readonly proxies: readonly SyncedProxy[] } | { readonly problem: string }> {
  try {
    const { proxies } = await clientConfigs(cluster, pod);
    return {
      proxies: proxies
        .filter((proxy) => namespace === undefined || proxy.namespace === namespace)
        .map(({ version, ...proxy }) => ({ ...proxy, version: version || undefined, role: undefined, istiod: pod })),
    };
  } catch (error) {
    if (!(error instanceof MeshctlError)) throw error;
    return { problem: saidOf(error) };
  }
}

/** One that is not ready has no proxies, so that nothing is missed of it. */
export const statusIn = (asked: readonly Asked[]): SyncStatus =>
  joined({ answers: asked.filter(({ pod }) => isReady(pod)), isWhole: true });

/** Which istiod a proxy is connected to. */
import { EXIT, MeshctlError } from '../../../errors.ts';
import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Cluster } from '../../../model/cluster.ts';
import type { ProxyOfPod } from '../../../model/mesh-adapter.ts';
import { inParallel } from '../../../model/parallel.ts';
import type { Resource } from '../../../model/resource.ts';
import { count } from '../../../text/words.ts';
import { isEnded } from '../../checks/pods.ts';
import { isReady, monitoringPort } from '../checks/istiod.ts';
import { POD } from '../kinds.ts';

const AT_ONCE = 8;

export interface Connection {
  readonly istiod: Resource;
  /** What istiod finds the proxy by: it takes the first connection whose id holds the text. */
  readonly id: string;
}

interface Answer {
  readonly istiod: Resource;
  /** Undefined when nothing answers. */
  readonly status: number | undefined;
  readonly body: string;
}

/** @throws MeshctlError E_CONTROL_PLANE when no istiod can be asked, or none knows the proxy */
export async function connectionOf(proxy: ProxyOfPod, cluster: Cluster): Promise<Connection> {
  const istiods = await readyIstiods(cluster);
  const answers = await inParallel(istiods, AT_ONCE, (istiod) => asked(istiod, '/debug/connections', cluster));
  const own = `${proxy.name}.${proxy.namespace}`;
  // A proxy that went over to another istiod may still be on the list of the one that it left.
  const [newest] = answers
    .flatMap(({ istiod, body, status }) => (status === 200 ? connectionsIn(body).map((each) => ({ ...each, istiod })) : []))
    .filter(({ id }) => id.replace(/-\d+$/, '') === own)
    .sort((left, right) => right.since - left.since);
  if (newest) return newest;
  throw notConnected(proxy, answers);
}

async function readyIstiods(cluster: Cluster): Promise<readonly Resource[]> {
  // The first is on all of current versions; the second is that of Istio's older charts.
  for (const labelSelector of ['app=istiod', 'istio=pilot']) {
    const found: Resource[] = [];
    for await (const page of cluster.list(POD, { labelSelector })) found.push(...page);
    const ready = found.filter((pod) => !isEnded(pod) && isReady(pod));
    if (ready.length > 0) return ready;
    if (found.length > 0) {
      throw new MeshctlError(
        'E_CONTROL_PLANE',
        `None of ${count(found.length, 'istiod pod')} is ready, so that nobody tells what a proxy should have.`,
        {
          hint: 'Run "meshctl check --only control-plane" for the reason.',
          exit: EXIT.unreachable,
        },
      );
    }
  }
  throw new MeshctlError('E_CONTROL_PLANE', 'No istiod runs in this cluster, so that nobody tells what a proxy should have.', {
    hint: 'Name the context of the cluster that the control plane runs in, or see what the proxy has with "meshctl proxy-config".',
    exit: EXIT.unreachable,
  });
}

export const askIstiod = (istiod: Resource, path: string, cluster: Cluster): Promise<{ readonly status: number; readonly body: string }> =>
  cluster.podPort(istiod, monitoringPort(istiod)).request(path);

/** One istiod that is silent does not keep the others from answering. */
async function asked(istiod: Resource, path: string, cluster: Cluster): Promise<Answer> {
  try {
    return { istiod, ...(await askIstiod(istiod, path, cluster)) };
  } catch (error) {
    if (error instanceof MeshctlError && (error.code === 'E_POD_PORT' || error.code === 'E_CLUSTER_TIMEOUT')) {
      return { istiod, status: undefined, body: '' };
    }
    throw error;
  }
}

function connectionsIn(body: string): readonly { readonly id: string; readonly since: number }[] {
  try {
    return itemsAt(JSON.parse(body), 'clients').map(({ item }) => ({
      id: stringAt(item, 'connectionId') ?? '',
      since: Date.parse(stringAt(item, 'connectedAt') ?? '') || 0,
    }));
  } catch {
    return [];
  }
}

function notConnected({ namespace, name }: ProxyOfPod, answers: readonly Answer[]): MeshctlError {
  const names = (some: readonly Answer[]): string => some.map(({ istiod }) => istiod.name).join(', ');
  const silent = answers.filter(({ status }) => status === undefined);
  const refusing = answers.filter(({ status }) => status !== undefined && status !== 200);
  const reasons = [
    ...(silent.length > 0 ? [`${names(silent)} did not answer.`] : []),
    ...(refusing.length > 0 ? [`${names(refusing)} did not tell (status ${refusing[0]?.status}).`] : []),
  ];
  const message = `No istiod has a connection of the proxy of pod "${namespace}/${name}".`;
  return new MeshctlError('E_CONTROL_PLANE', [message, ...reasons].join(' '), {
    hint:
      refusing.length > 0
        ? 'The debug pages of istiod may be off (ENABLE_DEBUG_ON_HTTP=false). "meshctl proxy-config" shows what the proxy has.'
        : 'See "meshctl proxy-status" for the proxies that are connected. "meshctl proxy-config" shows what the proxy has.',
    exit: EXIT.unreachable,
  });
}

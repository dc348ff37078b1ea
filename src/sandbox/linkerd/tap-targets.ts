/** Which pods a tap is for, and which exchanges it wants. */
import { stringMapAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { Kind } from '../../model/resource.ts';
import { parseLabelSelector } from '../api/selectors.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import type { Exchange } from '../traffic/exchange.ts';
import { workloadOf } from './pods.ts';
import { type Direction, destinationLabels } from './tap-events.ts';
import type { TapMatch, TapRequest, TapResource } from './tap-request.ts';

const KINDS: Readonly<Record<string, Kind>> = {
  namespace: 'core/Namespace',
  pod: 'core/Pod',
  service: 'core/Service',
  replicationcontroller: 'core/ReplicationController',
  daemonset: 'apps/DaemonSet',
  deployment: 'apps/Deployment',
  replicaset: 'apps/ReplicaSet',
  statefulset: 'apps/StatefulSet',
  job: 'batch/Job',
  cronjob: 'batch/CronJob',
};

/** The tap server's words for its errors, as clients print them. */
export class TapProblem extends Error {}

/**
 * Names of the pods, as `namespace/name`, whose proxies can be tapped.
 * @throws TapProblem when there is no such object, or none of its pods can be tapped
 */
export function tappedPods({ target, labelSelector: selector }: TapRequest, store: Store): ReadonlySet<string> {
  const { type, name } = target;
  const found = podsFor(target, selector, store).filter(({ metadata }) => metadata.labels?.['linkerd.io/control-plane-ns'] !== undefined);
  const is = (pod: KubeObject, annotation: string): boolean => pod.metadata.annotations?.[annotation] === 'true';
  const disabled = found.filter((pod) => is(pod, DISABLED));
  const waiting = found.filter((pod) => !is(pod, DISABLED) && !is(pod, 'viz.linkerd.io/tap-enabled'));
  const ready = found.filter((pod) => !disabled.includes(pod) && !waiting.includes(pod));
  if (ready.length > 0) return new Set(ready.map(keyOf));
  const listed = (pods: readonly KubeObject[], what: string, advice: string): string =>
    pods.length === 0
      ? ''
      : `${pods.length} pods found with tap ${what}:\n${pods.map((pod) => `\t* ${pod.metadata.name}\n`).join('')}${advice}\n`;
  throw new TapProblem(
    `no pods to tap for type="${type}" name="${name}"\n` +
      listed(disabled, `disabled via the ${DISABLED} annotation`, 'remove this annotation to make these pods valid tap targets') +
      listed(waiting, 'not enabled', 'restart these pods to enable tap and make them valid tap targets'),
  );
}

const DISABLED = 'viz.linkerd.io/disable-tap';

export const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

function podsFor({ type, name, namespace }: TapResource, selector: string, store: Store): readonly KubeObject[] {
  const kind = KINDS[type];
  if (!kind) throw new TapProblem(`unimplemented resource type: ${type}`);
  const within = type === 'namespace' ? '' : namespace;
  if (name !== '' && !store.get(kind, within, name)) throw new TapProblem(`${type} "${name}" not found`);
  const isSelected = parseLabelSelector(selector);
  const objects = store.list(kind, within).filter((each) => (name === '' || each.metadata.name === name) && isSelected(each));
  return objects.flatMap((object) => podsOf(type, object, store));
}

function podsOf(type: string, object: KubeObject, store: Store): readonly KubeObject[] {
  const { name, namespace = '' } = object.metadata;
  if (type === 'pod') return [object];
  if (type === 'namespace') return store.list('core/Pod', name);
  const pods = store.list('core/Pod', namespace);
  if (type === 'service') {
    const wanted = stringMapAt(object, 'spec', 'selector');
    return Object.keys(wanted).length === 0 ? [] : pods.filter(({ metadata }) => labelsMatch(wanted, metadata.labels ?? {}));
  }
  return pods.filter((pod) => {
    const workload = workloadOf(pod, store);
    const owner = pod.metadata.ownerReferences?.[0];
    return (workload.kind === type && workload.name === name) || (owner?.kind.toLowerCase() === type && owner.name === name);
  });
}

/** Whether the proxy of one side tells of an exchange: every match has to fit. */
export function isWanted(exchange: Exchange, direction: Direction, matches: readonly TapMatch[], store: Store): boolean {
  const labels = destinationLabels(exchange, direction, store);
  return matches.every((match) => {
    if (match.is === 'destination') return Object.entries(labelsFor(match.resource)).every(([name, value]) => labels[name] === value);
    if (match.is === 'path') return exchange.path.startsWith(match.value);
    if (match.is === 'authority') return match.value === exchange.authority;
    return match.is === 'method' ? match.value.toUpperCase() === exchange.method : match.value.toLowerCase() === 'http';
  });
}

const labelsFor = ({ type, name, namespace }: TapResource): Readonly<Record<string, string>> => ({
  ...(name === '' ? {} : { [type === 'job' ? 'k8s_job' : type]: name }),
  ...(type === 'namespace' || namespace === '' ? {} : { namespace }),
});

export const resourcePath = ({ type, name, namespace }: TapResource): string =>
  type === 'namespace' ? `namespaces/${name}/tap` : `namespaces/${namespace}/${type}s/${name}/tap`;

export const tapResources: readonly { readonly name: string; readonly namespaced: boolean }[] = Object.keys(KINDS).map((type) => ({
  name: `${type}s`,
  namespaced: type !== 'namespace',
}));

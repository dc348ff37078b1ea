/** Kuma's proxies by the insights that its control plane keeps in the cluster: no proxy is asked. */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Facts } from '../../model/check.ts';
import {
  type MeshProxies,
  type ProxyQuestion,
  type ProxyStatus,
  type ProxyType,
  type TypeStatus,
  worstOf,
} from '../../model/proxy-status.ts';
import type { Resource } from '../../model/resource.ts';
import { count } from '../../text/words.ts';
import { LEAST_LEFT_OF_WORKLOADS, lifetimeOf } from '../checks/certificates.ts';
import { versionOfImage } from '../checks/images.ts';
import { containerProblem, containerStatus, isEnded, stuckContainers } from '../checks/pods.ts';
import { isStarting, POD, sidecarPods } from '../checks/sidecars.ts';
import { bypassesBy } from '../proxies/bypassing.ts';
import { firstImage, planeByPod } from '../proxies/control-pods.ts';
import { checks } from './checks/index.ts';
import { type Connection, connectionOf, DATAPLANE, DATAPLANE_INSIGHT, endedAt, timeAt } from './insights.ts';
import { isControlPlane, kumaMesh, ofThisCluster, SIDECAR } from './sidecar-mesh.ts';

const keyOf = ({ namespace, name }: Pick<Resource, 'namespace' | 'name'>): string => `${namespace}/${name}`;

export async function proxies(facts: Facts, question: ProxyQuestion): Promise<MeshProxies> {
  const [pods, dataplanes, insights, all] = await Promise.all([
    sidecarPods(facts, kumaMesh.isSidecar),
    ofThisCluster(facts, DATAPLANE),
    ofThisCluster(facts, DATAPLANE_INSIGHT),
    facts.list(POD),
  ]);
  const planes = all.filter((pod) => !isEnded(pod) && isControlPlane(pod));
  const byKey = new Map(insights.map((insight) => [keyOf(insight), insight]));
  const known = new Map(pods.map((proxy) => [keyOf(proxy.pod), proxy.pod]));
  // A gateway or a proxy outside of Kubernetes has a Dataplane and no pod of that name.
  const unpodded = dataplanes.filter((dataplane) => !known.has(keyOf(dataplane)));
  const chosen = [...pods.map(({ pod }) => pod), ...unpodded].filter(({ labels }) => question.selects(labels));
  return {
    controlPlanes: planes.map((pod) => planeByPod('kuma', pod, versionOfImage(firstImage(pod)))),
    proxies: chosen.map((each) => statusOf(each, byKey.get(keyOf(each)), { facts, question, planes })),
    notices: await bypassesBy(checks, 'kuma/data-plane-pods-injected', facts),
  };
}

interface Scope {
  readonly facts: Facts;
  readonly question: ProxyQuestion;
  readonly planes: readonly Resource[];
}

/** @param about its pod, or its Dataplane where it has none */
function statusOf(about: Resource, insight: Resource | undefined, { facts, question, planes }: Scope): ProxyStatus {
  const { namespace, name } = about;
  const connection = insight && connectionOf(insight);
  const types = connection ? typesOf(connection, facts.now, question.staleAfterMs) : {};
  const notAfter = timeAt(stringsOf(insight), 'certificateExpirationTime');
  const state = connection ? worstOf(types, []) : 'disconnected';
  return {
    ...{ mesh: 'kuma', namespace, name, cluster: about.labels['kuma.io/zone'] ?? '', type: typeOf(about) },
    version: connection && stringAt(connection.version, 'kumaDp', 'version'),
    controlPlane: planeOf(insight, planes),
    certificate: Number.isNaN(notAfter) ? undefined : { notAfter },
    types,
    ...(connection ? { state, reason: reasonFor(types), hint: hintFor(state, about) } : disconnected(about, insight, facts.now)),
    warnings: [...(Number.isNaN(notAfter) ? [] : certificateWarnings(insight, notAfter, facts.now)), ...stuckContainers(about)],
  };
}

const stringsOf = (insight: Resource | undefined): unknown => (insight?.body['status'] as { readonly mTLS?: unknown } | undefined)?.mTLS;

function certificateWarnings(insight: Resource | undefined, notAfter: number, now: number): readonly string[] {
  const made = timeAt(stringsOf(insight), 'lastCertificateRegeneration');
  const { is, words } = lifetimeOf(
    { notBefore: Number.isNaN(made) ? notAfter - 86_400_000 : made, notAfter },
    now,
    LEAST_LEFT_OF_WORKLOADS,
  );
  return is === 'ok' ? [] : [`Its certificate ${words}.`];
}

/** Counts only grow while a proxy is connected, so that an old rejection cannot be told from one that lasts. */
function typesOf({ answers, updatedAt }: Connection, now: number, staleAfterMs: number): Readonly<Record<string, TypeStatus>> {
  const sentAt = Number.isNaN(updatedAt) ? {} : { sentAt: updatedAt };
  return Object.fromEntries(
    answers.map(({ type, sent, acknowledged, rejected }): [string, TypeStatus] => {
      if (rejected > 0) return [type, { state: 'error', ...sentAt, error: `${rejected} of ${count(sent, 'update')}, since it connected.` }];
      if (sent === 0) return [type, { state: 'not-sent' }];
      return [type, { state: sent > acknowledged && !(now - updatedAt <= staleAfterMs) ? 'stale' : 'synced', ...sentAt }];
    }),
  );
}

function reasonFor(types: Readonly<Record<string, TypeStatus>>): string | undefined {
  const said = Object.entries(types).flatMap(([type, { state, error = '' }]) =>
    state === 'error' ? [`It rejected ${type}: ${error}`] : state === 'stale' ? [`It has not acknowledged ${type}.`] : [],
  );
  return said.length === 0 ? undefined : said.join(' ');
}

const hintFor = (state: ProxyStatus['state'], { namespace, name }: Resource): string | undefined =>
  state === 'synced'
    ? undefined
    : `"kubectl -n ${namespace} logs ${name} -c ${SIDECAR}" tells what it rejects; a MeshProxyPatch is the usual cause.`;

function disconnected(about: Resource, insight: Resource | undefined, now: number): Pick<ProxyStatus, 'state' | 'reason' | 'hint'> {
  const isPod = about.kind === POD;
  const problem = isPod ? containerProblem(SIDECAR, containerStatus(about, SIDECAR)) : undefined;
  const hint = `"kubectl -n ${about.namespace} logs ${about.name} -c ${SIDECAR}" tells why it does not reach the control plane on port 5678.`;
  if (problem?.includes('(')) return { state: 'disconnected', reason: problem, hint };
  if (isPod && isStarting(about, now))
    return { state: 'unknown', reason: 'It has just started, and the control plane does not know it yet.' };
  const ended = endedAt(itemsAt(insight?.body, 'status', 'subscriptions'));
  const reason =
    ended === undefined
      ? 'It has never connected to the control plane.'
      : `It has not been connected since ${new Date(ended).toISOString().slice(0, 16)}Z.`;
  return {
    state: 'disconnected',
    reason,
    hint: isPod ? hint : `Its pod is gone: "kubectl -n ${about.namespace} delete dataplane ${about.name}" if it is left over.`,
  };
}

/** Instances are called by their pod and some letters. */
function planeOf(insight: Resource | undefined, planes: readonly Resource[]): string | undefined {
  const last = itemsAt(insight?.body, 'status', 'subscriptions').at(-1)?.item;
  const instance = stringAt(last, 'controlPlaneInstanceId');
  return planes.find(({ name }) => instance?.startsWith(name))?.name ?? instance;
}

function typeOf({ annotations, labels, body }: Resource): ProxyType {
  const on = (key: string): boolean => annotations[key] === 'enabled' || labels[key] === 'enabled';
  if (on('kuma.io/ingress') || labels['k8s.kuma.io/zone-proxy-type'] === 'ingress') return 'ingress';
  if (on('kuma.io/egress') || labels['k8s.kuma.io/zone-proxy-type'] === 'egress') return 'egress';
  const isGateway = annotations['kuma.io/gateway'] !== undefined || stringAt(body, 'spec', 'networking', 'gateway', 'type') !== undefined;
  return isGateway ? 'gateway' : 'sidecar';
}

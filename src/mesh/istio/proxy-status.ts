/** Sidecars, gateways, waypoints and ztunnels of Istio with their state, by what each istiod says and the pods show. */
import type { Facts } from '../../model/check.ts';
import { type MeshProxies, type ProxyQuestion, type ProxyStatus, type ProxyType, worstOf } from '../../model/proxy-status.ts';
import type { Resource } from '../../model/resource.ts';
import { stuckContainers } from '../checks/pods.ts';
import { bypassNotices, permitted } from '../proxies/bypassing.ts';
import { certificatesOf } from '../proxies/certificates.ts';
import { bypassingPods } from './bypassing-pods.ts';
import { versionOfImage } from './checks/control-plane.ts';
import { asksIstiodHere, isListed, isSettled, startedAt } from './checks/expected-proxies.ts';
import { isZtunnel, proxyImage } from './checks/proxies.ts';
import type { SyncedProxy, SyncStatus } from './checks/sync-status.ts';
import { ADMIN_PORT } from './pod-proxy.ts';
import { askAll, istiodsOf, keyOf, MANY, mayHaveProxy, planeRevision, podsOf, statusIn, wholePods } from './proxy-status-reads.ts';
import { hintFor, type Planes, reasonFor, statusOf, versionsApart, whyUnknown } from './proxy-status-reasons.ts';
import { DEFAULT_REVISION, REVISION_LABEL } from './webhooks.ts';

/** What every Envoy has of Istio; there may be no routes, and nothing for the rest. */
const NEEDED: readonly string[] = ['CDS', 'LDS'];

const HIDDEN =
  'The pods of istiod could not be listed, so that none was asked: you need the permission to list pods in its namespace, and to forward their ports.';
const ELSEWHERE = 'No istiod runs in this cluster: what its proxies were sent, only the control plane elsewhere can tell.';

export async function proxies(facts: Facts, question: ProxyQuestion): Promise<MeshProxies> {
  const [istiods, { pods, isWhole }] = await Promise.all([permitted(() => istiodsOf(facts)), podsOf(facts)]);
  const asked = await askAll(istiods ?? [], facts, question.cluster, facts.namespace);
  const planes = asked.map(({ pod }) => ({ revision: planeRevision(pod) }));
  const status = statusIn(asked);
  const byKey = new Map(pods.map((pod) => [keyOf(pod), pod]));
  const scope = { facts, question, planes, versions: new Map(asked.map(({ pod, plane }) => [keyOf(pod), plane.version])) };
  const listed = [...status.proxies.values()]
    .filter(({ namespace }) => facts.namespace === undefined || namespace === facts.namespace)
    .filter((proxy) => question.selects(byKey.get(keyOf(proxy))?.labels ?? {}))
    .map((proxy) => fromIstiod(proxy, byKey.get(keyOf(proxy)), scope));
  const others = pods.filter((pod) => mayHaveProxy(pod) && !isListed(status, pod) && question.selects(pod.labels));
  const unlisted = await unlistedOf(await wholePods(others, facts), istiods ?? [], status, scope);
  const all = [...listed, ...unlisted];
  const withCertificates = question.asksCertificates(all.length) ? await certified(all, byKey, facts) : all;
  const bypassing = isWhole ? ((await permitted(() => bypassingPods(facts, pods))) ?? []) : [];
  return {
    controlPlanes: asked.map(({ plane }) => plane),
    proxies: withCertificates,
    notices: [
      ...(istiods === undefined ? [HIDDEN] : asked.length === 0 ? [ELSEWHERE] : []),
      ...bypassNotices(bypassing.filter(({ labels }) => question.selects(labels))),
      ...(isWhole ? [] : [MANY]),
    ],
  };
}

interface Scope {
  readonly facts: Facts;
  readonly question: ProxyQuestion;
  readonly planes: Planes;
  /** Of the istiods. */
  readonly versions: ReadonlyMap<string, string | undefined>;
}

/** Pods that run a proxy which no istiod named. Proxies move from one istiod to another while they are asked, so that all are asked again. */
async function unlistedOf(
  others: readonly Resource[],
  istiods: readonly Resource[],
  status: SyncStatus,
  scope: Scope,
): Promise<readonly ProxyStatus[]> {
  const { facts, planes, question } = scope;
  const isExpected = (pod: Resource): boolean => status.told > 0 && isSettled(pod, facts.now) && asksIstiodHere(pod, planes);
  const namespaces = new Set(others.filter(isExpected).map(({ namespace }) => namespace));
  const again =
    namespaces.size > 0 && namespaces.size <= MOST_ASKED_AGAIN
      ? await Promise.all([...namespaces].map((name) => askAll(istiods, facts, question.cluster, name)))
      : [];
  const found = statusIn(again.flat());
  return others.filter((pod) => !isListed(found, pod)).map((pod) => unknownToIstiod(pod, status, scope));
}
const MOST_ASKED_AGAIN = 3;

function fromIstiod(proxy: SyncedProxy, pod: Resource | undefined, { facts, question, versions }: Scope): ProxyStatus {
  const types = Object.fromEntries(proxy.types.map((type) => [type.code, statusOf(type, facts.now, question.staleAfterMs)]));
  const version = proxy.version ?? (pod && versionOfImage(proxyImage(pod) ?? ''));
  const plane = versions.get(keyOf(proxy.istiod));
  const needed = proxy.role === 'ztunnel' ? [] : NEEDED;
  const state = worstOf(types, needed);
  return {
    ...{ mesh: 'istio', namespace: proxy.namespace, name: proxy.name, cluster: proxy.cluster, version },
    type: typeOf(proxy.role, pod),
    revision: pod && revisionOf(pod),
    controlPlane: proxy.istiod.name,
    state,
    reason: reasonFor(state, proxy.types, { needed, staleAfterMs: question.staleAfterMs, now: facts.now }),
    hint: hintFor(state, proxy),
    warnings: [...versionsApart(version, plane), ...(pod ? stuckContainers(pod) : [])],
    types,
  };
}

const TYPES: Readonly<Record<string, ProxyType>> = { router: 'gateway', waypoint: 'waypoint', ztunnel: 'ztunnel', sidecar: 'sidecar' };

function typeOf(role: string | undefined, pod: Resource | undefined): ProxyType {
  if (role !== undefined) return TYPES[role] ?? 'sidecar';
  if (pod && isZtunnel(pod)) return 'ztunnel';
  if (pod?.labels['gateway.istio.io/managed'] === 'istio.io-mesh-controller') return 'waypoint';
  const isGateway = pod?.labels['istio'] !== undefined || pod?.labels['gateway.networking.k8s.io/gateway-name'] !== undefined;
  return isGateway ? 'gateway' : 'sidecar';
}

const revisionOf = ({ annotations, labels }: Resource): string => annotations[REVISION_LABEL] ?? labels[REVISION_LABEL] ?? DEFAULT_REVISION;

/** A pod that runs a proxy which no istiod that was asked knows. */
function unknownToIstiod(pod: Resource, status: SyncStatus, { facts, planes }: Scope): ProxyStatus {
  const { namespace, name } = pod;
  const said = whyUnknown(pod, status, planes, facts.now);
  return {
    ...{ mesh: 'istio', namespace, name, cluster: '', types: {}, warnings: [], ...said },
    version: versionOfImage(proxyImage(pod) ?? ''),
    type: typeOf(undefined, pod),
    revision: revisionOf(pod),
  };
}

async function certified(all: readonly ProxyStatus[], pods: ReadonlyMap<string, Resource>, facts: Facts): Promise<readonly ProxyStatus[]> {
  return Promise.all(
    all.map(async (proxy) => {
      const pod = pods.get(keyOf(proxy));
      const runs = pod?.partial || (pod && !Number.isNaN(startedAt(pod)));
      if (!pod || !runs || proxy.type === 'ztunnel') return proxy;
      const { certificate, warnings } = await certificatesOf(facts, pod, ADMIN_PORT);
      return { ...proxy, certificate, warnings: [...proxy.warnings, ...warnings] };
    }),
  );
}

/** Sidecars, gateways, waypoints and ztunnels of Istio with their state, by what each istiod says and the pods show. */
import { EXIT, MeshctlError } from '../../errors.ts';
import { stringAt } from '../../model/body.ts';
import type { Facts, PodAnswer } from '../../model/check.ts';
import {
  type ControlPlaneStatus,
  type MeshProxies,
  type ProxyQuestion,
  type ProxyState,
  type ProxyStatus,
  type ProxyType,
  type TypeStatus,
  worstOf,
} from '../../model/proxy-status.ts';
import type { Resource } from '../../model/resource.ts';
import { parseVersion } from '../../text/semver.ts';
import { brokenContainers, containerProblem, containerStatus, isEnded, stuckContainers } from '../checks/pods.ts';
import { bypassNotices, permitted } from '../proxies/bypassing.ts';
import { certificatesOf } from '../proxies/certificates.ts';
import { reachedFor, saidOf } from '../proxies/words.ts';
import { bypassingPods } from './bypassing-pods.ts';
import { versionOfImage } from './checks/control-plane.ts';
import { asksIstiodHere, isListed, isSettled, startedAt, stillMissing } from './checks/expected-proxies.ts';
import { isReady, istiodPods, monitoringPort } from './checks/istiod.ts';
import { isZtunnel, PROXY, proxyImage } from './checks/proxies.ts';
import { entriesOf, joined, type SyncedProxy, type SyncedType, type SyncStatus } from './checks/sync-status.ts';
import { POD } from './kinds.ts';
import { proxyOf } from './pod-proxy.ts';
import { DEFAULT_REVISION, REVISION_LABEL } from './webhooks.ts';

/** What every Envoy has of Istio; there may be no routes, and nothing for the rest. */
const NEEDED: readonly string[] = ['CDS', 'LDS'];

const HIDDEN =
  'The pods of istiod could not be listed, so that none was asked: you need the permission to list pods in its namespace, and to forward their ports.';
const ELSEWHERE = 'No istiod runs in this cluster: what its proxies were sent, only the control plane elsewhere can tell.';

export async function proxies(facts: Facts, question: ProxyQuestion): Promise<MeshProxies> {
  const [istiods, pods] = await Promise.all([permitted(() => istiodPods(facts)), facts.scoped(POD)]);
  const asked = await askAll(istiods ?? [], facts);
  const planes = asked.map(({ pod }) => ({ revision: planeRevision(pod) }));
  // One that is not ready has no proxies, so that nothing is missed of it.
  const status = joined({ answers: asked.filter(({ pod }) => isReady(pod)), isWhole: true });
  const byKey = new Map(pods.map((pod) => [keyOf(pod), pod]));
  const scope = { facts, question, planes, versions: new Map(asked.map(({ pod, plane }) => [keyOf(pod), plane.version])) };
  const listed = [...status.proxies.values()]
    .filter(({ namespace }) => facts.namespace === undefined || namespace === facts.namespace)
    .filter((proxy) => question.selects(byKey.get(keyOf(proxy))?.labels ?? {}))
    .map((proxy) => fromIstiod(proxy, byKey.get(keyOf(proxy)), scope));
  const others = pods.filter((pod) => isProxyPod(pod) && !isListed(status, pod) && question.selects(pod.labels));
  const moved = new Set((await lookedForAgain(facts, others, planes, status)).map(keyOf));
  const unlisted = others.filter((pod) => moved.has(keyOf(pod))).map((pod) => unknownToIstiod(pod, status, scope));
  const all = [...listed, ...unlisted];
  const withCertificates = question.asksCertificates(all.length) ? await certified(all, byKey, facts) : all;
  const bypassing = (await permitted(() => bypassingPods(facts, pods))) ?? [];
  return {
    controlPlanes: asked.map(({ plane }) => plane),
    proxies: withCertificates,
    notices: [
      ...(istiods === undefined ? [HIDDEN] : asked.length === 0 ? [ELSEWHERE] : []),
      ...bypassNotices(bypassing.filter(({ labels }) => question.selects(labels))),
    ],
  };
}

type Planes = readonly { readonly revision: string }[];

interface Scope {
  readonly facts: Facts;
  readonly question: ProxyQuestion;
  readonly planes: Planes;
  /** Of the istiods. */
  readonly versions: ReadonlyMap<string, string | undefined>;
}

const keyOf = ({ namespace, name }: Pick<Resource, 'namespace' | 'name'>): string => `${namespace}/${name}`;

const isProxyPod = (pod: Resource): boolean => !isEnded(pod) && proxyImage(pod) !== undefined;

interface Asked {
  readonly pod: Resource;
  readonly answer: PodAnswer | undefined;
  readonly plane: ControlPlaneStatus;
}

const planeRevision = ({ labels }: Resource): string => labels[REVISION_LABEL] || DEFAULT_REVISION;

/** Each istiod fails on its own. */
async function askAll(istiods: readonly Resource[], facts: Facts): Promise<readonly Asked[]> {
  const query = facts.namespace === undefined ? '' : `?namespace=${encodeURIComponent(facts.namespace)}`;
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
        const error = entriesOf(answer) ? undefined : reachedFor(answer, port, '/debug/syncz');
        const said = /^\d+\.\d+\.\d+[^-\s]*/.exec(version?.status === 200 ? version.body : '')?.[0];
        return { pod, answer, plane: { ...plane, version: said ?? tag, reachable: error === undefined, error } };
      } catch (error) {
        if (!(error instanceof MeshctlError) || error.exit !== EXIT.unreachable) throw error;
        return { pod, answer: undefined, plane: { ...plane, version: tag, reachable: false, error: saidOf(error) } };
      }
    }),
  );
}

/** Proxies move from one istiod to another while they are asked. */
async function lookedForAgain(facts: Facts, others: readonly Resource[], planes: Planes, status: SyncStatus): Promise<readonly Resource[]> {
  const expected = others.filter((pod) => isSettled(pod, facts.now) && asksIstiodHere(pod, planes));
  const missing = status.told === 0 ? expected : await stillMissing(facts, expected);
  return others.filter((pod) => !expected.includes(pod) || missing.includes(pod));
}

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

/** Without a time nobody can tell what is late from what is on its way. */
function isLate({ state, sentAt }: SyncedType, now: number, staleAfterMs: number): boolean {
  return state === 'stale' && (sentAt === undefined || now - sentAt > staleAfterMs);
}

function statusOf(type: SyncedType, now: number, staleAfterMs: number): TypeStatus {
  const { state, sentAt, error } = type;
  if (state === 'rejected') return { state: 'error', sentAt, error };
  if (state === 'not-sent') return { state };
  return { state: isLate(type, now, staleAfterMs) ? 'stale' : 'synced', sentAt };
}

interface Judging {
  readonly needed: readonly string[];
  readonly staleAfterMs: number;
  readonly now: number;
}

function reasonFor(state: ProxyState, types: readonly SyncedType[], { needed, staleAfterMs, now }: Judging): string | undefined {
  const codes = (of: readonly SyncedType[]): string => of.map(({ code }) => code).join(', ');
  if (state === 'error')
    return types
      .filter((type) => type.state === 'rejected')
      .map(({ code, error }) => `It rejects ${code}: ${saidOf(error)}`)
      .join(' ');
  if (state === 'stale') return `It has not acknowledged ${codes(types.filter((type) => isLate(type, now, staleAfterMs)))}.`;
  if (state === 'not-sent')
    return `istiod has not sent it ${codes(types.filter((type) => type.state === 'not-sent' && needed.includes(type.code)))}.`;
  return undefined;
}

function hintFor(state: ProxyState, { namespace, name }: Pick<SyncedProxy, 'namespace' | 'name'>): string | undefined {
  if (state === 'error')
    return `"meshctl proxy-status ${name}.${namespace}" shows what it lacks; an EnvoyFilter is the usual cause of what a proxy rejects: "meshctl analyze".`;
  if (state === 'stale')
    return `"kubectl -n ${namespace} logs ${name} -c ${PROXY}", and its CPU and memory limits; a new pod starts with current configuration.`;
  return state === 'not-sent' ? `Look in istiod's log for what it says of "${name}.${namespace}".` : undefined;
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

/** Proxies may be one minor version older than their control plane while it is upgraded. */
function versionsApart(version: string | undefined, plane: string | undefined): readonly string[] {
  const [own, other] = [parseVersion(version ?? ''), parseVersion(plane ?? '')];
  if (!own || !other || own.major !== other.major || own.minor === other.minor) return [];
  const apart = other.minor - own.minor;
  if (apart === 1) return [];
  return [`It is of version ${version}, and its control plane of ${plane}: restart its workload to give it a new proxy.`];
}

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

function whyUnknown(pod: Resource, status: SyncStatus, planes: Planes, now: number): Pick<ProxyStatus, 'state' | 'reason' | 'hint'> {
  const problem = containerProblem(PROXY, containerStatus(pod, PROXY));
  const logs = `kubectl -n ${pod.namespace} logs ${pod.name} -c ${PROXY}`;
  if (problem !== undefined && Number.isNaN(startedAt(pod)))
    return { state: 'disconnected', reason: problem, hint: `"kubectl -n ${pod.namespace} describe pod ${pod.name}" tells why.` };
  if (planes.length === 0) return { state: 'unknown', reason: 'No istiod could be asked.' };
  if (!asksIstiodHere(pod, planes))
    return { state: 'unknown', reason: 'It uses a control plane that does not run in this cluster, or no longer.' };
  if (!status.isWhole) return { state: 'unknown', reason: 'Not every istiod could be asked.' };
  if (status.told === 0)
    return {
      state: 'disconnected',
      reason: 'No istiod that could configure it is ready.',
      hint: '"meshctl check" tells what is wrong with istiod.',
    };
  if (!isSettled(pod, now)) return { state: 'unknown', reason: 'Its proxy has just started, and no istiod knows it yet.' };
  const hint = `"${logs}" tells why it does not reach istiod on port 15012; a NetworkPolicy, or a certificate of another authority, are the usual causes.`;
  return { state: 'disconnected', reason: 'No istiod knows its proxy.', hint };
}

async function certified(all: readonly ProxyStatus[], pods: ReadonlyMap<string, Resource>, facts: Facts): Promise<readonly ProxyStatus[]> {
  return Promise.all(
    all.map(async (proxy) => {
      const pod = pods.get(keyOf(proxy));
      const admin = pod && proxyOf(pod);
      if (!pod || admin?.kind !== 'envoy' || admin.adminPort === undefined || Number.isNaN(startedAt(pod))) return proxy;
      const { certificate, warnings } = await certificatesOf(facts, pod, admin.adminPort);
      return { ...proxy, certificate, warnings: [...proxy.warnings, ...warnings] };
    }),
  );
}

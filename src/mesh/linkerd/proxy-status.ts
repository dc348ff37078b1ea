/** Linkerd's proxies: no controller keeps account of them, so that each is asked for its metrics. */
import type { Facts } from '../../model/check.ts';
import type { MeshProxies, ProxyQuestion, ProxyStatus, TypeStatus } from '../../model/proxy-status.ts';
import { count, quotedList } from '../../text/words.ts';
import { LEAST_LEFT_OF_WORKLOADS, lifetimeOf } from '../checks/certificates.ts';
import { containerProblem, containerStatus, isEnded, stuckContainers } from '../checks/pods.ts';
import { isStarting } from '../checks/sidecars.ts';
import { bypassesBy } from '../proxies/bypassing.ts';
import { firstImage, planeByPod } from '../proxies/control-pods.ts';
import { askedFor, ofOtherVersion } from '../proxies/words.ts';
import { checks } from './checks/index.ts';
import { controlPlanePods, controlPlanes } from './control-planes.ts';
import { adminPortOf, dataPlaneProxies, PROXY, type ProxyPod } from './proxies.ts';
import { type ProxyMetrics, readProxyMetrics } from './proxy-metrics.ts';
import { tagOf } from './versions.ts';

const DAY_MS = 86_400_000;

export async function proxies(facts: Facts, question: ProxyQuestion): Promise<MeshProxies> {
  const planes = await controlPlanes(facts);
  const pods = (await Promise.all(planes.map((plane) => controlPlanePods(facts, plane)))).flat().filter((pod) => !isEnded(pod));
  const chosen = (await dataPlaneProxies(facts)).filter(({ pod }) => question.selects(pod.labels));
  const versions = new Set(pods.map((pod) => tagOf(firstImage(pod))));
  return {
    controlPlanes: pods.map((pod) => planeByPod('linkerd', pod, tagOf(firstImage(pod)))),
    proxies: await Promise.all(chosen.map((proxy) => statusOf(proxy, facts, versions.size === 1 ? [...versions][0] : undefined))),
    notices: await bypassesBy(checks, 'linkerd/data-plane-pods-injected', facts),
  };
}

async function statusOf(proxy: ProxyPod, facts: Facts, planeVersion: string | undefined): Promise<ProxyStatus> {
  const { pod, version } = proxy;
  const differs = version !== undefined && planeVersion !== undefined && version !== planeVersion;
  const { warnings: own, ...fares } = await asked(proxy, facts);
  const warnings = [...own, ...stuckContainers(pod)];
  return {
    ...{ mesh: 'linkerd', namespace: pod.namespace, name: pod.name, cluster: '', type: typeOf(proxy), version },
    ...fares,
    warnings: differs ? [...warnings, ofOtherVersion(version, planeVersion)] : warnings,
  };
}

const typeOf = ({ pod }: ProxyPod): ProxyStatus['type'] => (pod.labels['app'] === 'linkerd-gateway' ? 'gateway' : 'sidecar');

type Fares = Pick<ProxyStatus, 'state' | 'reason' | 'hint' | 'warnings' | 'types' | 'certificate'>;

async function asked(proxy: ProxyPod, facts: Facts): Promise<Fares> {
  const { pod } = proxy;
  const logs = `"kubectl -n ${pod.namespace} logs ${pod.name} -c ${PROXY}"`;
  const problem = containerProblem(PROXY, containerStatus(pod, PROXY));
  if (problem?.includes('(')) return { state: 'disconnected', reason: problem, hint: `${logs} tells why.`, warnings: [], types: {} };
  const port = adminPortOf(proxy);
  const answer = await askedFor(facts, pod, port, '/metrics');
  if ('problem' in answer) return { state: 'unknown', reason: answer.problem, warnings: [], types: {} };
  const metrics = readProxyMetrics(answer.body);
  const certificate = metrics.certificate && { notAfter: metrics.certificate.expiresAt };
  const shared = { certificate, warnings: warningsOf(metrics, facts.now), types: typesOf(metrics) };
  if (metrics.unreachable.length === 0 && metrics.certificate) return { state: 'synced', ...shared };
  if (isStarting(pod, facts.now)) return { state: 'unknown', reason: 'It has just started.', ...shared };
  const reason = metrics.unreachable.length > 0 ? `It does not reach ${quotedList(metrics.unreachable)}.` : 'It has no certificate.';
  const hint = `${logs}, and whether a NetworkPolicy keeps the pod from the control plane's ports 8080, 8086 and 8090.`;
  return { state: 'disconnected', reason, hint, ...shared };
}

/** The controllers that it asks stand where an Envoy has types of configuration. */
const typesOf = ({ unreachable }: ProxyMetrics): Readonly<Record<string, TypeStatus>> =>
  Object.fromEntries(
    ['destination', 'identity', 'policy'].map((controller): [string, TypeStatus] => [
      controller,
      unreachable.some((each) => each === controller) ? { state: 'error', error: 'It is not reached.' } : { state: 'synced' },
    ]),
  );

function warningsOf({ certificate, failedRenewals }: ProxyMetrics, now: number): readonly string[] {
  if (!certificate) return [];
  const { issuedAt = certificate.expiresAt - DAY_MS, expiresAt } = certificate;
  const { is, words } = lifetimeOf({ notBefore: Math.min(issuedAt, now), notAfter: expiresAt }, now, LEAST_LEFT_OF_WORKLOADS);
  const failed = failedRenewals === 0 ? '' : ` ${count(failedRenewals, 'renewal')} failed.`;
  return is === 'ok' ? [] : [`Its certificate ${words}.${failed}`];
}

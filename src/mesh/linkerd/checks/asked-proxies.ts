/** What only the proxies themselves can tell. With many of them some are asked, spread over all. */
import type { Check, CheckResult, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { count, quotedList } from '../../../text/words.ts';
import { LEAST_LEFT_OF_WORKLOADS, lifetimeOf } from '../../checks/certificates.ts';
import { containerStatus } from '../../checks/pods.ts';
import { POD } from '../kinds.ts';
import { adminPortOf, dataPlaneProxies, PROXY, proxyOf } from '../proxies.ts';
import { type ProxyMetrics, readProxyMetrics } from '../proxy-metrics.ts';
import { API } from './control-plane.ts';
import { type Trouble, verdict } from './verdict.ts';

const METRICS = 'https://linkerd.io/2/reference/proxy-metrics/';

interface Asked {
  readonly pod: Resource;
  readonly metrics: ProxyMetrics;
}

/** Proxies that are not ready are told of elsewhere. */
async function asked(facts: Facts): Promise<{ readonly answers: readonly Asked[]; readonly asked: number; readonly all: number }> {
  const ready = (await dataPlaneProxies(facts)).filter(({ pod }) => containerStatus(pod, PROXY)?.['ready'] === true);
  const chosen = facts.sample(ready.map(({ pod }) => pod)).flatMap((pod) => proxyOf(pod) ?? []);
  const answers = await Promise.all(
    chosen.map(async (proxy): Promise<readonly Asked[]> => {
      const answer = await facts.ask(proxy.pod, adminPortOf(proxy), '/metrics');
      return answer?.status === 200 ? [{ pod: proxy.pod, metrics: readProxyMetrics(answer.body) }] : [];
    }),
  );
  return { answers: answers.flat(), asked: chosen.length, all: ready.length };
}

interface Row {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly category: string;
  readonly reason: string;
  judge(asked: Asked, facts: Facts): readonly Trouble[];
}

const ROWS: readonly Row[] = [
  {
    id: 'linkerd/proxy-certificates-valid',
    title: 'Every proxy has a certificate that is in date, and renews it.',
    why: 'Other proxies refuse one whose certificate has ended, and one without may not call what asks for an identity.',
    category: 'certificates',
    reason: 'Proxies do not renew their certificates.',
    judge: certificateTrouble,
  },
  {
    id: 'linkerd/proxy-control-plane-connected',
    title: 'Every proxy reaches the control plane.',
    why: 'A proxy without the control plane sends to endpoints that may be gone, and cannot renew its certificate.',
    category: 'data-plane',
    reason: 'Proxies have given up waiting for the control plane.',
    judge: ({ pod, metrics }) => {
      if (metrics.unreachable.length === 0) return [];
      const hint = `Run "kubectl -n ${pod.namespace} logs ${pod.name} -c ${PROXY}", and see whether a NetworkPolicy keeps the pod from the control plane's ports 8080, 8086 and 8090.`;
      return [{ is: 'failed', resource: pod, detail: `It does not reach ${quotedList(metrics.unreachable)}.`, hint }];
    },
  },
  {
    id: 'linkerd/proxy-protocols-detected',
    title: 'No proxy waits in vain to see which protocol its clients speak.',
    why: 'Each such connection is delayed by 10 seconds, as with protocols in which the server speaks first.',
    category: 'data-plane',
    reason: 'Connections are delayed by 10 seconds, because their protocol cannot be seen.',
    judge: detectionTrouble,
  },
];

function certificateTrouble({ pod, metrics }: Asked, { now }: Facts): readonly Trouble[] {
  const failures = metrics.failedRenewals === 0 ? '' : ` ${count(metrics.failedRenewals, 'renewal')} failed.`;
  const hint = `Run "kubectl -n ${pod.namespace} logs ${pod.name} -c ${PROXY}", and look at the logs of the identity controller.`;
  // A proxy without certificate is not ready, so that one whose metrics lack it only calls it by another name.
  if (!metrics.certificate) return [];
  const { issuedAt, expiresAt } = metrics.certificate;
  // The usual lifetime is a day.
  const lifetime = lifetimeOf(
    { notBefore: Math.min(issuedAt ?? expiresAt - 86_400_000, now), notAfter: expiresAt },
    now,
    LEAST_LEFT_OF_WORKLOADS,
  );
  if (lifetime.is === 'ok') return [];
  return [{ is: lifetime.is, resource: pod, detail: `Its certificate ${lifetime.words}.${failures}`, hint }];
}

/** A client that connects and leaves, as health checks of load balancers do, is seen now and then everywhere. */
const SOME = 5;
const SHARE = 0.2;

function detectionTrouble({ pod, metrics }: Asked): readonly Trouble[] {
  const slow = metrics.detections.filter(({ timeouts, all }) => timeouts >= SOME && timeouts / all >= SHARE);
  const [first] = slow;
  if (!first) return [];
  const ports = slow.map(({ port, timeouts, all }) => `${timeouts} of ${all}${port === '' ? '' : ` on port ${port}`}`);
  const hint = `Mark the port as opaque with annotation "config.linkerd.io/opaque-ports${first.port === '' ? '' : `: ${first.port}`}" on the pods of pod "${pod.namespace}/${pod.name}" and on their Service.`;
  return [{ is: 'warning', resource: pod, detail: `Of the connections to it, ${ports.join(', ')} timed out in protocol detection.`, hint }];
}

export const askedProxyChecks: readonly Check[] = ROWS.map(({ id, title, why, category, reason, judge }) => ({
  ...{ id, title, why, category, docs: METRICS, modes: ['proxy'], settles: true, needs: [API], reads: [POD] },
  run: async (facts): Promise<CheckResult> => {
    const { answers, asked: number, all } = await asked(facts);
    if (all === 0) return { is: 'ok', reason: 'No proxy is ready to be asked.' };
    if (answers.length === 0)
      return { is: 'skipped', reason: `None of the proxies asked, ${number}, answered with metrics on its admin port.` };
    const silent = answers.length < number ? ` ${number - answers.length} more did not answer.` : '';
    return verdict(
      answers.flatMap((answer) => judge(answer, facts)),
      `${answers.length} of ${all} were asked.${silent}`,
      `${reason} ${answers.length} of ${all} were asked.${silent}`,
    );
  },
}));

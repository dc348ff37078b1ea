/** What the proxy of one pod tells of itself: its certificate, its control plane, and whom it has denied. */
import { MeshctlError } from '../../../errors.ts';
import type { Facts } from '../../../model/check.ts';
import type { AskedProxy, Fact, Trouble } from '../../../model/describe.ts';
import { groupBy } from '../../../model/maps.ts';
import { quotedRef, type Resource } from '../../../model/resource.ts';
import { readSamples } from '../../../text/prometheus.ts';
import { LEAST_LEFT_OF_WORKLOADS, lifetimeOf } from '../../checks/certificates.ts';
import { named } from '../../describe/common.ts';
import { adminPortOf, proxyOf } from '../proxies.ts';
import { readProxyMetrics } from '../proxy-metrics.ts';
import type { Scene } from './scene.ts';

export interface Observed {
  readonly proxies: readonly AskedProxy[];
  readonly facts: readonly Fact[];
  readonly troubles: readonly Trouble[];
}

const NOTHING: Observed = { proxies: [], facts: [], troubles: [] };

export async function observe({ workloads }: Scene, facts: Facts): Promise<Observed> {
  const pod = workloads.find(({ isPod, resource }) => isPod && proxyOf(resource))?.resource;
  const proxy = pod && proxyOf(pod);
  if (!pod || !proxy) return NOTHING;
  const metrics = await metricsOf(pod, adminPortOf(proxy), facts);
  if (typeof metrics !== 'string') return { ...NOTHING, proxies: [{ namespace: pod.namespace, pod: pod.name, silence: metrics.because }] };
  return { proxies: [{ namespace: pod.namespace, pod: pod.name }], ...readAll(pod, metrics, facts.now) };
}

async function metricsOf(pod: Resource, port: number, facts: Facts): Promise<string | { readonly because: string }> {
  const silent = (why: string): { readonly because: string } => ({ because: `The proxy of ${quotedRef(pod)} could not be asked: ${why}` });
  try {
    const answer = await facts.ask(pod, port, '/metrics');
    if (!answer) return silent(`nothing answers on port ${port}.`);
    return answer.status === 200 ? answer.body : silent(`it answers /metrics with ${answer.status}.`);
  } catch (error) {
    if (error instanceof MeshctlError) return silent(error.message);
    throw error;
  }
}

function readAll(pod: Resource, text: string, now: number): Pick<Observed, 'facts' | 'troubles'> {
  const { certificate, failedRenewals, unreachable } = readProxyMetrics(text);
  const issuedAt = certificate?.issuedAt ?? (certificate ? certificate.expiresAt - DAY_MS : 0);
  const lifetime = certificate && lifetimeOf({ notBefore: issuedAt, notAfter: certificate.expiresAt }, now, LEAST_LEFT_OF_WORKLOADS);
  const denied = denials(text);
  const common = { isDifference: false, objects: [named(pod)] };
  return {
    facts: [
      { subject: 'certificate', value: lifetime ? lifetime.words : 'none yet', from: [named(pod)] },
      ...(denied.length === 0
        ? []
        : [{ subject: 'denied so far', value: denied.map(({ words }) => words).join('; '), from: [named(pod)] }]),
    ],
    troubles: [
      ...(lifetime && lifetime.is !== 'ok'
        ? [
            {
              ...common,
              id: 'linkerd/certificate-expired',
              severity: lifetime.is === 'failed' ? ('error' as const) : ('warning' as const),
              message: `The certificate of the proxy of ${quotedRef(pod)} ${lifetime.words}.`,
              hint: `It was not renewed${failedRenewals > 0 ? `: ${failedRenewals} attempts failed` : ''}. Run "meshctl check --only certificates" for the issuer, and "kubectl -n ${pod.namespace} logs ${pod.name} -c linkerd-proxy".`,
            },
          ]
        : []),
      ...unreachable.map((controller) => ({
        ...common,
        id: 'linkerd/control-plane-unreachable',
        severity: 'error' as const,
        message: `The proxy of ${quotedRef(pod)} does not reach the ${controller} controller.`,
        hint: 'It works with what it knew before. Look at the pods of the control plane with "meshctl check --only control-plane".',
      })),
      ...denied.map(({ words }) => ({
        ...common,
        id: 'linkerd/requests-denied',
        severity: 'warning' as const,
        message: `Policy has denied requests at ${quotedRef(pod)}: ${words}.`,
        hint: 'Run "meshctl authz" with --from for the client, to see what it would take.',
      })),
    ],
  };
}

/** Certificates are issued for a day. */
const DAY_MS = 86_400_000;

const DENIALS: ReadonlySet<string> = new Set(['inbound_http_authz_deny_total', 'inbound_tcp_authz_deny_total']);

function denials(text: string): readonly { readonly words: string }[] {
  const samples = readSamples(text, (name) => DENIALS.has(name)).filter(({ value }) => value > 0);
  const byClient = groupBy(
    samples,
    ({ labels }) => `${labels['client_id'] || 'clients without an identity'} at port ${labels['srv_port'] || '?'}`,
  );
  return [...byClient].map(([who, group]) => ({ words: `${group.reduce((sum, { value }) => sum + value, 0)} of ${who}` }));
}

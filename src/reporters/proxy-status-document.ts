/** A ProxyStatusReport as one document; its schema is `schemas/output/proxy-status-report.json`. */
import { type ControlPlaneStatus, PROXY_STATES, type ProxyState, type ProxyStatus } from '../model/proxy-status.ts';

export interface ProxyStatusReport {
  readonly controlPlanes: readonly ControlPlaneStatus[];
  readonly proxies: readonly ProxyStatus[];
  readonly notices: readonly string[];
  /** Proxies in other states than those asked for. */
  readonly hidden: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function proxyStatusDocument({ controlPlanes, proxies, notices, hidden, now }: ProxyStatusReport): object {
  return {
    apiVersion: 'meshctl.dev/v1',
    kind: 'ProxyStatusReport',
    summary: { proxies: proxies.length, ...countsOf(proxies), hidden },
    controlPlanes: controlPlanes.map(({ mesh, namespace, name, revision, version, reachable, error }) => ({
      ...{ name, namespace, mesh },
      ...given({ revision, version }),
      reachable,
      ...given({ error }),
    })),
    proxies: proxies.map((proxy) => proxyOf(proxy, now)),
    notices,
  };
}

export function countsOf(proxies: readonly ProxyStatus[]): Readonly<Record<ProxyState, number>> {
  const of = (state: ProxyState): number => proxies.filter((proxy) => proxy.state === state).length;
  return Object.fromEntries(PROXY_STATES.map((state) => [state, of(state)])) as Record<ProxyState, number>;
}

function proxyOf({ mesh, namespace, name, cluster, type, types, certificate, warnings, ...proxy }: ProxyStatus, now: number): object {
  const { version, revision, controlPlane, state, reason, hint } = proxy;
  return {
    ...{ name, namespace, cluster, mesh, type },
    ...given({ version, revision, controlPlane }),
    state,
    ...given({ reason, hint }),
    warnings,
    types: Object.fromEntries(
      Object.entries(types)
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([code, status]) => [
          code,
          {
            state: status.state,
            ...(status.sentAt === undefined
              ? {}
              : { sentAt: new Date(status.sentAt).toISOString(), ageMs: Math.max(0, Math.round(now - status.sentAt)) }),
            ...given({ error: status.error }),
          },
        ]),
    ),
    ...(certificate ? { certificate: { notAfter: new Date(certificate.notAfter).toISOString() } } : {}),
  };
}

const given = (fields: Readonly<Record<string, string | undefined>>): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));

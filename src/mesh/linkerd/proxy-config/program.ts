/**
 * Linkerd's proxy. It dumps no configuration: what it was told is known from the objects that the controllers read, and
 * what it does from its metrics.
 * @see https://github.com/linkerd/linkerd2-proxy/tree/main/linkerd/app/admin
 */
import type { ProxyLogging, ProxyProgram } from '../../../model/proxy-part.ts';
import { changedFilter, readLogFilter, writeLogFilter } from '../../../text/log-filter.ts';
import { metricsText, metricsValue } from '../../../text/prometheus.ts';
import { filterBack, wantedDirectives } from '../../log-levels.ts';
import { environmentOf, proxyOf } from '../proxies.ts';
import { endpoints } from './endpoints.ts';
import { identity } from './identity.ts';
import { policies } from './policies.ts';
import { routes } from './routes.ts';
import { METRICS } from './sources.ts';

const LEVEL = '/proxy-log-level';

const logging: ProxyLogging = {
  levels: async (proxy) => readLogFilter(await proxy.text(LEVEL)),
  async set(proxy, wanted) {
    const directives = wantedDirectives(wanted);
    const filter = changedFilter(readLogFilter(await proxy.text(LEVEL)), directives);
    await proxy.text(LEVEL, { method: 'PUT', body: writeLogFilter(filter) });
    return readLogFilter(await proxy.text(LEVEL));
  },
  wayBack: filterBack,
  initial: (pod) => {
    const container = proxyOf(pod);
    const told = container && environmentOf(container, 'LINKERD2_PROXY_LOG');
    const levels = readLogFilter(told || 'warn,linkerd=info');
    return filterBack(levels, {});
  },
};

export const linkerdProxy: ProxyProgram = {
  kind: 'linkerd',
  title: 'a proxy of Linkerd',
  parts: { routes, endpoints, policies, identity },
  whole: undefined,
  logging,
  stats: async (proxy, filter) => metricsText(await proxy.text(METRICS), filter),
  statsValue: async (proxy, filter) => metricsValue(await proxy.text(METRICS), filter),
};

/** ztunnel, the proxy of ambient mode. @see https://github.com/istio/ztunnel/blob/master/src/admin.rs */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Levels, ProxyLogging, ProxyProgram } from '../../model/proxy-part.ts';
import { readLogFilter, writeLogFilter } from '../../text/log-filter.ts';
import { metricsText, metricsValue } from '../../text/prometheus.ts';
import { filterBack, wantedDirectives } from '../log-levels.ts';
import { isZtunnelDump } from './ztunnel.ts';
import { DUMP, ZTUNNEL_PARTS } from './ztunnel-parts.ts';

/** Metrics have a port of their own. */
const METRICS = { path: '/metrics', port: 15_020 };

/** `current log level is hickory_server::server=off,info`. */
const levelsIn = (text: string): Levels => readLogFilter(/log level is (.*)/.exec(text)?.[1] ?? '');

const logging: ProxyLogging = {
  levels: async (proxy) => levelsIn(await proxy.text('/logging', { method: 'POST' })),
  async set(proxy, wanted) {
    const directives = wantedDirectives(wanted);
    // Levels are added to those that there are, unless the filter is first made what it was at the start.
    const whole = directives.some(({ target }) => target === undefined);
    const level = writeLogFilter(Object.fromEntries(directives.map((each) => [each.target ?? 'default', each.level])));
    return levelsIn(await proxy.text(`/logging?${whole ? 'reset=true&' : ''}level=${encodeURIComponent(level)}`, { method: 'POST' }));
  },
  wayBack: filterBack,
  initial: ({ body }) => {
    const variables = itemsAt(body, 'spec', 'containers').flatMap(({ item }) => itemsAt(item, 'env'));
    const told = stringAt(variables.find(({ item }) => item['name'] === 'RUST_LOG')?.item, 'value');
    return told ? writeLogFilter(readLogFilter(told)).split(',') : ['info'];
  },
};

export const ztunnelProgram: ProxyProgram = {
  kind: 'ztunnel',
  title: 'a ztunnel',
  parts: ZTUNNEL_PARTS,
  whole: { path: DUMP },
  logging,
  isDump: isZtunnelDump,
  stats: async (proxy, filter) => metricsText(await proxy.text(METRICS.path, { port: METRICS.port }), filter),
  statsValue: async (proxy, filter) => metricsValue(await proxy.text(METRICS.path, { port: METRICS.port }), filter),
};

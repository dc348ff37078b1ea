/** Envoy, as Istio, Kuma, Consul, OSM and App Mesh run it. */
import { at, isBody, itemsAt, stringAt, stringsAt } from '../model/body.ts';
import type { Levels, ProxyLogging, ProxyProgram } from '../model/proxy-part.ts';
import type { Body } from '../model/resource.ts';
import { levelChanges, shortestBack } from './proxy-config.levels.ts';
import { ENVOY_PARTS } from './proxy-config.parts.ts';

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];

const logging: ProxyLogging = {
  levels: async (proxy) => loggersIn(await proxy.text('/logging', { method: 'POST' })),
  async set(proxy, wanted) {
    const before = loggersIn(await proxy.text('/logging', { method: 'POST' }));
    const changes = levelChanges(wanted, {
      levels: LEVELS,
      loggers: Object.keys(before),
      spelled: (level) => (level === 'warn' ? 'warning' : level),
    });
    for (const { logger, level } of changes) await proxy.text(`/logging?${logger ?? 'level'}=${level}`, { method: 'POST' });
    return loggersIn(await proxy.text('/logging', { method: 'POST' }));
  },
  wayBack: shortestBack,
  initial: ({ body }) => {
    const containers = [...itemsAt(body, 'spec', 'containers'), ...itemsAt(body, 'spec', 'initContainers')];
    const told = containers.flatMap(({ item }) => startLevels(item));
    return told.length > 0 ? told : ['warning'];
  },
};

/** Flags by which agents and Envoy itself are told levels at the start: of all loggers, and of single ones as `misc:error`. */
const ALL = ['--proxyLogLevel', '--envoy-log-level'];
const SINGLE = ['--proxyComponentLogLevel', '--envoy-component-log-level', '--component-log-level'];

function startLevels(container: Body): readonly string[] {
  const words = ['command', 'args'].flatMap((field) => stringsAt(container, field).map(({ value }) => value));
  const told = (flag: string): string | undefined => {
    const index = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
    const word = words[index];
    return word === undefined ? undefined : word === flag ? words[index + 1] : word.slice(flag.length + 1);
  };
  const isEnvoy = stringAt(container, 'name') === 'envoy';
  const variable = itemsAt(container, 'env').find(({ item }) => item['name'] === 'ENVOY_LOG_LEVEL')?.item;
  const all =
    [...ALL, ...(isEnvoy ? ['--log-level', '-l'] : [])].map(told).find(Boolean) ?? (isEnvoy ? stringAt(variable, 'value') : undefined);
  const single = SINGLE.map(told).find(Boolean);
  return [...(all ? [all] : []), ...(single ? single.split(',') : [])];
}

/** Envoy answers `active loggers:`, and each on a line of its own. */
function loggersIn(text: string): Levels {
  return Object.fromEntries([...text.matchAll(/^\s+([\w.-]+): (\w+)$/gm)].map(([, name = '', level = '']) => [name, level]));
}

const isEmpty = (dump: unknown): boolean => isBody(dump) && Object.keys(dump).length === 0;

const statsPath = (filter: string | undefined, format?: 'json', path = '/stats'): string => {
  const query = new URLSearchParams({ ...(format ? { format } : {}), ...(filter === undefined ? {} : { filter }) }).toString();
  return `${path}${query && `?${query.replaceAll('+', '%20')}`}`;
};

export const ENVOY: ProxyProgram = {
  kind: 'envoy',
  title: 'an Envoy',
  parts: ENVOY_PARTS,
  whole: { path: '/config_dump?include_eds' },
  logging,
  // With a mask for what it has none of, Envoy answers an empty object.
  isDump: (dump) => Array.isArray(dump) || isEmpty(dump) || ['configs', 'cluster_statuses'].some((name) => Array.isArray(at(dump, [name]))),
  stats: (proxy, filter, format) => proxy.text(statsPath(filter, undefined, format === 'prometheus' ? '/stats/prometheus' : '/stats')),
  statsValue: async (proxy, filter) => JSON.parse(await proxy.text(statsPath(filter, 'json'))),
};

/** What the options leave of a proxy's configuration. */
import { MeshctlError } from '../errors.ts';
import type { ClusterRow, EndpointRow, ExtensionRow, ListenerRow, RouteRow, SecretRow } from '../model/proxy-config.ts';
import type { PartFilters } from '../model/proxy-part.ts';
import { type Expression, expression, NoExpression, quoted } from '../text/re2.ts';
import { quotedList } from '../text/words.ts';
import { type Options, textOf } from './define.ts';

/** Their options, in the order of the help. */
const OPTIONS: Readonly<Record<keyof PartFilters, string>> = {
  host: '--host',
  port: '--port',
  subset: '--subset',
  direction: '--direction',
  address: '--address',
  name: '--name',
  path: '--path',
  virtualService: '--virtual-service',
  cluster: '--cluster',
  status: '--status',
  type: '--type',
  workloadNamespace: '--workload-namespace',
  node: '--node',
};

const NAMES = Object.keys(OPTIONS) as (keyof PartFilters)[];

/** @throws MeshctlError E_USAGE for a port that is none */
export function filtersOf(options: Options): PartFilters {
  const given = Object.fromEntries(NAMES.map((name) => [name, textOf(options, name)]));
  return { ...given, port: portOf(given['port'] as string | undefined) } as PartFilters;
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new MeshctlError('E_USAGE', `"${text}" is no port.`, { hint: 'Ports are numbers up to 65535.' });
}

/** @throws MeshctlError E_USAGE for a filter that leaves the part as it is */
export function assertKnown(filters: PartFilters, part: string, known: readonly (keyof PartFilters)[]): void {
  const stray = NAMES.find((name) => filters[name] !== undefined && !known.includes(name));
  if (stray === undefined) return;
  const others = known.map((name) => OPTIONS[name]);
  throw new MeshctlError('E_USAGE', `${OPTIONS[stray]} says nothing about ${part}.`, {
    hint:
      others.length === 0
        ? 'Leave it out: there is nothing to filter.'
        : `Filters of ${part} are ${quotedList(others, 12).replaceAll('"', '')}.`,
  });
}

/** Which rows of an Envoy's configuration are left. */
export interface Keeps {
  readonly cluster: (row: ClusterRow) => boolean;
  readonly listener: (row: ListenerRow) => boolean;
  readonly route: (row: RouteRow) => boolean;
  readonly endpoint: (row: EndpointRow) => boolean;
  readonly secret: (row: SecretRow) => boolean;
  readonly extension: (row: ExtensionRow) => boolean;
}

export function keepsOf(filters: PartFilters): Keeps {
  const { host, port, subset, direction, address, name, path, virtualService, cluster, status, type } = filters;
  const has = (text: string, part: string | undefined): boolean => part === undefined || text.includes(part);
  const is = (text: string | number | undefined, wanted: string | number | undefined): boolean => wanted === undefined || text === wanted;
  return {
    cluster: (row) =>
      has(row.service, host) &&
      is(row.port, port) &&
      is(row.subset, subset) &&
      (direction === undefined || row.direction?.startsWith(direction) === true) &&
      is(row.name, name ?? cluster),
    listener: (row) =>
      is(row.port, port) &&
      (direction === undefined || row.direction?.toLowerCase() === direction) &&
      is(row.name, name) &&
      is(row.type, type) &&
      has(row.addresses.join(), address) &&
      (host === undefined || row.chains.some((chain) => `${chain.match} ${chain.destination}`.includes(host))),
    route: (row) =>
      is(row.name, name) &&
      (host === undefined || row.domains.some((domain) => domain.includes(host))) &&
      takes(row, path) &&
      comesFrom(row, virtualService) &&
      (cluster === undefined || row.destinations.some((each) => each.cluster === cluster)),
    endpoint: (row) =>
      has(row.cluster, host) &&
      is(row.cluster, cluster) &&
      has(row.address, address) &&
      (port === undefined || row.address.endsWith(`:${port}`)) &&
      (status === undefined || (row.status === 'HEALTHY' && row.isEjected !== true) === (status === 'healthy')),
    secret: (row) => is(row.name, name),
    extension: (row) => is(row.name, name),
  };
}

/** Whether a request for the path could take the route, by what its path asks for. */
function takes({ path: { kind, value } }: RouteRow, path: string | undefined): boolean {
  if (path === undefined || kind === 'any') return true;
  if (kind === 'exact') return path === value;
  if (kind === 'prefix') return path.startsWith(value) || `${path}/` === value;
  return read(kind === 'template' ? templateExpression(value) : value)?.fits(path) ?? true;
}

/** An expression that Envoy took and this library does not read is kept, as it might fit. */
function read(source: string): Expression | undefined {
  try {
    return expression(source);
  } catch (error) {
    if (error instanceof NoExpression) return undefined;
    throw error;
  }
}

/** `{name}` and `*` are one segment, `**` and `{name=**}` any number. */
const templateExpression = (template: string): string => {
  const parts = template.split(/(\*\*|\{[^}=]*=\*\*\}|\*|\{[^}]*\})/);
  return parts
    .map((part) => (/^(?:\*\*|\{[^}=]*=\*\*\})$/.test(part) ? '.*' : /^(?:\*|\{.*\})$/.test(part) ? '[^/]+' : quoted(part)))
    .join('');
};

function comesFrom({ from }: RouteRow, service: string | undefined): boolean {
  if (service === undefined) return true;
  return from !== undefined && (service.includes('/') ? `${from.namespace}/${from.name}` === service : from.name === service);
}

/** What the options leave of a proxy's configuration. */
import { MeshctlError } from '../errors.ts';
import type { ClusterRow, EndpointRow, ExtensionRow, ListenerRow, RouteRow, SecretRow } from '../model/proxy-config.ts';
import { type Options, textOf } from './define.ts';

export interface Filters {
  readonly host: string | undefined;
  readonly name: string | undefined;
  readonly address: string | undefined;
  readonly direction: string | undefined;
  readonly keeps: {
    readonly cluster: (row: ClusterRow) => boolean;
    readonly listener: (row: ListenerRow) => boolean;
    readonly route: (row: RouteRow) => boolean;
    readonly endpoint: (row: EndpointRow) => boolean;
    readonly secret: (row: SecretRow) => boolean;
    readonly extension: (row: ExtensionRow) => boolean;
  };
}

/** @throws MeshctlError E_USAGE for a port that is none */
export function filtersOf(options: Options): Filters {
  const [host, subset, direction, address] = ['host', 'subset', 'direction', 'address'].map((name) => textOf(options, name));
  const [name, path, service, cluster] = ['name', 'path', 'virtualService', 'cluster'].map((each) => textOf(options, each));
  const status = textOf(options, 'status')?.toUpperCase();
  const port = portOf(textOf(options, 'port'));
  const has = (text: string, part: string | undefined): boolean => part === undefined || text.includes(part);
  const is = (text: string | number | undefined, wanted: string | number | undefined): boolean => wanted === undefined || text === wanted;
  return {
    ...{ host, name, address, direction },
    keeps: {
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
        has(row.addresses.join(), address) &&
        (host === undefined || row.chains.some((chain) => `${chain.match} ${chain.destination}`.includes(host))),
      route: (row) =>
        is(row.name, name) &&
        (host === undefined || row.domains.some((domain) => domain.includes(host))) &&
        takes(row, path) &&
        comesFrom(row, service) &&
        (cluster === undefined || row.destinations.some((each) => each.cluster === cluster)),
      endpoint: (row) =>
        has(row.cluster, host) &&
        is(row.cluster, cluster) &&
        has(row.address, address) &&
        (port === undefined || row.address.endsWith(`:${port}`)) &&
        (status === undefined || (row.status === 'HEALTHY' && row.isEjected !== true) === (status === 'HEALTHY')),
      secret: (row) => is(row.name, name),
      extension: (row) => is(row.name, name),
    },
  };
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new MeshctlError('E_USAGE', `"${text}" is no port.`, { hint: 'Ports are numbers up to 65535.' });
}

/** Whether a request for the path could take the route, by what its path asks for. */
function takes({ path: { kind, value } }: RouteRow, path: string | undefined): boolean {
  if (path === undefined || kind === 'any') return true;
  if (kind === 'exact') return path === value;
  if (kind === 'prefix') return path.startsWith(value) || `${path}/` === value;
  return kind === 'template' ? new RegExp(templateExpression(value)).test(path) : expressionFits(value, path);
}

/** `{name}` and `*` are one segment, `**` and `{name=**}` any number. */
const templateExpression = (template: string): string => {
  const parts = template.split(/(\*\*|\{[^}=]*=\*\*\}|\*|\{[^}]*\})/);
  return `^${parts.map((part) => (/^(?:\*\*|\{[^}=]*=\*\*\})$/.test(part) ? '.*' : /^(?:\*|\{.*\})$/.test(part) ? '[^/]+' : part.replace(/[.+?^$()|[\]\\{}]/g, '\\$&'))).join('')}$`;
};

/** Expressions are RE2; one that JavaScript cannot read is kept, as it might fit. */
function expressionFits(expression: string, path: string): boolean {
  try {
    return new RegExp(`^(?:${expression})$`).test(path);
  } catch {
    return true;
  }
}

function comesFrom({ from }: RouteRow, service: string | undefined): boolean {
  if (service === undefined) return true;
  return from !== undefined && (service.includes('/') ? `${from.namespace}/${from.name}` === service : from.name === service);
}

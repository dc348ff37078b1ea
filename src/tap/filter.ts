/** Which requests are shown. */
import { MeshctlError } from '../errors.ts';
import type { StatusMatch, TapEvent, TapPeer, TapQuery, TextMatch } from '../model/tap.ts';
import { expression, NoExpression } from '../text/re2.ts';

export interface TapFilters {
  readonly to?: string | undefined;
  readonly from?: string | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly authority?: string | undefined;
  /** `5xx`, `404`, `400-499`, `grpc:14`; several with commas between. */
  readonly status: readonly string[];
  readonly slowerThanMs?: number | undefined;
  /** `name` or `name=value`. */
  readonly headers: readonly string[];
  readonly direction?: string | undefined;
}

export interface TapSelection {
  readonly selects: (event: TapEvent) => boolean;
  /** What of it a proxy can do. */
  readonly query: Pick<TapQuery, 'method' | 'path' | 'authority' | 'headers' | 'statuses'>;
}

/** @throws MeshctlError E_USAGE */
export function tapSelection(filters: TapFilters): TapSelection {
  const path = filters.path === undefined ? undefined : pathMatch(filters.path);
  const fitsPath = path ? textTest(path) : undefined;
  const statuses = filters.status.map(statusMatch);
  const headers = filters.headers.map(headerTest);
  const [to, from] = [filters.to, filters.from].map((text) => (text === undefined ? undefined : peerTest(text)));
  const method = filters.method?.toUpperCase();
  const { authority, slowerThanMs, direction } = filters;
  return {
    query: {
      method,
      path,
      authority,
      statuses,
      headers: Object.fromEntries(filters.headers.flatMap((text) => (text.includes('=') ? [pair(text)] : []))),
    },
    selects: (event) => {
      const { request, response } = event;
      return (
        (method === undefined || request.method === method) &&
        (direction === undefined || event.direction === direction) &&
        (!fitsPath || fitsPath(request.path)) &&
        (authority === undefined || request.authority === authority || request.authority.replace(/:\d+$/, '') === authority) &&
        (!to || to(event.destination)) &&
        (!from || from(event.source)) &&
        (statuses.length === 0 || statuses.some((wanted) => hasStatus(event, wanted))) &&
        (slowerThanMs === undefined || (response?.durationMs ?? -1) > slowerThanMs) &&
        headers.every((test) => test(request.headers ?? {}))
      );
    },
  };
}

/** `/api` is a prefix, `/api/*\/items` a glob, `~^/v\d+/` an expression, `=/api` the whole path. */
function pathMatch(text: string): TextMatch {
  if (text.startsWith('~')) return { is: 'expression', value: text.slice(1) };
  if (text.startsWith('=')) return { is: 'exact', value: text.slice(1) };
  if (!/[*?]/.test(text.split('?')[0] ?? '')) return { is: 'prefix', value: text };
  return {
    is: 'expression',
    value: `^${text.replace(/[\\.+()|[\]{}^$?]/g, '\\$&').replace(/\*\*?/g, (stars) => (stars === '**' ? '.*' : '[^/?]*'))}(?:\\?.*)?$`,
  };
}

function textTest({ is, value }: TextMatch): (text: string) => boolean {
  if (is === 'prefix') return (text) => text.startsWith(value);
  if (is === 'exact') return (text) => text === value || text.split('?')[0] === value;
  try {
    const found = expression(value);
    return (text) => found.isIn(text);
  } catch (error) {
    if (!(error instanceof NoExpression)) throw error;
    throw new MeshctlError('E_USAGE', `--path "~${value}" is no regular expression: ${error.message}.`, {
      hint: 'Expressions are RE2, as in Envoy.',
    });
  }
}

function statusMatch(text: string): StatusMatch {
  const [, first] = /^([1-5])xx$/i.exec(text) ?? [];
  if (first !== undefined) return { is: 'http', from: Number(first) * 100, to: Number(first) * 100 + 99 };
  const [, grpc] = /^grpc:(\d{1,2})$/i.exec(text) ?? [];
  if (grpc !== undefined) return { is: 'grpc', code: Number(grpc) };
  const [, least, most] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
  if (least === undefined) {
    throw new MeshctlError('E_USAGE', `--status "${text}" is no status.`, { hint: 'Write it like 503, 5xx, 400-499 or grpc:14.' });
  }
  return { is: 'http', from: Number(least), to: Number(most ?? least) };
}

function hasStatus({ response }: TapEvent, wanted: StatusMatch): boolean {
  if (wanted.is === 'grpc') return response?.grpcStatus === wanted.code;
  return response?.status !== undefined && response.status >= wanted.from && response.status <= wanted.to;
}

function pair(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text.toLowerCase(), ''] : [text.slice(0, equals).toLowerCase(), text.slice(equals + 1)];
}

function headerTest(text: string): (headers: Readonly<Record<string, string>>) => boolean {
  const [name, value] = pair(text);
  return text.includes('=') ? (headers) => headers[name] === value : (headers) => headers[name] !== undefined;
}

/** `deploy/web`, `svc/web`, `pod/x`, `web`, `web.shop`, `ns/shop` and addresses; of a name without kind whatever has it. */
function peerTest(text: string): (peer: TapPeer) => boolean {
  const slash = text.indexOf('/');
  const [kind, rest] = slash < 0 ? ['', text] : [text.slice(0, slash).toLowerCase(), text.slice(slash + 1)];
  if (kind === 'ns' || kind === 'namespace') return ({ namespace }) => namespace === rest;
  const isService = kind === 'svc' || kind === 'service';
  const isPod = kind === 'pod' || kind === 'po';
  const dot = rest.lastIndexOf('.');
  const names = dot > 0 ? [[rest, undefined] as const, [rest.slice(0, dot), rest.slice(dot + 1)] as const] : [[rest, undefined] as const];
  return (peer) =>
    names.some(([name, namespace]) => {
      if (namespace !== undefined && peer.namespace !== undefined && peer.namespace !== namespace) return false;
      const service = peer.service?.split('.')[0];
      if (isService) return service === name;
      if (isPod) return peer.pod === name;
      if (kind !== '') return peer.workload === name;
      return [peer.workload, peer.pod, service, peer.address, peer.identity].includes(name);
    });
}

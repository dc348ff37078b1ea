/** A URL and a method → what is asked of which resource. */
import type { IncomingMessage } from 'node:http';

/** What access is decided by, and what requests are counted by. */
export interface AccessRequest {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** The plural; empty for paths that name no resource. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
}

export interface ApiRequest extends AccessRequest {
  readonly method: string;
  readonly version: string;
  readonly query: URLSearchParams;
  /** What follows the subresource, for proxies. */
  readonly rest: string;
}

const VERBS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  GET: ['get', 'list'],
  HEAD: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
};

interface Target {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  readonly rest: string;
}

const NO_TARGET: Target = { group: '', version: '', namespace: '', resource: '', name: '', subresource: '', rest: '' };

function targetOf(path: string): Target {
  const parts = path.split('/').slice(1).map(decoded);
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return NO_TARGET;
  const [group = '', version = ''] = core ? ['', parts[1]] : [parts[1], parts[2]];
  const tail = parts.slice(core ? 2 : 3);
  // A namespace is itself a resource: `/namespaces/shop` and `/namespaces/shop/status`, but `/namespaces/shop/pods`.
  const isNamespace = tail[0] === 'namespaces' && (tail.length < 3 || (core && (tail[2] === 'status' || tail[2] === 'finalize')));
  const scoped = tail[0] === 'namespaces' && !isNamespace;
  const [resource = '', name = '', subresource = '', ...rest] = scoped ? tail.slice(2) : tail;
  const namespace = scoped ? (tail[1] ?? '') : isNamespace ? name : '';
  return { group, version, namespace, resource, name, subresource, rest: rest.join('/') };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function parseRequest(message: Pick<IncomingMessage, 'url' | 'method'>): ApiRequest {
  const url = new URL(message.url ?? '/', 'http://sandbox');
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/+$/, '') : url.pathname;
  const method = message.method ?? 'GET';
  const target = targetOf(path);
  const [one, many] = VERBS[method] ?? ['unknown', 'unknown'];
  const watch = url.searchParams.get('watch');
  const isWatch = method === 'GET' && target.resource !== '' && target.subresource === '' && (watch === 'true' || watch === '1');
  const verb = target.resource === '' ? method.toLowerCase() : isWatch ? 'watch' : target.name === '' ? many : one;
  return { ...target, verb, path, method, query: url.searchParams };
}

/** `list pods`, `get deployments.apps/scale`, or the path of a request that names no resource. */
export function countKey(request: AccessRequest): string {
  if (request.resource === '') return `${request.verb} ${request.path}`;
  const group = request.group === '' ? '' : `.${request.group}`;
  return `${request.verb} ${request.resource}${group}${request.subresource === '' ? '' : `/${request.subresource}`}`;
}

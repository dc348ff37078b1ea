/** Requests as the Envoy of a pod sees them: by its tap filter where it has one, else by its access log. */
import { type LoggedRequest, loggedRequest } from '../../envoy/access-log.ts';
import { socketOf } from '../../envoy/addresses.ts';
import { JsonStream } from '../../envoy/json-stream.ts';
import { parseClusterName } from '../../envoy/names.ts';
import { type TapTrace, tapTrace } from '../../envoy/tap-trace.ts';
import { EXIT, MeshctlError } from '../../errors.ts';
import { isBody, stringAt } from '../../model/body.ts';
import type { PodProxy } from '../../model/mesh-adapter.ts';
import { podAddresses } from '../../model/pod-addresses.ts';
import type { Resource } from '../../model/resource.ts';
import type { MeshId } from '../../model/rule.ts';
import { type StatusMatch, TAP_ID, type TapChange, type TapEvent, type TapQuery, type TapSource, type TapTools } from '../../model/tap.ts';
import { jsonValue } from '../../text/json-value.ts';
import { podPeer } from './pod-peer.ts';

export interface EnvoyTap {
  readonly mesh: MeshId;
  proxyOf(pod: Resource): PodProxy | undefined;
  /** By which a mesh gives its proxies the tap filter. */
  readonly change?: TapChange;
  /** What to do in this mesh that a log of requests is written. */
  readonly logHint: string;
}

export const envoyTap = (envoy: EnvoyTap): readonly TapSource[] => [filterSource(envoy), logSource(envoy)];

const LISTENERS = '/config_dump?resource=dynamic_listeners';

function filterSource({ mesh, proxyOf, change }: EnvoyTap): TapSource {
  return {
    ...(change ? { change } : {}),
    id: 'tap',
    title: 'the tap filter of Envoy',
    obstacle: async (pod, tools) => {
      const answer = await listenersOf(pod, proxyOf(pod), tools);
      if ('reason' in answer) return answer;
      return tapIds(answer.listeners).length > 0 ? undefined : { reason: 'Its Envoy has no tap filter.' };
    },
    open: async function* (pod, query, tools) {
      const port = proxyOf(pod)?.adminPort;
      const answer = await listenersOf(pod, proxyOf(pod), tools);
      const [id] = 'reason' in answer ? [] : tapIds(answer.listeners);
      if (port === undefined || id === undefined) return;
      const body = JSON.stringify(tapConfig(id, query));
      const headers = { 'content-type': 'application/json' };
      const pieces = new JsonStream();
      const decoder = new TextDecoder();
      const own = new Set(podAddresses(pod));
      for await (const chunk of tools.cluster.podPort(pod, port).stream('/tap', { method: 'POST', body, headers, signal: tools.signal })) {
        for (const value of pieces.push(decoder.decode(chunk, { stream: true }))) {
          const trace = tapTrace(value);
          if (trace) yield fromTrace(trace, pod, mesh, own, tools.now());
        }
      }
    },
  };
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/common/matcher/v3/matcher.proto: sets hold two rules at least */
const all = (rules: readonly object[]): object => (rules.length > 1 ? { and_match: { rules } } : (rules[0] ?? { any_match: true }));
const any = (rules: readonly object[]): object => (rules.length > 1 ? { or_match: { rules } } : (rules[0] ?? { any_match: true }));

/** The status of gRPC is in the trailers, or, where there is nothing else, in the headers. */
function statusRules(status: StatusMatch): readonly object[] {
  if (status.is === 'http') {
    const range_match = { start: status.from, end: status.to + 1 };
    return [{ http_response_headers_match: { headers: [{ name: ':status', range_match }] } }];
  }
  const headers = [{ name: 'grpc-status', string_match: { exact: String(status.code) } }];
  return [{ http_response_trailers_match: { headers } }, { http_response_headers_match: { headers } }];
}

type Obstacle = { readonly reason: string; readonly hint?: string };

async function listenersOf(
  pod: Resource,
  proxy: PodProxy | undefined,
  { cluster, signal }: TapTools,
): Promise<{ readonly listeners: unknown } | Obstacle> {
  if (proxy?.kind !== 'envoy' || proxy.adminPort === undefined)
    return { reason: 'Its proxy has no port of administration that could be asked.' };
  try {
    const { status, body } = await cluster.podPort(pod, proxy.adminPort).request(LISTENERS, { signal });
    return status === 200 ? { listeners: jsonValue(body) } : { reason: `Its Envoy answers ${LISTENERS} with status ${status}.` };
  } catch (error) {
    if (!(error instanceof MeshctlError) || error.exit !== EXIT.unreachable) throw error;
    return { reason: error.message, ...(error.hint ? { hint: error.hint } : {}) };
  }
}

/** The names by which the filters are tapped, wherever in the listeners they stand. */
function tapIds(value: unknown): readonly string[] {
  const found = new Set<string>();
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) for (const each of part) visit(each);
    else if (isBody(part)) {
      if (String(part['@type'] ?? '').endsWith('.filters.http.tap.v3.Tap')) {
        const id = stringAt(part, 'common_config', 'admin_config', 'config_id');
        if (id !== undefined) found.add(id);
      }
      for (const each of Object.values(part)) visit(each);
    }
  };
  visit(value);
  // Our own goes first: it records times and connections.
  return [...found].sort((left, right) => Number(right === TAP_ID) - Number(left === TAP_ID) || (left < right ? -1 : 1));
}

/** Without bodies: of those not a byte is kept. */
function tapConfig(config_id: string, { method, path, authority, headers, statuses }: TapQuery): object {
  const exact = (name: string, value: string): object => ({ name, string_match: { exact: value } });
  const rules = [
    ...(method === undefined ? [] : [exact(':method', method)]),
    ...(path === undefined
      ? []
      : [
          {
            name: ':path',
            string_match:
              path.is === 'expression'
                ? { safe_regex: { regex: `.*(?:${path.value}).*` } }
                : { [path.is === 'exact' ? 'prefix' : path.is]: path.value },
          },
        ]),
    ...(authority === undefined ? [] : [{ name: ':authority', string_match: { prefix: authority } }]),
    ...Object.entries(headers).map(([name, value]) => exact(name, value)),
  ];
  return {
    config_id,
    tap_config: {
      match: all([
        ...(rules.length === 0 ? [] : [{ http_request_headers_match: { headers: rules } }]),
        ...(statuses.length === 0 ? [] : [any(statuses.flatMap(statusRules))]),
      ]),
      output_config: {
        max_buffered_rx_bytes: 0,
        max_buffered_tx_bytes: 0,
        sinks: [{ format: 'JSON_BODY_AS_STRING', streaming_admin: {} }],
      },
    },
  };
}

function fromTrace(trace: TapTrace, pod: Resource, mesh: MeshId, own: ReadonlySet<string>, now: number): TapEvent {
  const { local, remote, upstream, request, response, identity, id } = trace;
  const self = podPeer(pod);
  const isInbound = local.address !== undefined && own.has(local.address);
  const isOutbound = !isInbound && remote.address !== undefined && own.has(remote.address);
  const direction = isInbound ? 'inbound' : isOutbound ? 'outbound' : 'unknown';
  const asked = { address: upstream.address ?? local.address, port: upstream.port ?? local.port, service: serviceIn(request.authority) };
  return {
    time: trace.time ?? now - (response?.durationMs ?? 0),
    ...{ mesh, proxy: { namespace: pod.namespace, name: pod.name }, direction },
    source: isOutbound ? self : { address: remote.address, port: remote.port, identity },
    destination: isInbound ? { ...self, port: local.port } : asked,
    ...{ request, response, id },
    tls: isInbound && identity !== undefined ? 'mutual' : undefined,
  };
}

/** `reviews.shop` of `reviews.shop.svc.cluster.local:9080`; undefined for hosts that are no services. */
function serviceIn(authority: string): string | undefined {
  const [host = ''] = authority.split(':');
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\..+)?)?$/.exec(host) ?? [];
  return namespace === undefined || /^(?:com|org|net|io|dev)$/.test(namespace) ? undefined : `${name}.${namespace}`;
}

function logSource({ mesh, proxyOf, logHint }: EnvoyTap): TapSource {
  return {
    id: 'logs',
    title: 'the access log of the proxy',
    obstacle: async (pod, tools) => {
      const proxy = proxyOf(pod);
      if (!proxy) return { reason: 'It has no proxy.' };
      if (await hasLogged(pod, proxy.container, tools)) return undefined;
      const answer = await listenersOf(pod, proxy, tools);
      if ('reason' in answer || !JSON.stringify(answer.listeners).includes('"access_log":[{'))
        return { reason: 'Its proxy writes no access log.', hint: logHint };
      return undefined;
    },
    open: async function* (pod, _query, { cluster, signal }) {
      const container = proxyOf(pod)?.container;
      if (container === undefined) return;
      const own = new Set(podAddresses(pod));
      for await (const line of cluster.logs(pod, { container, follow: true, tailLines: 0, signal })) {
        const logged = loggedRequest(line);
        if (logged) yield fromLog(logged, pod, mesh, own);
      }
    },
  };
}

const LOOKED_AT = 100;

async function hasLogged(pod: Resource, container: string, { cluster, signal }: TapTools): Promise<boolean> {
  for await (const line of cluster.logs(pod, { container, tailLines: LOOKED_AT, signal })) if (loggedRequest(line)) return true;
  return false;
}

function fromLog(logged: LoggedRequest, pod: Resource, mesh: MeshId, own: ReadonlySet<string>): TapEvent {
  const self = podPeer(pod);
  const [remote, local, upstream] = [logged.downstreamRemote, logged.downstreamLocal, logged.upstreamHost].map(socketOf);
  const cluster = parseClusterName(logged.upstreamCluster ?? '');
  const isInbound = cluster.direction === 'inbound' || (cluster.direction === undefined && local !== undefined && own.has(local.address));
  const isKnown = isInbound || cluster.direction === 'outbound' || (remote !== undefined && own.has(remote.address));
  // A gateway sends on what comes from elsewhere.
  const isOwn = !isInbound && (remote === undefined || own.has(remote.address) || remote.address.startsWith('127.'));
  const service = cluster.direction === 'outbound' ? shortService(cluster.service) : serviceIn(logged.authority);
  return {
    time: logged.time,
    ...{ mesh, proxy: { namespace: pod.namespace, name: pod.name }, direction: isInbound ? 'inbound' : isKnown ? 'outbound' : 'unknown' },
    source: isOwn ? self : { ...remote },
    destination: isInbound ? { ...self, port: local?.port } : { ...upstream, service },
    request: {
      method: logged.method,
      authority: logged.authority,
      path: logged.path,
      protocol: logged.protocol,
      bytes: logged.bytesReceived,
    },
    response: {
      ...{
        status: logged.status,
        grpcStatus: logged.grpcStatus,
        durationMs: logged.durationMs,
        bytes: logged.bytesSent,
        flags: logged.flags,
      },
    },
    tls: isInbound && logged.serverName?.startsWith('outbound_') ? 'mutual' : undefined,
    ...{ routeName: logged.routeName, id: logged.requestId },
  };
}

const shortService = (host: string): string => host.replace(/\.svc(?:\..*)?$/, '');

/**
 * The admin port of a proxy, over plain HTTP and over TLS with the proxy's own certificate.
 * @see https://github.com/linkerd/linkerd2-proxy/blob/main/linkerd/app/admin/src/server.rs
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Inside } from '../options.ts';
import { plainOrTlsServer } from '../programs/plain-or-tls-server.ts';
import type { KubeObject } from '../store/object.ts';
import { isReadyContainer } from './pods.ts';
import type { Proxies, RunningProxy } from './proxies.ts';
import { environmentOf } from './proxy-environment.ts';

/** @returns a connection to the proxy's admin server; undefined for a pod without a proxy */
export function dialProxyAdmin(inside: Inside, proxies: Proxies, pod: KubeObject): Duplex | undefined {
  const proxy = proxies.of(pod);
  return proxy && plainOrTlsServer(answering(inside, proxies, pod), () => proxies.certificateOf(pod, proxy))();
}

type Answer = readonly [code: number, body?: string, contentType?: string];

function answering(inside: Inside, proxies: Proxies, first: KubeObject): RequestListener {
  return (message, response) => {
    const pod = inside.store.get('core/Pod', first.metadata.namespace ?? '', first.metadata.name);
    const proxy = pod && proxies.of(pod);
    if (pod && proxy)
      void answer({ inside, proxies, pod, proxy }, message).then(
        (given) => send(response, given),
        () => response.destroy(),
      );
    else response.destroy();
  };
}

interface Asked {
  readonly inside: Inside;
  readonly proxies: Proxies;
  readonly pod: KubeObject;
  readonly proxy: RunningProxy;
}

const TEXT = 'text/plain';
const METHOD_NOT_ALLOWED: Answer = [405];

async function answer({ inside, proxies, pod, proxy }: Asked, message: IncomingMessage): Promise<Answer> {
  const { pathname, search } = new URL(message.url ?? '/', 'http://proxy');
  switch (pathname) {
    case '/live':
      return [200, 'live\n', TEXT];
    case '/ready':
      return isReadyContainer(pod, 'linkerd-proxy') ? [200, 'ready\n', TEXT] : [503, 'not ready\n'];
    case '/metrics':
      return [200, proxies.metricsText(pod, proxy), 'text/plain; version=0.0.4'];
    case '/env.json':
      return message.method === 'GET' ? environment(environmentOf(pod, inside.store), search.slice(1)) : METHOD_NOT_ALLOWED;
    case '/proxy-log-level':
      return logLevel(proxy, message);
    case '/shutdown': {
      if (message.method !== 'POST') return METHOD_NOT_ALLOWED;
      const isEnabled = environmentOf(pod, inside.store)['LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED'] === 'true';
      if (!isEnabled) return [404, 'shutdown endpoint is not enabled\n', TEXT];
      inside.after(0, () => proxies.restart(pod));
      return [200, 'shutdown\n', TEXT];
    }
    default:
      return [404];
  }
}

/** All variables, or those that the query names, null for what is not set. */
function environment(variables: Readonly<Record<string, string>>, query: string): Answer {
  const json = 'application/json';
  if (query.includes('=')) return [400, JSON.stringify({ error: 'env.json query parameters may not contain key-value pairs' }), json];
  const chosen = query === '' ? variables : Object.fromEntries(query.split('&').map((name) => [name, variables[name] ?? null]));
  return [200, JSON.stringify(chosen), json];
}

/** `warn,linkerd=info,[{request}]=off`: targets, spans and levels. */
const DIRECTIVE = /^(?:(?:[\w:]*(?:\[[^\]]*\])?=)?(?:off|error|warn|info|debug|trace|[0-5])|[\w:]+|[\w:]*\[[^\]]*\])$/i;

async function logLevel(proxy: RunningProxy, message: IncomingMessage): Promise<Answer> {
  if (message.method === 'GET') return [200, proxy.logLevel];
  if (message.method !== 'PUT') return METHOD_NOT_ALLOWED;
  const chunks: Uint8Array[] = [];
  for await (const chunk of message) chunks.push(chunk as Uint8Array);
  const wanted = Buffer.concat(chunks).toString().trim();
  if (!wanted.split(',').every((each) => DIRECTIVE.test(each.trim()))) return [400, 'invalid filter directive'];
  proxy.logLevel = wanted;
  return [204];
}

function send(response: ServerResponse, [code, body = '', contentType]: Answer): void {
  const allow = code === 405 ? { allow: 'GET, PUT' } : {};
  response.writeHead(code, { ...(contentType === undefined ? {} : { 'content-type': contentType }), ...allow }).end(body);
}

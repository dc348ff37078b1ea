/**
 * Probes of the kubelet, which the proxy would refuse: the agent answers them, and asks the application in the kubelet's
 * place. What was asked for before is handed to the agent in an environment variable.
 * @see https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/
 */
import { isBody, itemsAt, numberAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { jsonValue } from '../../../text/json-value.ts';
import { isTrueText } from './booleans.ts';
import { goJson } from './go-json.ts';
import { annotationsOf, containersOf, envOf, mapContainers, mapProxy, nameOf, type Pod, PROXY, proxyOf, withEnv } from './pod.ts';
import { statusOf } from './status.ts';

const PROBERS = 'ISTIO_KUBE_APP_PROBERS';
export const REWRITE = 'sidecar.istio.io/rewriteAppHTTPProbers';
const STATUS_PORT = 'status.sidecar.istio.io/port';

interface Place {
  readonly path: readonly [string] | readonly ['lifecycle', string];
  /** Where the agent answers for it. */
  readonly url: (container: string) => string;
  readonly handlers: readonly string[];
}

const PROBE_HANDLERS = ['httpGet', 'tcpSocket', 'grpc'];
const HOOK_HANDLERS = ['httpGet', 'tcpSocket'];

const PLACES: readonly Place[] = [
  { path: ['readinessProbe'], url: (name) => `/app-health/${name}/readyz`, handlers: PROBE_HANDLERS },
  { path: ['livenessProbe'], url: (name) => `/app-health/${name}/livez`, handlers: PROBE_HANDLERS },
  { path: ['startupProbe'], url: (name) => `/app-health/${name}/startupz`, handlers: PROBE_HANDLERS },
  { path: ['lifecycle', 'preStop'], url: (name) => `/app-lifecycle/${name}/prestopz`, handlers: HOOK_HANDLERS },
  { path: ['lifecycle', 'postStart'], url: (name) => `/app-lifecycle/${name}/poststartz`, handlers: HOOK_HANDLERS },
];

/**
 * @param original as it was before injection, by which the agent may have been told of probes already
 * @param byDefault what the values say for pods that say nothing
 * @param port of the agent
 */
export function rewriteProbes(pod: Pod, original: Pod, byDefault: boolean, port: number): Pod {
  const annotations = annotationsOf(pod);
  if (!proxyOf(pod) || !(isTrueText(annotations[REWRITE]) ?? byDefault)) return pod;
  const asked = Number(annotations[STATUS_PORT] ?? port);
  const told = withProbers(pod, { ...probersOf(pod, port), ...toldBefore(original) });
  return mapContainers(told, (container) => (nameOf(container) === PROXY ? container : rewritten(container, asked)));
}

/** What stands in the pod may be rewritten already; what the agent was told is not. */
function toldBefore(pod: Pod): Readonly<Record<string, Body>> {
  const told = statusOf(pod) && jsonValue(envOf(proxyOf(pod), PROBERS) ?? '{}');
  return isBody(told) ? (told as Readonly<Record<string, Body>>) : {};
}

const withProbers = (pod: Pod, probers: Readonly<Record<string, Body>>): Pod =>
  Object.keys(probers).length === 0 ? pod : mapProxy(pod, (proxy) => withEnv(proxy, PROBERS, probersJson(probers)));

function probersJson(probers: Readonly<Record<string, Body>>): string {
  const entries = Object.keys(probers).sort();
  return `{${entries.map((url) => `${goJson(url)}:${goJson(probers[url], 'Prober')}`).join(',')}}`;
}

/** What the agent has to ask, by the path at which it is asked itself. */
function probersOf(pod: Pod, agentPort: number): Readonly<Record<string, Body>> {
  const found: Record<string, Body> = {};
  for (const container of [...containersOf(pod, 'initContainers'), ...containersOf(pod, 'containers')]) {
    if (nameOf(container) === PROXY) continue;
    for (const place of PLACES) {
      const prober = proberOf(objectAt(container, ...place.path), place.handlers, container, agentPort);
      if (prober) found[place.url(nameOf(container))] = prober;
    }
  }
  return found;
}

function proberOf(probe: Body, handlers: readonly string[], container: Body, agentPort: number): Body | undefined {
  const handler = handlers.find((name) => isBody(probe[name]));
  if (handler === undefined) return undefined;
  const action = objectAt(probe, handler);
  const timeout = handlers === PROBE_HANDLERS ? { timeoutSeconds: numberAt(probe, 'timeoutSeconds') ?? 0 } : {};
  // Ports of gRPC have no names.
  if (handler === 'grpc') return { grpc: action, ...timeout };
  const port = typeof action['port'] === 'string' ? portNamed(action['port'], container) : action['port'];
  if (port === undefined || (port === agentPort && port === action['port'])) return undefined;
  return { [handler]: { ...action, port }, ...timeout };
}

const portNamed = (name: string, container: Body): unknown =>
  itemsAt(container, 'ports').findLast(({ item }) => stringAt(item, 'name') === name)?.item['containerPort'];

function rewritten(container: Body, port: number): Body {
  return PLACES.reduce((result, place) => {
    const probe = objectAt(result, ...place.path);
    const handler = place.handlers.find((name) => isBody(probe[name]));
    return handler === undefined ? result : withPlace(result, place, toAgent(probe, handler, place.url(nameOf(container)), port));
  }, container);
}

/** TCP and gRPC are asked for over HTTP, and HTTPS without TLS: the agent does the rest. */
function toAgent(probe: Body, handler: string, path: string, port: number): Body {
  if (handler !== 'httpGet') {
    const { [handler]: _, ...rest } = probe;
    return { httpGet: { path, port }, ...rest };
  }
  const action = objectAt(probe, 'httpGet');
  return { ...probe, httpGet: { ...action, path, port, ...(action['scheme'] === 'HTTPS' ? { scheme: 'HTTP' } : {}) } };
}

function withPlace(container: Body, { path: [first, second] }: Place, probe: Body): Body {
  return { ...container, [first]: second === undefined ? probe : { ...objectAt(container, first), [second]: probe } };
}

/**
 * The probes as they were, from what the agent was told. It knows ports by their numbers; those that have a name are
 * named again, which means the same.
 */
export function restoreProbes(pod: Pod): Pod {
  const probers = jsonValue(envOf(proxyOf(pod), PROBERS) ?? '');
  if (!isBody(probers)) return pod;
  return mapContainers(pod, (container) => {
    return PLACES.reduce((result, place) => {
      const url = place.url(nameOf(container));
      const prober = objectAt(probers, url);
      const probe = objectAt(result, ...place.path);
      const handler = place.handlers.find((name) => isBody(prober[name]));
      // Someone may have changed the probe since.
      if (handler === undefined || stringAt(probe, 'httpGet', 'path') !== url) return result;
      return withPlace(result, place, fromAgent(probe, handler, objectAt(prober, handler), container));
    }, container);
  });
}

function fromAgent(probe: Body, handler: string, action: Body, container: Body): Body {
  const { httpGet: _, ...rest } = probe;
  // Without a service it stands as null.
  const given = Object.fromEntries(Object.entries(action).filter(([, value]) => value !== null));
  const port = handler === 'grpc' ? undefined : nameOfPort(given['port'], container);
  return { [handler]: port === undefined ? given : { ...given, port }, ...rest };
}

const nameOfPort = (port: unknown, container: Body): string | undefined =>
  stringAt(itemsAt(container, 'ports').find(({ item }) => item['containerPort'] === port && item['name'])?.item, 'name');

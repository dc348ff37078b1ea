/**
 * Where objects hold messages of protobuf that no definition of a kind describes: to those they are any mapping, or a
 * text. Istiod reads them, and refuses the whole when it cannot.
 */
import { at, isBody, itemsAt, stringAt } from '../model/body.ts';
import type { FieldPath, Kind, Resource } from '../model/resource.ts';
import { podPathOf } from '../model/workloads.ts';
import { isPlaceholder } from '../text/placeholder.ts';
import { parseYamlValue } from '../text/yaml.ts';
import type { Found } from './found.ts';
import { judgeMessage } from './message.ts';
import type { Messages, MessagesName } from './messages.ts';
import { fieldNamed } from './wording.ts';

interface Written {
  readonly of: MessagesName;
  /** Name of the message. */
  readonly name: string;
  readonly path: FieldPath;
  /** The message, or the YAML that it is written as, whose parts have no place of their own. */
  readonly held: { readonly value: unknown } | { readonly text: string };
}

const MESH_CONFIG = 'istio.mesh.v1alpha1.MeshConfig';
const MESH_NETWORKS = 'istio.mesh.v1alpha1.MeshNetworks';
const PROXY_CONFIG = 'istio.mesh.v1alpha1.ProxyConfig';

/** Whose messages are needed for an object. */
export function messagesNeeded(resource: Resource): readonly MessagesName[] {
  return [...new Set(written(resource).map((each) => each.of))];
}

export function judgeWritten(resource: Resource, known: ReadonlyMap<MessagesName, Messages>): readonly Found[] {
  return written(resource).flatMap(({ of, name, path, held }) => {
    const messages = known.get(of);
    if (!messages) return [];
    if ('text' in held) return judgeText(held.text, name, path, messages);
    return [...judgeMessage(name, held.value, { known: messages, path, up: undefined })];
  });
}

function judgeText(text: string, name: string, path: FieldPath, known: Messages): readonly Found[] {
  const parsed = parseYamlValue(text);
  if (isBody(parsed)) {
    return [...judgeMessage(name, parsed, { known, path: [], up: undefined })].map((found): Found => ({ ...found, path, part: 'key' }));
  }
  // An empty text leaves everything as it is by default.
  if (text.trim() === '' || isPlaceholder(text)) return [];
  const fix = 'Write it as YAML, a field in each line.';
  return [{ is: 'message-value', path, part: 'key', message: `${fieldNamed(path)} holds no mapping that can be read.`, fix }];
}

function written(resource: Resource): readonly Written[] {
  if (resource.partial) return [];
  return (WRITERS.get(resource.kind) ?? proxyConfigs)(resource);
}

const WRITERS: ReadonlyMap<Kind, (resource: Resource) => readonly Written[]> = new Map([
  ['networking.istio.io/EnvoyFilter', patches],
  ['istio.io/MeshConfig', ({ body }: Resource) => [{ of: 'istio', name: MESH_CONFIG, held: { value: body }, path: [] }]],
  ['istio.io/MeshNetworks', ({ body }: Resource) => [{ of: 'istio', name: MESH_NETWORKS, held: { value: body }, path: [] }]],
  ['install.istio.io/IstioOperator', operatorConfig],
  ['core/ConfigMap', embeddedConfig],
]);

/** @see https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-ApplyTo */
const PATCHED: ReadonlyMap<string, string> = new Map([
  ['BOOTSTRAP', 'envoy.config.bootstrap.v3.Bootstrap'],
  ['CLUSTER', 'envoy.config.cluster.v3.Cluster'],
  ['EXTENSION_CONFIG', 'envoy.config.core.v3.TypedExtensionConfig'],
  ['FILTER_CHAIN', 'envoy.config.listener.v3.FilterChain'],
  ['HTTP_FILTER', 'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter'],
  ['HTTP_ROUTE', 'envoy.config.route.v3.Route'],
  ['LISTENER', 'envoy.config.listener.v3.Listener'],
  ['LISTENER_FILTER', 'envoy.config.listener.v3.ListenerFilter'],
  ['NETWORK_FILTER', 'envoy.config.listener.v3.Filter'],
  ['ROUTE_CONFIGURATION', 'envoy.config.route.v3.RouteConfiguration'],
  ['VIRTUAL_HOST', 'envoy.config.route.v3.VirtualHost'],
]);

function patches({ body }: Resource): readonly Written[] {
  return itemsAt(body, 'spec', 'configPatches').flatMap(({ item, path }) => {
    const name = PATCHED.get(stringAt(item, 'applyTo') ?? '');
    const value = isBody(item['patch']) ? item['patch']['value'] : undefined;
    // Istiod looks at no patches of waypoints.
    if (name === undefined || !isBody(value) || stringAt(item, 'match', 'context') === 'WAYPOINT') return [];
    return [{ of: 'envoy', name, held: { value }, path: [...path, 'patch', 'value'] }];
  });
}

function operatorConfig({ body }: Resource): readonly Written[] {
  const value = at(body, ['spec', 'meshConfig']);
  return isBody(value) ? [{ of: 'istio', name: MESH_CONFIG, held: { value }, path: ['spec', 'meshConfig'] }] : [];
}

/** The ConfigMap of a control plane, `istio` or `istio-` and its revision. */
function embeddedConfig({ name, body }: Resource): readonly Written[] {
  if (!/^istio(-.+)?$/.test(name)) return [];
  return [...embedded(body, ['data', 'mesh'], MESH_CONFIG), ...embedded(body, ['data', 'meshNetworks'], MESH_NETWORKS)];
}

function proxyConfigs({ kind, body }: Resource): readonly Written[] {
  const pod = podPathOf(kind);
  return pod === undefined ? [] : embedded(body, [...pod, 'metadata', 'annotations', 'proxy.istio.io/config'], PROXY_CONFIG);
}

function embedded(body: unknown, path: FieldPath, name: string): readonly Written[] {
  const text = stringAt(body, ...path);
  return text === undefined ? [] : [{ of: 'istio', name, path, held: { text } }];
}

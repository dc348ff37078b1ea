/** What Istio gives to injection templates besides sprig's functions, some of which it replaces by its own. */
import { isBody, itemsAt, stringAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { func, variadic } from '../../../template/builtins.ts';
import { durationText, parseDuration } from '../../../template/duration.ts';
import { emitYaml } from '../../../template/emit-yaml.ts';
import { CallError } from '../../../template/failure.ts';
import { fromJson, toJson } from '../../../template/json.ts';
import { plain } from '../../../template/print.ts';
import { type Func, isList, isMap, isNil, isObject, type Value } from '../../../template/value.ts';
import { jsonValue } from '../../../text/json-value.ts';
import { kubeBody, kubeJson, textMap } from './kube-object.ts';
import { serviceAttributes } from './otel.ts';
import { PROXY_CONFIG_TYPE, proxyConfigJson } from './proxy-config.ts';

const ANY = 'interface {}' as const;
const TEXT = 'string' as const;

export interface FunctionSettings {
  /** Of the control plane. */
  readonly environment: ReadonlyMap<string, string>;
  readonly enrichesServices: boolean;
}

export function injectionFunctions({ environment, enrichesServices }: FunctionSettings): Readonly<Record<string, Func>> {
  return {
    ...FUNCTIONS,
    env: func([TEXT, TEXT], (name: string, otherwise: string) => environment.get(name) || otherwise),
    otelResourceAttributes: func(
      [ANY, ANY, ANY, TEXT, ANY],
      (_mesh: Value, annotations: Value, labels: Value, namespace: string, list: Value) =>
        enrichesServices ? serviceAttributes(textsOf(annotations), textsOf(labels), namespace, bodiesOf(list)) : '',
    ),
  };
}

const FUNCTIONS: Readonly<Record<string, Func>> = {
  formatDuration: func([ANY], (value: Value) => durationText(parseDuration(plain(value)) ?? 0n)),
  isset: func([ANY, TEXT], (map: Value, key: string) => isMap(map) && map.has(key)),
  excludeInboundPort: func([ANY, TEXT], excludeInboundPort),
  includeInboundPorts: func([ANY], (containers: Value) => portsOf(containers, () => true)),
  applicationPorts: func([ANY], (containers: Value) => portsOf(containers, (name) => name !== 'istio-proxy')),
  kubevirtInterfaces: func([TEXT], (text: string) => text),
  excludeInterfaces: func([TEXT], (text: string) => text),
  annotation: func([ANY, TEXT, ANY], annotation),
  valueOrDefault: func([ANY, ANY], (value: Value, otherwise: Value) => (isNil(value) || value === '' ? otherwise : value)),
  toJSON: func([ANY], (map: Value) => (isNil(map) ? '{}' : toJson(map))),
  fromJSON: func([TEXT], parsedJson),
  protoToJSON: func([ANY], messageJson),
  structToJSON: func([ANY], (value: Value) => (isNil(value) ? '{}' : (kubeJson(value) ?? toJson(value)))),
  toYaml: func([ANY], (value: Value) => emitYaml(value)),
  indent: func(['int', TEXT], (spaces: { readonly value: bigint }, text: string) =>
    // The first line stands where the template put it.
    text.split('\n').join(`\n${' '.repeat(Number(spaces.value))}`),
  ),
  directory: func([TEXT], (path: string) => path.slice(0, path.lastIndexOf('/') + 1)),
  // The other way round than sprig's.
  contains: func([TEXT, TEXT], (needle: string, haystack: string) => haystack.includes(needle)),
  toLower: func([TEXT], (text: string) => text.toLowerCase()),
  appendMultusNetwork: func([TEXT, TEXT], appendMultusNetwork),
  omit: variadic([ANY, TEXT], (map: Value, keys: readonly string[]) =>
    textMap(Object.fromEntries(entriesOf(map).filter(([key]) => !keys.includes(key)))),
  ),
  strdict: variadic([TEXT], (texts: readonly string[]) =>
    textMap(Object.fromEntries(texts.flatMap((text, index) => (index % 2 === 0 ? [[text, texts[index + 1] ?? '']] : [])))),
  ),
  toJsonMap: variadic([ANY], (maps: readonly Value[]) => toJson(merged(maps))),
  mergeMaps: variadic([ANY], (maps: readonly Value[]) => merged(maps)),
  omitNil: func([ANY], (value: Value) => omitNil(value)),
};

/** Of a ProxyConfig only what differs from the defaults. */
function messageJson(value: Value): string {
  if (isNil(value)) return '{}';
  const json = toJson(value);
  const parsed = isObject(value) && value.goType === PROXY_CONFIG_TYPE ? jsonValue(json) : undefined;
  return isBody(parsed) ? proxyConfigJson(parsed) : json;
}

const textsOf = (map: Value): Readonly<Record<string, string>> => Object.fromEntries(entriesOf(map));

const bodiesOf = (list: Value): readonly Body[] => (isList(list) ? list.map(kubeBody).filter((body) => body !== undefined) : []);

const entriesOf = (map: Value): [string, string][] => (isMap(map) ? [...map].map(([key, value]) => [key, plain(value)]) : []);

const merged = (maps: readonly Value[]): Value => (maps.length === 0 ? null : textMap(Object.fromEntries(maps.flatMap(entriesOf))));

function annotation(meta: Value, name: string, otherwise: Value): string {
  const annotations = isObject(meta) ? meta.field('Annotations') : undefined;
  if (!isMap(annotations)) throw new CallError('the first argument is no ObjectMeta');
  return annotations.has(name) ? plain(annotations.get(name)) : plain(otherwise);
}

/** The list with one port more, unless there is none to add. */
function excludeInboundPort(port: Value, excluded: string): string {
  const text = plain(port).trim();
  const ports = excluded.split(',');
  if (text === '' || text === '0' || ports.includes(text)) return excluded;
  return [...ports.map((each) => each.trim()).filter((each) => each !== ''), text].join(',');
}

function portsOf(containers: Value, isWanted: (name: string) => boolean): string {
  return bodiesOf(containers)
    .filter((body) => isWanted(stringAt(body, 'name') ?? ''))
    .flatMap((body) => itemsAt(body, 'ports').map(({ item }) => item))
    .filter(({ protocol }) => protocol !== 'UDP' && protocol !== 'SCTP')
    .map(({ containerPort }) => String(containerPort ?? 0))
    .join(',');
}

/** What cannot be read is told in the value, as the injector does. */
function parsedJson(text: string): Value {
  try {
    return fromJson(text);
  } catch {
    return '{}';
  }
}

/** `networks` is a list of names or of JSON objects. @see https://github.com/k8snetworkplumbingwg/multi-net-spec */
function appendMultusNetwork(networks: string, own: string): string {
  if (networks === '') return own;
  const end = networks.lastIndexOf(']');
  if (end < 0) return networks.split(',').some((each) => each.trim() === own) ? networks : `${networks}, ${own}`;
  const known = jsonValue(networks);
  if (!Array.isArray(known)) return networks;
  const [namespace = '', name = ''] = own.includes('/') ? own.split('/') : ['', own];
  if (known.some((each) => stringAt(each, 'name') === name && (stringAt(each, 'namespace') ?? '') === namespace)) return networks;
  const added = namespace === '' ? `{"name": "${name}"}` : `{"name": "${name}", "namespace": "${namespace}"}`;
  return `${networks.slice(0, end)}, ${added}${networks.slice(end)}`;
}

/** Without nils; what is emptied by that is nil itself. */
function omitNil(value: Value): Value {
  if (!hasNil(value)) return value;
  if (isMap(value)) {
    const kept = [...value].map(([key, each]) => [key, omitNil(each)] as const).filter(([, each]) => !isNil(each));
    return kept.length === 0 ? null : new Map(kept);
  }
  if (isList(value)) {
    const kept = value.map(omitNil).filter((each) => !isNil(each));
    return kept.length === 0 ? null : kept;
  }
  return null;
}

const hasNil = (value: Value): boolean =>
  isNil(value) || (isMap(value) ? [...value.values()].some(hasNil) : isList(value) ? value.some(hasNil) : false);

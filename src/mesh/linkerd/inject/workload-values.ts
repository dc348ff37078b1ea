/** What the annotations of a workload and its namespace change about its proxy. */
import { at, itemsAt, listAt, numberAt, objectAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { InjectReason, InjectRequest } from '../../../model/inject.ts';
import type { Body } from '../../../model/resource.ts';
import { nearest } from '../../../text/nearest.ts';
import { overlay, withValue } from '../../injection/edit.ts';
import { specOf } from '../../injection/outcome.ts';
import { textAt } from './chart-values.ts';
import { ADDITIONAL_ENV, OPAQUE_PORTS, OPTIONS, POD_INBOUND_PORTS } from './options.ts';
import { type Configuration, withCores } from './values.ts';

interface Reading {
  readonly values: Body;
  /** Annotations that do not work. */
  readonly reasons: readonly InjectReason[];
}

/** @param request of a workload without a proxy in it */
export function workloadValues(configuration: Configuration, request: InjectRequest): Reading {
  const own = stringMapAt(request.object, ...request.template, 'metadata', 'annotations');
  const annotations = { ...inherited(request), ...own };
  const options = withOptions(configuration, annotations, namedPorts(request));
  const environment = withEnvironment(options.values, request, own);
  const values = [withPod, withTracing].reduce((result, add) => add(result, request, annotations), environment.values);
  return { values, reasons: [...options.reasons, ...environment.reasons, ...unknownKeys(own)] };
}

/** The injector takes these, and no others, from the namespace. */
function inherited({ home }: InjectRequest): Readonly<Record<string, string>> {
  const entries = OPTIONS.filter(({ annotation, isOwn }) => !isOwn && home?.annotations[annotation] !== undefined);
  return Object.fromEntries(entries.map(({ annotation }) => [annotation, home?.annotations[annotation] ?? '']));
}

function withOptions(
  { values, overrides }: Configuration,
  annotations: Readonly<Record<string, string>>,
  ports: ReadonlyMap<string, number>,
): Reading {
  const reasons: InjectReason[] = [];
  // What the user says now wins over every annotation that speaks of the same.
  const decided = OPTIONS.filter(({ annotation }) => overrides[annotation] !== undefined).map(({ path }) => path.join('.'));
  const result = OPTIONS.reduce((current, { annotation, path, reading, cores }) => {
    const given = annotations[annotation];
    if (given === undefined || decided.includes(path.join('.'))) return current;
    const read = annotation === OPAQUE_PORTS ? opaquePorts(given, ports, reasons) : reading.read(given);
    if (read === undefined) {
      reasons.push(invalid(annotation, given, `is not ${reading.wants}`));
      return current;
    }
    const next = withValue(current, path, read);
    return cores ? withCores(next, cores, given) : next;
  }, values);
  return { values: result, reasons };
}

const invalid = (annotation: string, value: string, fault: string): InjectReason => ({
  code: 'invalid-annotation',
  message: `The value "${value}" of annotation "${annotation}" ${fault}, and is passed over.`,
});

function namedPorts(request: InjectRequest): ReadonlyMap<string, number> {
  return new Map(
    containersOf(request).flatMap((container) =>
      itemsAt(container, 'ports').flatMap(({ item }) => {
        const [name, number] = [stringAt(item, 'name'), numberAt(item, 'containerPort')];
        return name === undefined || number === undefined ? [] : [[name, number] as const];
      }),
    ),
  );
}

const containersOf = (request: InjectRequest): readonly Body[] =>
  ['initContainers', 'containers'].flatMap((list) => itemsAt(specOf(request), list).map(({ item }) => item));

/** Numbers in the place of names, which only the pod's containers explain. */
function opaquePorts(given: string, ports: ReadonlyMap<string, number>, reasons: InjectReason[]): string {
  const known = given
    .replace(/,$/, '')
    .split(',')
    .flatMap((part) => {
      const port = part.trim();
      const number = ports.get(port);
      if (number !== undefined) return [String(number)];
      if (isRange(port)) return [port];
      if (port !== '') reasons.push(invalid(OPAQUE_PORTS, port, 'is neither a port, a range of ports, nor the name of one'));
      return [];
    });
  return known.join(',');
}

function isRange(text: string): boolean {
  const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  return from !== '' && Number(from) <= Number(to) && Number(to) < 65536;
}

/** Of the chart, then of the namespace, then of the workload; a name that comes again replaces what was there. */
function withEnvironment(values: Body, { home }: InjectRequest, own: Readonly<Record<string, string>>): Reading {
  const reasons: InjectReason[] = [];
  const layers = [home?.annotations[ADDITIONAL_ENV], own[ADDITIONAL_ENV]].map((text) => {
    const list = text ? environmentIn(text) : [];
    if (!list) reasons.push(invalid(ADDITIONAL_ENV, text ?? '', 'is no JSON list of variables'));
    return list ?? [];
  });
  const all = [listAt(values, 'proxy', 'additionalEnv'), ...layers].flat();
  if (all.length === 0) return { values, reasons };
  const byName = new Map(all.map((variable) => [stringAt(variable, 'name'), variable]));
  return { values: withValue(values, ['proxy', 'additionalEnv'], [...byName.values()]), reasons };
}

function environmentIn(text: string): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((variable) => stringAt(variable, 'name') !== undefined) ? list : undefined;
  } catch {
    return undefined;
  }
}

/** What the proxy has of the containers beside it. */
function withPod(values: Body, request: InjectRequest): Body {
  const [first] = itemsAt(specOf(request), 'containers');
  const capabilities = at(first?.item, ['securityContext', 'capabilities']);
  const token = itemsAt(first?.item, 'volumeMounts').find(({ item }) => item['mountPath'] === TOKEN_PATH)?.item;
  const proxy = {
    podInboundPorts: inboundPorts(request),
    ...(capabilities !== undefined && { capabilities }),
    saMountPath: token ? [{ mountPath: TOKEN_PATH, name: token['name'], readOnly: token['readOnly'] ?? false }] : [],
    ...(isIngress(request) && { isIngress: true }),
  };
  return overlay(values, { proxy });
}

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

const isIngress = ({ object, template, home }: InjectRequest): boolean =>
  (stringAt(object, ...template, 'metadata', 'annotations', 'linkerd.io/inject') ?? home?.annotations['linkerd.io/inject']) === 'ingress';

/** Ports of containers and of their HTTP probes, in the order of their digits, as the injector writes them. */
function inboundPorts(request: InjectRequest): string {
  const ports = containersOf(request).flatMap((container) => [
    ...itemsAt(container, 'ports').map(({ item }) => item['containerPort']),
    ...['readinessProbe', 'livenessProbe'].map((probe) => at(container, [probe, 'httpGet', 'port'])),
  ]);
  const numbers = ports.filter((port): port is number => typeof port === 'number');
  return [...new Set(numbers.map(String))].sort().join(',');
}

const OPENTELEMETRY = 'resource.opentelemetry.io/';

function withTracing(values: Body, { object, template }: InjectRequest, annotations: Readonly<Record<string, string>>): Body {
  const labels = objectAt(object, ...template, 'metadata', 'labels');
  const service = textAt(labels, 'app.kubernetes.io/instance') || textAt(labels, 'app.kubernetes.io/name');
  const attributes = Object.entries(annotations).flatMap(([key, value]) =>
    key.startsWith(OPENTELEMETRY) ? [[key.slice(OPENTELEMETRY.length), value] as const] : [],
  );
  const added = { ...(service !== '' && { 'service.name': service }), ...Object.fromEntries(attributes) };
  return overlay(values, { proxy: { tracing: { labels: added } } });
}

const KNOWN: readonly string[] = [...OPTIONS.map(({ annotation }) => annotation), ADDITIONAL_ENV, POD_INBOUND_PORTS];

function unknownKeys(annotations: Readonly<Record<string, string>>): readonly InjectReason[] {
  return Object.keys(annotations)
    .filter((key) => /^config(?:\.alpha|\.beta)?\.linkerd\.io\//.test(key) && !KNOWN.includes(key))
    .map((key) => {
      const near = nearest(key, KNOWN);
      return {
        code: 'unknown-annotation',
        message: `Linkerd knows no annotation "${key}".${near === undefined ? '' : ` Did you mean "${near}"?`}`,
      };
    });
}

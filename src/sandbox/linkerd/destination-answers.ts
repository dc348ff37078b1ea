/** What the destination controller answers: endpoints of Services, and profiles of addresses, now and whenever they change. */
import { itemsAt, numberAt, stringAt } from '../../model/body.ts';
import { GrpcProblem } from '../programs/grpc-server.ts';
import { fixed32, message } from '../programs/protobuf-writer.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import { isOpaque } from './exchange-view.ts';
import { TRUST_DOMAIN } from './names.ts';
import { describedBy, identityOf, proxyOf } from './pods.ts';
import { serviceRoutes } from './service-routes.ts';
import { address, duration, mapEntries, resourceRef } from './written-values.ts';

const WEIGHT = 10_000;
const INBOUND_PORT = 4143;

interface Authority {
  readonly host: string;
  readonly port: number;
}

interface Named extends Authority {
  readonly service: string;
  readonly namespace: string;
}

function authorityIn(path: string): Authority {
  const [, host, port] = /^(.+?)(?::(\d+))?$/.exec(path) ?? [];
  if (host === undefined) throw new GrpcProblem('INVALID_ARGUMENT', `Invalid authority: ${path}`);
  return { host, port: Number(port ?? 80) };
}

/** `web.emojivoto.svc.cluster.local`. */
function nameIn({ host, port }: Authority): Named {
  const [service = '', namespace = '', kind, ...domain] = host.split('.');
  if (kind !== 'svc' || domain.join('.') !== TRUST_DOMAIN) throw new GrpcProblem('INVALID_ARGUMENT', `Invalid authority: ${host}`);
  return { host, port, service, namespace };
}

const isAddress = (host: string): boolean => /^[\d.]+$/.test(host);

export async function* endpointUpdates(store: Store, path: string, gone: AbortSignal): AsyncIterable<Uint8Array> {
  const asked = authorityIn(path);
  if (isAddress(asked.host)) throw new GrpcProblem('INVALID_ARGUMENT', `IP queries not supported by Get API: host=${asked.host}`);
  const name = nameIn(asked);
  let known = new Map<string, Target>();
  let isFirst = true;
  for await (const _ of changes(store, ['core/Endpoints', 'core/Service', 'core/Pod'], gone)) {
    const now = new Map(targetsOf(store, name).map((target) => [`${target.ip}:${target.port}`, target]));
    const added = [...now].flatMap(([key, target]) => (known.has(key) ? [] : [target]));
    const removed = [...known].flatMap(([key, target]) => (now.has(key) ? [] : [target]));
    const exists = store.get('core/Service', name.namespace, name.service) !== undefined;
    if (now.size === 0 && (isFirst || removed.length > 0)) yield message([3, message([1, exists ? 1 : 0])]);
    else if (removed.length > 0) yield message([2, message(...removed.map(({ ip, port }) => [1, address(ip, port)] as const))]);
    if (added.length > 0) {
      const labels = mapEntries({ namespace: name.namespace, service: name.service }).map((entry) => [2, entry] as const);
      yield message([1, message(...added.map((target) => [1, weighted(target, store)] as const), ...labels)]);
    }
    known = now;
    isFirst = false;
  }
}

export async function* profiles(store: Store, path: string, gone: AbortSignal): AsyncIterable<Uint8Array> {
  const asked = authorityIn(path);
  let last = '';
  for await (const _ of changes(store, ['core/Service', 'core/Pod', 'linkerd.io/ServiceProfile'], gone)) {
    const profile = profileOf(store, asked);
    if (profile.toString('hex') === last) continue;
    last = profile.toString('hex');
    yield profile;
  }
}

function profileOf(store: Store, asked: Authority): Buffer {
  const service = isAddress(asked.host)
    ? store.list('core/Service').find((each) => stringAt(each, 'spec', 'clusterIP') === asked.host)
    : store.get('core/Service', nameIn(asked).namespace, nameIn(asked).service);
  const budget = Buffer.concat([float(1, 0.2), message([2, 10], [3, duration(10_000)])]);
  if (service) {
    const { name, namespace = '' } = service.metadata;
    const host = `${name}.${namespace}.svc.${TRUST_DOMAIN}`;
    return message(
      ...serviceRoutes(store, host, namespace).map((route) => [1, route] as const),
      [2, budget],
      [4, isOpaque(service, asked.port) ? 1 : 0],
      [5, host],
      [7, resourceRef('core', 'Service', name, namespace, asked.port)],
    );
  }
  const pod = store.list('core/Pod').find((each) => stringAt(each, 'status', 'podIP') === asked.host);
  const endpoint = pod && weighted({ ip: asked.host, port: asked.port, pod }, store);
  return message([2, budget], [4, isOpaque(pod, asked.port) ? 1 : 0], [5, isAddress(asked.host) ? '' : asked.host], [6, endpoint]);
}

function float(number: number, value: number): Buffer {
  const bits = Buffer.alloc(4);
  bits.writeFloatLE(value);
  return fixed32(number, bits.readUInt32LE());
}

interface Target {
  readonly ip: string;
  readonly port: number;
  readonly pod: KubeObject | undefined;
}

function targetsOf(store: Store, { namespace, service, port }: Named): readonly Target[] {
  const served = itemsAt(store.get('core/Service', namespace, service), 'spec', 'ports').find(({ item }) => item['port'] === port)?.item;
  return itemsAt(store.get('core/Endpoints', namespace, service), 'subsets').flatMap(({ item: subset }) => {
    const target = numberAt(itemsAt(subset, 'ports').find(({ item }) => item['name'] === served?.['name'])?.item, 'port');
    if (target === undefined || !served) return [];
    return itemsAt(subset, 'addresses').map(({ item }) => ({
      ip: stringAt(item, 'ip') ?? '',
      port: target,
      pod: store.get('core/Pod', namespace, stringAt(item, 'targetRef', 'name') ?? ''),
    }));
  });
}

function weighted({ ip, port, pod }: Target, store: Store): Buffer {
  const labels = pod ? mapEntries(describedBy(pod, store)).map((entry) => [4, entry] as const) : [];
  const isMeshed = pod !== undefined && proxyOf(pod) !== undefined;
  const name = isMeshed ? message([1, identityOf(pod)]) : undefined;
  const transport = message([1, INBOUND_PORT]);
  const hint = isOpaque(pod, port) ? message([3, Buffer.alloc(0)], [2, transport]) : message([1, Buffer.alloc(0)]);
  return message(
    [1, address(ip, port)],
    [3, WEIGHT],
    ...labels,
    [5, name && message([1, name], [4, name])],
    [6, isMeshed ? hint : undefined],
  );
}

/** Once, and again after each change of objects of the kinds, until the caller goes. */
async function* changes(store: Store, kinds: readonly string[], gone: AbortSignal): AsyncIterable<undefined> {
  let wake: () => void = () => {};
  let isChanged = true;
  const stop = store.subscribe(({ kind }) => {
    if (!kinds.includes(kind)) return;
    isChanged = true;
    wake();
  });
  const end = (): void => wake();
  gone.addEventListener('abort', end, { once: true });
  try {
    while (!gone.aborted) {
      if (isChanged) {
        isChanged = false;
        yield undefined;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    stop();
    gone.removeEventListener('abort', end);
  }
}

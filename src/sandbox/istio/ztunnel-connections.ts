/** The connections that ztunnels have, by the exchanges that their pods take part in. */
import { stringAt } from '../../model/body.ts';
import type { Inside } from '../options.ts';
import type { KubeObject } from '../store/object.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { isCaptured } from './ztunnel-state.ts';

interface Connection {
  readonly direction: 'inbound' | 'outbound';
  readonly shown: object;
  readonly peer: string;
}

/** By the pod whose they are, and who is at the other end. */
export type NodeConnections = ReadonlyMap<string, ReadonlyMap<string, Connection>>;

const HBONE_PORT = 15_008;
/** From which ports of a client are taken. */
const FIRST_PORT = 32_768;

export function trackConnections({ store }: Inside, traffic: Traffic): NodeConnections {
  const found = new Map<string, Map<string, Connection>>();
  const of = (pod: KubeObject): Map<string, Connection> => {
    const uid = pod.metadata.uid ?? '';
    const own = found.get(uid) ?? new Map<string, Connection>();
    found.set(uid, own);
    return own;
  };
  const address = (pod: KubeObject): string => stringAt(pod, 'status', 'podIP') ?? '';
  traffic.subscribe(({ source, destination, targetPort, namespace, service, port }) => {
    if (!destination) return;
    const key = `${source?.metadata.uid ?? ''} ${destination.metadata.uid} ${targetPort}`;
    const protocol = source && isCaptured(source) && isCaptured(destination) ? 'HBONE' : 'TCP';
    const from = source ? `${address(source)}:${FIRST_PORT + (of(source).size % 20_000)}` : '10.0.0.1:40000';
    if (source && isCaptured(source) && !of(source).has(key)) {
      const asked = stringAt(store.get('core/Service', namespace, service), 'spec', 'clusterIP') ?? address(destination);
      const actual = `${address(destination)}:${protocol === 'HBONE' ? HBONE_PORT : targetPort}`;
      of(source).set(key, {
        direction: 'outbound',
        peer: destination.metadata.uid ?? '',
        shown: { src: from, originalDst: `${asked}:${port}`, actualDst: actual, protocol },
      });
    }
    if (isCaptured(destination) && !of(destination).has(key)) {
      of(destination).set(key, {
        direction: 'inbound',
        peer: source?.metadata.uid ?? '',
        shown: { src: from, originalDst: null, actualDst: `${address(destination)}:${targetPort}`, protocol },
      });
    }
  });
  store.subscribe(({ type, kind, object }) => {
    if (type !== 'DELETED' || kind !== 'core/Pod') return;
    const uid = object.metadata.uid ?? '';
    found.delete(uid);
    for (const own of found.values()) for (const [key, { peer }] of own) if (peer === uid) own.delete(key);
  });
  return found;
}

export function connectionsOf(pod: KubeObject, open: NodeConnections): Readonly<Record<'inbound' | 'outbound', readonly object[]>> {
  const own = [...(open.get(pod.metadata.uid ?? '')?.values() ?? [])];
  const of = (direction: Connection['direction']): readonly object[] =>
    own.flatMap((each) => (each.direction === direction ? [each.shown] : []));
  return { inbound: of('inbound'), outbound: of('outbound') };
}

import { itemsAt, numberAt } from '../../../model/body.ts';
import type { Trouble } from '../../../model/describe.ts';
import type { ChainRow, ListenerRow } from '../../../model/proxy-config.ts';
import { friendlyName, quotedRef } from '../../../model/resource.ts';
import { peerAuthentications } from '../peer-authentication.ts';
import { sidecarScopes } from '../sidecar-scope.ts';
import type { AskedEnvoy } from './compare.ts';
import { named } from './scene.ts';

type Mode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

const PORT = /(?:^|; )Addr: \*:(\d+)/;

const INBOUND = 'virtualInbound';
/** The port that captured traffic arrives at, which is no port of the workload. */
const CAPTURE_PORT = 15_006;

/** What the chains of each port take, as far as a port has chains of its own. */
function modesInListeners(listeners: readonly ListenerRow[]): ReadonlyMap<number, Mode> {
  const chains = listeners.filter(({ name }) => name === INBOUND).flatMap((listener) => listener.chains);
  const byPort = new Map<number, ChainRow[]>();
  for (const chain of chains) {
    const port = Number(PORT.exec(chain.match)?.[1]);
    if (Number.isNaN(port) || port === CAPTURE_PORT) continue;
    byPort.set(port, [...(byPort.get(port) ?? []), chain]);
  }
  return new Map(
    [...byPort].map(([port, own]) => {
      const takesMutual = own.some(({ match }) => match.includes('Trans: tls'));
      const takesPlain = own.some(({ match }) => !match.includes('Trans: tls'));
      return [port, takesMutual ? (takesPlain ? 'PERMISSIVE' : 'STRICT') : 'DISABLE'];
    }),
  );
}

const TAKES: Readonly<Record<Mode, string>> = {
  STRICT: 'only mutual TLS',
  PERMISSIVE: 'mutual TLS and plain text',
  DISABLE: 'only plain text',
};

/** Ports where the proxy takes something else than PeerAuthentications say. */
export function mutualTlsTroubles({ pod, workload, config, resources, kind }: AskedEnvoy): readonly Trouble[] {
  if (kind !== 'sidecar') return [];
  const { mode, policy, ports, portPolicy } = resources.derive(peerAuthentications).modeFor(workload.namespace, workload.labels);
  const { sidecar } = resources.derive(sidecarScopes).of(workload.namespace, workload.labels);
  const listeners = new Set(itemsAt(sidecar?.body, 'spec', 'ingress').map(({ item }) => numberAt(item, 'port', 'number')));
  return [...modesInListeners(config.listeners)].flatMap(([port, actual]): readonly Trouble[] => {
    // A Sidecar's own listeners have their own settings.
    if (listeners.has(port)) return [];
    const own = ports.get(port);
    const wanted = own ?? mode;
    if (wanted === actual) return [];
    const source = own === undefined ? policy : portPolicy;
    return [
      {
        id: 'istio/mtls-differs',
        severity: 'error',
        isDifference: true,
        message: `Port ${port} of ${quotedRef(pod)} is ${wanted} by ${source ? friendlyName(source) : 'default'}, but its proxy takes ${TAKES[actual]}.`,
        hint: 'Run "meshctl check --only data-plane" for whether the proxy takes what istiod sends.',
        objects: [...(source ? [named(source)] : []), named(pod)],
      },
    ];
  });
}

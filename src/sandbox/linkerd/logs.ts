/** Logs of the proxies and of Linkerd's own programs, as they look after an uneventful start. */
import { stringAt } from '../../model/body.ts';
import type { KubeObject } from '../store/object.ts';
import { CONTROL_NAMESPACE } from './names.ts';
import { buildOf, identityOf, programOf, proxyOf } from './pods.ts';

/** @returns undefined for containers of the application */
export function logOf(pod: KubeObject, { container }: { readonly container: string }): string | undefined {
  if (container === 'linkerd-proxy') return proxyOf(pod) && proxyLog(pod);
  if (container === 'linkerd-init') return INIT_LOG;
  return programOf(pod) === undefined ? undefined : programLog(pod, container);
}

function proxyLog(pod: KubeObject): string {
  const identity = identityOf(pod);
  return [
    `release ${buildOf(pod)} by linkerd`,
    'Using single-threaded proxy runtime',
    'Admin interface on 0.0.0.0:4191',
    'Inbound interface on 0.0.0.0:4143',
    'Outbound interface on 127.0.0.1:4140',
    'Tap interface on 0.0.0.0:4190',
    `SNI is ${identity}`,
    `Local identity is ${identity}`,
    `Destinations resolved via linkerd-dst-headless.${CONTROL_NAMESPACE}.svc.cluster.local.:8086`,
  ]
    .map((text, index) => `[     0.00${index + 1}s]  INFO ThreadId(01) linkerd2_proxy: ${text}\n`)
    .concat(
      `[     0.034s]  INFO ThreadId(02) identity:identity{server.addr=linkerd-identity-headless.${CONTROL_NAMESPACE}.svc.cluster.local.:8080}: linkerd_app: Certified identity id=${identity}\n`,
    )
    .join('');
}

const INIT_LOG = [
  'Entering proxy-init with options...',
  '/usr/sbin/iptables-nft-save -t nat',
  '/usr/sbin/iptables-nft -t nat -A PROXY_INIT_REDIRECT -p tcp -j REDIRECT --to-port 4143 -m comment --comment proxy-init/redirect-all-incoming-to-proxy-port',
  '/usr/sbin/iptables-nft -t nat -A PROXY_INIT_OUTPUT -p tcp -j REDIRECT --to-port 4140 -m comment --comment proxy-init/redirect-all-outgoing-to-proxy-port',
]
  .map((text) => `time="2026-08-21T12:00:00Z" level=info msg="${text}"\n`)
  .join('');

function programLog(pod: KubeObject, container: string): string {
  const time = stringAt(pod, 'status', 'startTime') ?? '';
  return ['running version edge-26.8.3', `starting admin server of ${container}`, 'waiting for caches to sync', 'caches synced']
    .map((text) => `time="${time}" level=info msg="${text}"\n`)
    .join('');
}

/** Clusters of a config dump. */
import type { ClusterRow } from '../model/proxy-config.ts';
import type { Entry } from './config-dump.ts';
import { addressText, body, items, text, typeOf } from './fields.ts';
import { istioConfig, parseClusterName } from './names.ts';

export function clusterRow({ resource, state, version, updatedAt, error }: Entry): ClusterRow {
  const name = text(resource, 'name') ?? '';
  return {
    ...{ state, version, updatedAt, error, name },
    ...parseClusterName(name),
    // A discovery type of zero is left out of the JSON.
    type: text(resource, 'cluster_type', 'name') ?? text(resource, 'type') ?? 'STATIC',
    endpoints: items(resource, 'load_assignment', 'endpoints')
      .flatMap((locality) => items(locality, 'lb_endpoints'))
      .flatMap((each) => addressText(body(each, 'endpoint', 'address')) ?? []),
    tls: tlsOf(resource),
    from: istioConfig(resource),
  };
}

function tlsOf(cluster: unknown): string {
  const matches = items(cluster, 'transport_socket_matches').map((each) => socketText(body(each, 'transport_socket')));
  const own = matches.length > 0 ? [...new Set(matches)] : [socketText(body(cluster, 'transport_socket'))];
  return own.join(' or ');
}

/** Fields that name a certificate of the proxy's own. */
const OWN = [
  ...['tls_certificates', 'tls_certificate_sds_secret_configs', 'tls_certificate_provider_instance'],
  ...['tls_certificate_certificate_provider_instance', 'tls_certificate_certificate_provider', 'custom_tls_certificate_selector'],
];

function socketText(socket: unknown): string {
  const config = body(socket, 'typed_config');
  const type = typeOf(config);
  if (!config || /RawBuffer$/.test(type)) return 'plain text';
  // Sockets that wrap another: of PROXY protocol, of taps, of listeners inside, …
  const inner = body(config, 'transport_socket');
  if (inner || /InternalUpstreamTransport$/.test(type)) return socketText(inner);
  if (/StartTlsConfig$/.test(type)) return 'STARTTLS';
  if (!/TlsContext$|QuicUpstreamTransport$/.test(type)) return type.split('.').at(-1) ?? type;
  const common = body(config, 'common_tls_context') ?? body(config, 'upstream_tls_context', 'common_tls_context');
  const hasOwn = OWN.some((name) => body(common, name) !== undefined || items(common, name).length > 0);
  return hasOwn ? 'mutual TLS' : 'TLS';
}

import { describe, expect, it } from 'vitest';
import { clusterRow } from '../../src/envoy/clusters.ts';
import { readConfigDump } from '../../src/envoy/config-dump.ts';
import { endpointsOfClusters, endpointsOfDump } from '../../src/envoy/endpoints.ts';
import { secretRows } from '../../src/envoy/secrets.ts';
import { MeshctlError } from '../../src/errors.ts';

const type = (name: string): string => `type.googleapis.com/envoy.admin.v3.${name}`;

describe('a config dump', () => {
  it('is read whole, in either case of its names', () => {
    const snake = {
      configs: [{ '@type': type('ClustersConfigDump'), dynamic_active_clusters: [{ version_info: '1', cluster: { name: 'a' } }] }],
    };
    const camel = {
      configs: [{ '@type': type('ClustersConfigDump'), dynamicActiveClusters: [{ versionInfo: '1', cluster: { name: 'a' } }] }],
    };
    for (const dump of [snake, camel])
      expect(readConfigDump(dump).clusters).toMatchObject([{ resource: { name: 'a' }, state: 'active', version: '1' }]);
  });

  it('is read by single resources', () => {
    const { clusters, listeners, secrets } = readConfigDump({
      configs: [
        { '@type': type('ClustersConfigDump.DynamicCluster'), cluster: { name: 'c' } },
        { '@type': type('ClustersConfigDump.StaticCluster'), cluster: { name: 's' } },
        { '@type': type('ListenersConfigDump.DynamicListener'), name: 'l', active_state: { listener: { name: 'l' } } },
        { '@type': type('SecretsConfigDump.DynamicSecret'), name: 'default', secret: {} },
      ],
    });
    expect(clusters.map(({ resource, state }) => [resource['name'], state])).toEqual([
      ['c', 'active'],
      ['s', 'static'],
    ]);
    expect(listeners.map(({ resource }) => resource['name'])).toEqual(['l']);
    expect(secrets.map(({ resource }) => resource['name'])).toEqual(['default']);
  });

  it('tells every state of a listener, and why one was refused', () => {
    const { listeners } = readConfigDump({
      configs: [
        {
          '@type': type('ListenersConfigDump'),
          dynamic_listeners: [
            {
              name: 'a',
              active_state: { listener: { name: 'a' } },
              draining_state: { listener: { name: 'a' } },
              error_state: { details: 'why' },
            },
            { name: 'b', error_state: { details: 'never taken', failed_configuration: { name: 'b' } } },
            { name: 'c' },
          ],
        },
      ],
    });
    expect(listeners.map(({ resource, state, error }) => [resource['name'], state, error])).toEqual([
      ['a', 'active', 'why'],
      ['a', 'draining', 'why'],
      ['b', 'refused', 'never taken'],
    ]);
  });

  it('hears of a refused listener once, though Envoy tells it twice', () => {
    const [failed_configuration, details] = [{ name: 'a' }, 'why'];
    const named = { name: 'a', error_state: { failed_configuration, details, last_update_attempt: '2026-01-01T00:00:00Z' } };
    const echo = { error_state: { failed_configuration, details } };
    const read = (...dynamic_listeners: readonly object[]): readonly unknown[] =>
      readConfigDump({ configs: [{ '@type': type('ListenersConfigDump'), dynamic_listeners }] }).listeners.map((each) => [
        each.resource['name'],
        each.state,
        each.updatedAt,
      ]);
    expect(read(named, echo)).toEqual([['a', 'refused', '2026-01-01T00:00:00Z']]);
    expect(read({ name: 'a', active_state: { listener: { name: 'a' } }, error_state: { details } }, echo)).toEqual([
      ['a', 'active', undefined],
    ]);
    expect(read(echo)).toEqual([['a', 'refused', undefined]]);
  });

  it('is empty where Envoy has nothing of what it was asked for', () => {
    expect(readConfigDump({})).toMatchObject({ clusters: [], routes: [], secrets: [] });
    expect(endpointsOfClusters({})).toEqual([]);
  });

  it('has routes inside of scopes, and lists what Envoy keeps in no order by name', () => {
    const scoped_route_configs = [
      { name: 'one', route_configuration: { name: 'b' } },
      { name: 'two', route_configuration_name: 'a' },
    ];
    const { routes } = readConfigDump({
      configs: [
        { '@type': type('ScopedRoutesConfigDump'), inline_scoped_route_configs: [{ name: 's', scoped_route_configs }] },
        { '@type': type('RoutesConfigDump'), dynamic_route_configs: [{ route_config: { name: 'c' } }, { route_config: { name: 'a' } }] },
      ],
    });
    expect(routes.map(({ resource, state }) => [resource['name'], state])).toEqual([
      ['a', 'active'],
      ['b', 'static'],
      ['c', 'active'],
    ]);
  });

  it('has endpoints by the name that EDS has for their clusters', () => {
    const cluster = (name: string, service_name?: string): object => ({
      cluster: { name, type: 'EDS', eds_cluster_config: { service_name } },
    });
    const endpoint = (cluster_name: string): object => ({ endpoint_config: { cluster_name, endpoints: [{ lb_endpoints: [{}] }] } });
    const dump = readConfigDump({
      configs: [
        { dynamic_active_clusters: [cluster('a', 'shared'), cluster('b', 'shared'), cluster('c')] },
        { dynamic_endpoint_configs: ['shared', 'shared', 'c', 'gone'].map(endpoint) },
      ],
    });
    expect(endpointsOfDump(dump).map((row) => row.cluster)).toEqual(['a', 'b', 'c', 'gone']);
  });

  it('refuses what is none, and passes over what is odd', () => {
    for (const value of [null, 3, 'x', { a: 1 }, { configs: 3 }]) expect(() => readConfigDump(value)).toThrow(MeshctlError);
    expect(readConfigDump({ configs: [null, 3, {}, { static_clusters: [null, {}, { cluster: 3 }] }] }).clusters).toEqual([]);
    expect(() => endpointsOfClusters({ configs: [] })).toThrow(MeshctlError);
  });
});

describe('a cluster', () => {
  const tls = (type_: string, more: object = {}): object => ({
    typed_config: { '@type': `type.googleapis.com/envoy.extensions.transport_sockets.${type_}`, ...more },
  });
  const rowOf = (resource: object) =>
    clusterRow({ resource: { name: 'x', ...resource }, state: 'active', version: undefined, updatedAt: undefined });

  it.each([
    [{}, 'plain text'],
    [{ transport_socket: tls('tls.v3.UpstreamTlsContext', { common_tls_context: {} }) }, 'TLS'],
    [
      { transport_socket: tls('tls.v3.UpstreamTlsContext', { common_tls_context: { tls_certificate_sds_secret_configs: [{}] } }) },
      'mutual TLS',
    ],
    [{ transport_socket: tls('raw_buffer.v3.RawBuffer') }, 'plain text'],
    [
      { transport_socket: tls('internal_upstream.v3.InternalUpstreamTransport', { transport_socket: tls('raw_buffer.v3.RawBuffer') }) },
      'plain text',
    ],
    [{ transport_socket: tls('tap.v3.Tap', { transport_socket: tls('tls.v3.UpstreamTlsContext') }) }, 'TLS'],
    [{ transport_socket: tls('starttls.v3.UpstreamStartTlsConfig') }, 'STARTTLS'],
    [
      {
        transport_socket: tls('quic.v3.QuicUpstreamTransport', {
          upstream_tls_context: { common_tls_context: { custom_tls_certificate_selector: { name: 's' } } },
        }),
      },
      'mutual TLS',
    ],
    [{ transport_socket: tls('alts.v3.Alts') }, 'Alts'],
  ])('%#. is reached by %s', (more, text) => {
    expect(rowOf(more).tls).toBe(text);
  });

  it('is named by direction, port, subset and host, or stands for itself', () => {
    const named = (name: string) => {
      const { service, port, subset, direction } = rowOf({ name });
      return [service, port, subset, direction];
    };
    expect(named('outbound|80|v1|a.b.svc.cluster.local')).toEqual(['a.b.svc.cluster.local', 80, 'v1', 'outbound']);
    expect(named('inbound|9080||')).toEqual(['inbound|9080||', 9080, undefined, 'inbound']);
    expect(named('local|app')).toEqual(['local|app', undefined, undefined, undefined]);
    expect(named('a|x|b|c')).toEqual(['a|x|b|c', undefined, undefined, undefined]);
  });
});

describe('a secret', () => {
  it('of another kind, and one that cannot be read, has a row without a certificate', () => {
    const rows = (resource: object) =>
      secretRows({ resource: { name: 's', ...resource }, state: 'active', version: undefined, updatedAt: undefined });
    expect(rows({ generic_secret: {} })).toMatchObject([{ type: 'other' }]);
    expect(
      rows({ tls_certificate: { certificate_chain: { inline_bytes: '%%%' }, private_key: { inline_bytes: 'c2VjcmV0' } } }),
    ).toMatchObject([{ type: 'certificate', subjectAltNames: [] }]);
    expect(JSON.stringify(rows({ tls_certificate: { certificate_chain: {}, private_key: { inline_string: 'secret' } } }))).not.toContain(
      'secret',
    );
    expect(rows({ validation_context: {} })).toMatchObject([{ type: 'authority' }]);
    const file = { filename: '/etc/tls.crt' };
    expect(rows({ tls_certificate: { certificate_chain: file } })).toMatchObject([{ type: 'certificate', file: '/etc/tls.crt' }]);
    expect(rows({ validation_context: { trusted_ca: file } })).toMatchObject([{ type: 'authority', file: '/etc/tls.crt' }]);
  });
});

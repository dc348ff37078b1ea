/** What counts as the same in two config dumps, and how differences are told. */
import { describe, expect, it } from 'vitest';
import { compareDumps } from '../../src/envoy/compare/dumps.ts';
import { isSentByIstiod } from '../../src/envoy/compare/secrets.ts';
import type { ResourceDifference } from '../../src/model/proxy-difference.ts';
import { issueCertificate } from '../../src/sandbox/pki/certificate.ts';

const ADMIN = 'type.googleapis.com/envoy.admin.v3';

const certificatePem = (more: object): string =>
  issueCertificate({ commonName: 'x', notBefore: 0, notAfter: 1e12, ...more }).certificatePem;
const leaf = (host: string): string => certificatePem({ dnsNames: [host] });
const authority = (): string => certificatePem({ isCa: true });

type Fields = Readonly<Record<string, unknown>>;

/** As istiod writes a dump of one resource, and as Envoy does. */
const PARTS: Readonly<Record<string, readonly [part: string, list: string, wrap: (resource: Fields) => object]>> = {
  clusters: ['ClustersConfigDump', 'dynamic_active_clusters', (cluster) => ({ version_info: '1', cluster })],
  listeners: [
    'ListenersConfigDump',
    'dynamic_listeners',
    (listener) => ({ name: listener['name'], active_state: { version_info: '1', listener } }),
  ],
  routes: ['RoutesConfigDump', 'dynamic_route_configs', (route_config) => ({ route_config })],
  endpoints: ['EndpointsConfigDump', 'dynamic_endpoint_configs', (endpoint_config) => ({ endpoint_config })],
  secrets: ['SecretsConfigDump', 'dynamic_active_secrets', (secret) => ({ name: secret['name'], secret })],
  extensions: ['EcdsConfigDump', 'ecds_filters', (ecds_filter) => ({ ecds_filter })],
};

const dump = (resources: Readonly<Record<string, readonly Fields[]>>): object => ({
  configs: Object.entries(resources).map(([type, each]) => {
    const [part = '', list = '', wrap = (resource: Fields) => resource] = PARTS[type] ?? [];
    return { '@type': `${ADMIN}.${part}`, [list]: each.map(wrap) };
  }),
});

const differences = (type: string, intended: readonly Fields[], actual: readonly Fields[]): readonly ResourceDifference[] =>
  compareDumps(dump({ [type]: intended }), dump({ [type]: actual }), { sendsSecret: isSentByIstiod }).flatMap((each) => each.differences);

const clusters = (intended: Fields, actual: Fields): readonly ResourceDifference[] =>
  differences('clusters', [{ name: 'a', ...intended }], [{ name: 'a', ...actual }]);

const paths = (found: readonly ResourceDifference[]): readonly string[] =>
  found.flatMap(({ fields }) => fields.map(({ path, change }) => `${change} ${path}`));

describe('resources are the same', () => {
  it.each<readonly [string, Fields, Fields]>([
    ['with fields in another order', { type: 'EDS', altStatName: 'x' }, { alt_stat_name: 'x', type: 'EDS' }],
    ['in both spellings of protobuf', { edsClusterConfig: { serviceName: 's' } }, { eds_cluster_config: { service_name: 's' } }],
    [
      'with digits behind underscores',
      { outlierDetection: { consecutive5xx: 5, baseEjectionTime: '30s' } },
      { outlier_detection: { consecutive_5xx: 5, base_ejection_time: '30s' } },
    ],
    ['with long numbers as text', { maxBytes: '4294967296' }, { max_bytes: 4294967296 }],
    ['with zeros behind a duration', { connectTimeout: '5s' }, { connect_timeout: '5.000s' }],
    ['with parts of a second', { connectTimeout: '0.250s' }, { connect_timeout: '0.25s' }],
    ['with defaults written and left out', { altStatName: '', cleanup: false, size: 0, list: [] }, {}],
    ['with defaults of enumerations', { lbPolicy: 'ROUND_ROBIN', dnsLookupFamily: 'AUTO' }, {}],
    ['with null', { metadata: null }, {}],
    [
      'with thresholds in another order',
      { circuitBreakers: { thresholds: [{ maxRequests: 1 }, { priority: 'HIGH', maxRequests: 2 }] } },
      {
        circuit_breakers: {
          thresholds: [
            { priority: 'HIGH', max_requests: 2 },
            { priority: 'DEFAULT', max_requests: 1 },
          ],
        },
      },
    ],
    [
      'with endpoints in another order',
      { loadAssignment: { endpoints: [{ lbEndpoints: [{ a: 1 }, { a: 2 }] }] } },
      { load_assignment: { endpoints: [{ lb_endpoints: [{ a: 2 }, { a: 1 }] }] } },
    ],
    [
      'with a redacted key',
      { tls: { tlsCertificates: [{ privateKey: { inlineString: 'x' } }] } },
      { tls: { tls_certificates: [{ private_key: { inline_string: '[redacted]' } }] } },
    ],
    [
      'with a redacted header',
      { requestHeadersToAdd: [{ header: { key: 'authorization', value: 'Bearer x' } }] },
      { request_headers_to_add: [{ header: { key: 'authorization', value: '[redacted]' } }] },
    ],
  ])('%s', (_title, intended, actual) => {
    expect(clusters(intended, actual)).toEqual([]);
    expect(clusters(actual, intended)).toEqual([]);
  });
});

describe('resources differ', () => {
  it.each<readonly [string, Fields, Fields, readonly string[]]>([
    ['in a value', { connectTimeout: '5s' }, { connect_timeout: '10s' }, ['changed connect_timeout']],
    ['in a duration that is none', { commonHttpProtocolOptions: { idleTimeout: '0s' } }, {}, ['missing common_http_protocol_options']],
    ['in a wrapped zero', { a: { maxRequests: 0 } }, { a: {} }, ['missing a.max_requests']],
    ['in a wrapped flag', { a: {} }, { a: { enabled: false } }, ['surplus a.enabled']],
    ['in an empty message', { a: { ads: {} } }, { a: {} }, ['missing a.ads']],
    ['in text that looks like a number', { match: { exact: '1' } }, { match: { exact: '1.0' } }, ['changed match.exact']],
    ['in text that looks like a duration', { match: { prefix: '5s' } }, { match: { prefix: '5.0s' } }, ['changed match.prefix']],
    [
      'in an order that means something',
      { filters: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
      { filters: [{ name: 'b' }, { name: 'a' }, { name: 'c' }] },
      ['reordered filters'],
    ],
    [
      'in an item with a name',
      { filters: [{ name: 'a' }, { name: 'b', typedConfig: { x: 1 } }] },
      { filters: [{ name: 'b', typed_config: { x: 2 } }, { name: 'c' }] },
      ['missing filters[a]', 'changed filters[b].typed_config.x', 'surplus filters[c]'],
    ],
    [
      'in an item without a name',
      { steps: [{ x: 1 }, { x: 2 }, { x: 3 }] },
      { steps: [{ x: 1 }, { x: 9 }, { x: 2 }, { x: 3 }] },
      ['surplus steps[1]'],
    ],
    [
      'in plain values with order',
      { alpnProtocols: ['h2', 'http/1.1'] },
      { alpn_protocols: ['http/1.1', 'h2'] },
      ['changed alpn_protocols'],
    ],
    ['in plain values without', { domains: ['a', 'b'] }, { domains: ['c', 'a'] }, ['missing domains', 'surplus domains']],
    [
      "in data whose keys are nobody's fields",
      { metadata: { filterMetadata: { istio: { my_key: 1, myKey: 2, off: false } } } },
      { metadata: { filter_metadata: { istio: { my_key: 1, myKey: 3 } } } },
      ['changed metadata.filter_metadata.istio.myKey', 'missing metadata.filter_metadata.istio.off'],
    ],
    [
      'in a struct',
      { typedConfig: { '@type': 'type.googleapis.com/xds.type.v3.TypedStruct', typeUrl: 't', value: { aB: '5.0s' } } },
      { typed_config: { '@type': 'type.googleapis.com/xds.type.v3.TypedStruct', type_url: 't', value: { aB: '5s' } } },
      ['changed typed_config.value.aB'],
    ],
    [
      'in a name with dots',
      { policies: { 'ns[shop]': { x: 1 } } },
      { policies: { 'ns[shop]': { x: 2 } } },
      ['changed policies[ns[shop]].x'],
    ],
  ])('%s', (_title, intended, actual, expected) => {
    expect(paths(clusters(intended, actual))).toEqual(expected);
  });

  it('tells both values with the names that Envoy gives to fields', () => {
    const [found] = clusters({ a: { connectTimeout: '5s' } }, { a: [1] });
    expect(found?.fields).toEqual([{ path: 'a', change: 'changed', intended: { connect_timeout: '5s' }, actual: [1] }]);
  });

  it('never tells a key, a password or a token', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nTOPSECRET\n-----END PRIVATE KEY-----';
    const intended = {
      tls: { privateKey: { inlineString: 'TOPSECRET1' }, password: { inlineBytes: 'TOPSECRET2' } },
      headers: [{ key: 'Authorization', value: 'TOPSECRET3' }],
      pem: key,
      bytes: btoa(key),
      whole: { tokens: [{ name: 'x-api-key', exact: 'TOPSECRET4' }], genericSecret: { secret: { inlineString: 'TOPSECRET5' } } },
    };
    const actual = { tls: { private_key: { inline_string: 'TOPSECRET6' } }, headers: [{ key: 'Authorization', value: 'TOPSECRET7' }] };
    const found = clusters(intended, actual);
    expect(paths(found)).toEqual([
      'missing bytes',
      'changed headers[Authorization].value',
      'missing pem',
      'missing tls.password',
      'changed tls.private_key',
      'missing whole',
    ]);
    expect(JSON.stringify(found)).not.toMatch(/TOPSECRET|BEGIN/);
    expect(JSON.stringify(found)).not.toContain(btoa(key).slice(0, 20));
  });
});

describe('dumps', () => {
  it('are compared type by type and name by name', () => {
    const found = differences('clusters', [{ name: 'b' }, { name: 'a' }, { name: 'd' }], [{ name: 'c' }, { name: 'd' }]);
    expect(found.map(({ name, change }) => [name, change])).toEqual([
      ['a', 'missing'],
      ['b', 'missing'],
      ['c', 'surplus'],
    ]);
    const types = compareDumps(dump({}), dump({}), { sendsSecret: isSentByIstiod });
    expect(types.map(({ xds, compared }) => [xds, compared])).toEqual([
      ['CDS', 0],
      ['LDS', 0],
      ['RDS', 0],
      ['EDS', 0],
      ['SDS', 0],
      ['ECDS', 0],
    ]);
  });

  it('leave out what stands in the bootstrap', () => {
    const own = { configs: [{ '@type': `${ADMIN}.ClustersConfigDump`, static_clusters: [{ cluster: { name: 'prometheus_stats' } }] }] };
    expect(compareDumps(dump({}), own).flatMap((each) => each.differences)).toEqual([]);
  });

  it('show why a listener was refused', () => {
    const state = (name: string, more: object, list: object): object => ({
      configs: [{ '@type': `${ADMIN}.ListenersConfigDump`, dynamic_listeners: [{ name, ...more, ...list }] }],
    });
    const wanted = dump({ listeners: [{ name: 'l', statPrefix: 'new' }] });
    const error_state = { failed_configuration: { name: 'l', stat_prefix: 'new' }, details: 'no such filter' };
    const kept = state('l', { error_state }, { active_state: { version_info: '1', listener: { name: 'l', stat_prefix: 'old' } } });
    expect(compareDumps(wanted, kept).flatMap((each) => each.differences)).toEqual([
      {
        ...{ name: 'l', change: 'changed', error: 'no such filter' },
        fields: [{ path: 'stat_prefix', change: 'changed', intended: 'new', actual: 'old' }],
      },
    ]);
    expect(compareDumps(wanted, state('l', { error_state }, {})).flatMap((each) => each.differences)).toEqual([
      { name: 'l', change: 'missing', error: 'no such filter', fields: [] },
    ]);
    const warming = { warming_state: { version_info: '2', listener: { name: 'l', stat_prefix: 'new' } } };
    const both = state('l', warming, { active_state: { version_info: '1', listener: { name: 'l', stat_prefix: 'old' } } });
    expect(compareDumps(wanted, both).flatMap((each) => each.differences)[0]).toMatchObject({ change: 'changed', isWarming: true });
    expect(compareDumps(wanted, state('l', warming, {})).flatMap((each) => each.differences)).toEqual([]);
  });

  it.each([undefined, { configs: 1 }, { other: [] }])('refuse what is none: %j', (value) => {
    expect(() => compareDumps(dump({}), value)).toThrow('This is no config dump');
  });

  it('refuse what is nested without end', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 5_000; level++) deep = [deep];
    expect(() => differences('clusters', [{ name: 'a' }], [{ name: 'a', deep }])).toThrow('nested more than');
  });
});

describe('endpoints', () => {
  const host = (address: string, more: object = {}): object => ({
    endpoint: { address: { socket_address: { address, port_value: 9080 } } },
    ...more,
  });
  const sent = {
    clusterName: 'a',
    endpoints: [
      { locality: { region: 'eu' }, loadBalancingWeight: 2, lbEndpoints: [host('10.0.0.2'), host('10.0.0.1', { loadBalancingWeight: 1 })] },
      { locality: { region: 'us' }, priority: 1, lbEndpoints: [] },
    ],
  };
  const held = (hosts: readonly object[], more: object = {}): Fields => ({
    ...{ cluster_name: 'a', policy: { overprovisioning_factor: 140 } },
    endpoints: hosts.map((each) => ({
      locality: { region: 'eu' },
      lb_endpoints: [{ health_status: 'UNHEALTHY', load_balancing_weight: 1, ...each }],
    })),
    ...more,
  });
  const eds = { name: 'a', type: 'EDS' };
  const found = (actual: Fields): readonly ResourceDifference[] =>
    compareDumps(dump({ clusters: [eds], endpoints: [sent] }), dump({ clusters: [eds], endpoints: [actual] })).flatMap(
      (each) => each.differences,
    );

  it('are the same by their addresses, however they are grouped and fare', () => {
    expect(found(held([host('10.0.0.1'), host('10.0.0.2')]))).toEqual([]);
  });

  it('differ by address, place and weight', () => {
    expect(paths(found(held([host('10.0.0.1', { load_balancing_weight: 5 }), host('10.0.0.3')])))).toEqual([
      'changed endpoints[10.0.0.1:9080].load_balancing_weight',
      'missing endpoints[10.0.0.2:9080]',
      'surplus endpoints[10.0.0.3:9080]',
    ]);
  });

  it('of clusters that nobody sends endpoints for do not count', () => {
    const own = dump({
      clusters: [eds, { name: 'dns', type: 'STRICT_DNS' }],
      endpoints: [held([host('10.0.0.1'), host('10.0.0.2')]), held([], { cluster_name: 'dns' })],
    });
    const wanted = dump({ clusters: [eds, { name: 'dns', type: 'STRICT_DNS' }], endpoints: [sent] });
    expect(compareDumps(wanted, own).flatMap((each) => each.differences)).toEqual([]);
  });

  it('are not compared where the dump holds none', () => {
    const [skipped] = compareDumps(dump({ clusters: [eds], endpoints: [sent] }), dump({ clusters: [eds] })).filter((each) => each.skipped);
    expect(skipped).toMatchObject({ type: 'endpoints', differences: [], skipped: expect.stringContaining('include_eds') });
  });
});

describe('secrets', () => {
  const pem = (text: string): object => ({ inline_bytes: btoa(text) });
  const certificate = (name: string, chain: string): Fields => ({
    name,
    tls_certificate: { certificate_chain: pem(chain), private_key: { inline_bytes: btoa('[redacted]') } },
  });

  it('are compared by their certificates, those of the control plane alone', () => {
    const [one, other] = [leaf('shop.example.com'), leaf('shop.example.com')];
    const name = 'kubernetes://shop';
    expect(differences('secrets', [certificate(name, one)], [certificate(name, one), certificate('default', other)])).toEqual([]);
    const [changed] = differences('secrets', [certificate(name, one)], [certificate(name, other)]);
    expect(changed?.fields.map(({ path }) => path)).toEqual(['serial_number']);
    expect(differences('secrets', [certificate(name, one)], []).map((each) => each.change)).toEqual(['missing']);
    expect(JSON.stringify(changed)).not.toMatch(/redacted|private/i);
  });

  it('of authorities have no order', () => {
    const [one, other] = [authority(), authority()];
    const trusted = (text: string): Fields => ({ name: 'kubernetes://shop-cacert', validation_context: { trusted_ca: pem(text) } });
    expect(differences('secrets', [trusted(one + other)], [trusted(other + one)])).toEqual([]);
    expect(differences('secrets', [trusted(one + other)], [trusted(one)])).toHaveLength(1);
  });
});

describe('extensions', () => {
  const wasm = (code: object, more: object = {}): Fields => ({
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm',
    config: { name: 'shop.quota', rootId: 'quota', vmConfig: { runtime: 'envoy.wasm.runtime.v8', code, ...more } },
  });

  it('of Wasm are compared without what the agent puts in', () => {
    const held = {
      name: 'shop.quota',
      typed_config: wasm({ local: { filename: '/var/lib/x.wasm' } }, { environmentVariables: { keyValues: { a: 'b' } } }),
    };
    expect(differences('extensions', [wasm({ remote: { httpUri: { uri: 'oci://x' } } })], [held])).toEqual([]);
    const other = { name: 'shop.quota', typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC' } };
    expect(paths(differences('extensions', [wasm({})], [other]))).toContain('changed typed_config.@type');
  });
});

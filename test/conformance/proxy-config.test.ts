/** Recorded dumps of Envoy and ztunnel: the rows and values that istioctl and consul-k8s print of them, in our columns. Sockets are written as URLs. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type {
  ZtunnelCertificate,
  ZtunnelConnection,
  ZtunnelPolicy,
  ZtunnelService,
  ZtunnelWorkload,
} from '../../src/mesh/istio/ztunnel.ts';
import type { ClusterRow, EndpointRow, ListenerRow, RouteRow, SecretRow } from '../../src/model/proxy-config.ts';

const cases = fileURLToPath(new URL('../../../shared/cases', import.meta.url));
const istio = `${cases}/istio-proxy-config`;
const isThere = existsSync(istio);

const read = (path: string): string => readFileSync(path, 'utf8');

async function rows<Row>(part: string, dump: string, ...more: readonly string[]): Promise<readonly Row[]> {
  const host = memoryHost({
    args: ['proxy-config', part, '--file', 'dump.json', '-o', 'json', ...more],
    files: { 'dump.json': read(dump) },
  });
  expect(await main(host)).toBe(0);
  return JSON.parse(host.stdout())[part];
}

/** Lines of a table that istioctl printed: cells are parted by two blanks at least. */
const golden = (path: string): readonly (readonly string[])[] =>
  read(path)
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '')
    .map((line) => line.trimEnd().split(/\s{2,}/));

const time = (ms: number | undefined): string => new Date(ms ?? 0).toISOString().replace('.000Z', 'Z');
const bySerial = (left: readonly (string | undefined)[], right: readonly (string | undefined)[]): number =>
  (left[1] ?? '') < (right[1] ?? '') ? -1 : 1;

describe.skipIf(!isThere)("istioctl's recorded dumps", () => {
  const folder = `${istio}/writer/envoy/configdump/testdata`;

  it.each(['istio-gateway-http-route-prefix', 'k8s-gateway-http-route-path-prefix'])('give the routes of %s', async (name) => {
    const found = await rows<RouteRow>('routes', `${folder}/routes/${name}/configdump.json`);
    const told = found.map(({ name: route, virtualHost, domains, match, from }) =>
      [
        route,
        virtualHost,
        domains.filter((domain: string) => !/:\d+$/.test(domain)).join(','),
        match,
        from ? `${from.name}.${from.namespace}` : '',
      ]
        .filter(Boolean)
        .join(' '),
    );
    expect([...told].sort()).toEqual(
      golden(`${folder}/routes/${name}/output.txt`)
        .map((cells) => cells.filter(Boolean).join(' '))
        .sort(),
    );
  });

  it('give the endpoints of EDS, all and of one port', async () => {
    const dump = `${folder}/endpoint/configdump.json`;
    const found = await rows<EndpointRow>('endpoints', dump);
    const told = found.map(({ address, status, cluster }) => `${address.replace('unix://', '')} ${status} ${cluster}`);
    expect([...told].sort()).toEqual(
      golden(`${folder}/endpoint/emptyfilter_output.txt`)
        .map((cells) => cells.filter(Boolean).join(' '))
        .sort(),
    );
    const filtered = JSON.parse(read(`${folder}/endpoint/portfilter_output.json`)) as readonly { readonly clusterName: string }[];
    const ofPort = await rows<EndpointRow>('endpoints', dump, '--port', '8080');
    expect(new Set(ofPort.map(({ cluster }) => cluster))).toEqual(new Set(filtered.map(({ clusterName }) => clusterName)));
  });

  it('give the secrets of SPIRE', async () => {
    const found = await rows<SecretRow>('secrets', `${folder}/secret/spire/config_dump.json`);
    const told = found.map(({ name, serial, notAfter, notBefore, trustDomain }) => [
      name,
      serial,
      time(notAfter),
      time(notBefore),
      trustDomain,
    ]);
    const wanted = golden(`${folder}/secret/spire/output`).map(
      (cells) => [cells[0], cells[4], cells[5], cells[6], cells[7]] as readonly string[],
    );
    expect([...told].sort(bySerial)).toEqual([...wanted].sort(bySerial));
  });

  it('give the summary of a whole dump', async () => {
    const host = memoryHost({
      args: ['pc', 'all', '--file', 'dump.json', '-o', 'wide'],
      files: { 'dump.json': read(`${istio}/proxyconfig/testdata/config_dump.json`) },
    });
    expect(await main(host)).toBe(0);
    for (const value of [
      ...[
        '1.21.0-1226',
        'httpbin.default.svc.cluster.local   8000   http     inbound-vip   EDS',
        'prometheus_stats',
        'Inline Route: /healthz/ready*',
      ],
      ...[
        'Cluster: inbound-vip|8100|http|httpbin.default.svc.cluster.local',
        'Cluster: encap',
        'inbound|http|8000',
        '6fbee254c22900615cb1f74e3d2f1713',
      ],
      ...[
        '0193a543fe2b0d9cd4847675394dfc54',
        '2033-05-02T03:41:33Z',
        '2023-05-15T01:30:52Z',
        'envoy://connect_originate/192.168.195.248:800',
      ],
    ])
      expect(host.stdout()).toContain(value);
  });

  it('give workloads and services of a ztunnel', async () => {
    const dump = `${istio}/writer/ztunnel/configdump/testdata/dump.json`;
    const whole = JSON.parse(read(dump)) as Readonly<
      Record<
        'workloads' | 'services',
        Readonly<
          Record<
            string,
            {
              readonly name: string;
              readonly namespace: string;
              readonly node?: string;
              readonly vips?: readonly string[];
              readonly endpoints?: object;
            }
          >
        >
      >
    >;
    const told = (part: 'workloads' | 'services') =>
      Object.values(whole[part])
        .map(({ name, namespace }) => `${namespace}/${name}`)
        .sort();
    const workloads = await rows<ZtunnelWorkload>('workloads', dump);
    expect(workloads.map(({ name, namespace }) => `${namespace}/${name}`).sort()).toEqual(told('workloads'));
    const ratings = workloads.find(({ name }) => name === 'ratings-v1-6484c4d9bb-mdxm5');
    expect(ratings).toMatchObject({
      addresses: ['10.244.2.54'],
      node: 'ambient-worker2',
      protocol: 'HBONE',
      waypoint: '10.96.65.117',
      waypointName: 'namespace-istio-waypoint.bookinfo',
    });
    const services = await rows<ZtunnelService>('services', dump);
    expect(services.map(({ name, namespace }) => `${namespace}/${name}`).sort()).toEqual(told('services'));
    for (const { name, namespace, endpoints } of services) {
      const recorded = Object.values(whole.services).find((each) => each.name === name && each.namespace === namespace);
      expect(endpoints, name).toBe(Object.keys(recorded?.endpoints ?? {}).length);
    }
    const onNode = Object.values(whole.workloads).filter(({ node }) => node === 'ambient-worker2').length;
    expect(await rows('workloads', dump, '--node', 'ambient-worker2')).toHaveLength(onNode);
    expect(await rows('services', dump, '--workload-namespace', 'bookinfo')).toHaveLength(
      told('services').filter((each) => each.startsWith('bookinfo/')).length,
    );
  });

  it('give certificates, policies and connections of a ztunnel', async () => {
    const dump = `${istio}/writer/ztunnel/configdump/testdata/dump.json`;
    const certificates = await rows<ZtunnelCertificate>('certificates', dump);
    const told = certificates.map(({ identity, type, status, serial, notAfter, notBefore }) =>
      [identity, type ?? 'NA', status, serial ?? 'NA', notAfter ? time(notAfter) : 'NA', notBefore ? time(notBefore) : 'NA']
        .join(' ')
        .toLowerCase(),
    );
    const wanted = golden(`${istio}/writer/ztunnel/configdump/testdata/secretsummary.txt`).map((cells) =>
      cells
        .filter((_, index) => index !== 3)
        .join(' ')
        .toLowerCase(),
    );
    expect(told).toEqual(wanted);
    const policies = await rows<ZtunnelPolicy>('policies', dump);
    expect(policies.map(({ namespace, name, action, scope }) => [namespace, name, action, scope].join(' '))).toEqual(
      read(`${istio}/writer/ztunnel/configdump/testdata/policies.txt`)
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/\s+/).join(' ')),
    );
    const connections = await rows<ZtunnelConnection>('connections', dump);
    const recorded = JSON.parse(read(`${istio}/writer/ztunnel/configdump/testdata/connectionsdump.json`)) as readonly {
      readonly info: { readonly name: string };
      readonly connections: Readonly<
        Record<'inbound' | 'outbound', readonly { readonly src: string; readonly actualDst: string; readonly originalDst: string }[]>
      >;
    }[];
    const expected = recorded.flatMap(({ info, connections: both }) =>
      (['inbound', 'outbound'] as const).flatMap((direction) =>
        both[direction].map((each) => [info.name, direction, each.src, each.originalDst, each.actualDst].join(' ')),
      ),
    );
    expect(
      connections
        .map(({ name, direction, source, original, destination }) => [name, direction, source, original, destination].join(' '))
        .sort(),
    ).toEqual(expected.sort());
  });
});

interface ConsulCase {
  readonly expected: Readonly<Record<string, { readonly rows: readonly (readonly (string | readonly string[])[])[] }>>;
}

describe.skipIf(!isThere)("consul-k8s' recorded dump", () => {
  const folder = `${cases}/consul-proxy-read`;
  const dump = `${folder}/test_config_dump.json`;
  const wanted = (part: string): readonly (readonly (string | readonly string[])[])[] =>
    (JSON.parse(read(`${folder}/cases.json`)).cases[0] as ConsulCase).expected[part]?.rows ?? [];

  it('gives the clusters', async () => {
    const found = await rows<ClusterRow>('clusters', dump);
    expect(found.map(({ name, type, updatedAt }) => [name, type, updatedAt].join(' ')).sort()).toEqual(
      wanted('clusters')
        .map(([, host, , type, updated]) => [host, type, updated].join(' '))
        .sort(),
    );
  });

  it('gives the endpoints of /clusters', async () => {
    const found = await rows<EndpointRow>('endpoints', `${folder}/test_clusters.json`);
    expect(
      found
        .map(({ address, cluster, status, weight }) => [address, String(cluster).split('.')[0], `${weight}.00`, status].join(' '))
        .sort(),
    ).toEqual(
      wanted('endpoints')
        .map((cells) => cells.join(' '))
        .sort(),
    );
  });

  it('gives the listeners', async () => {
    const found = await rows<ListenerRow>('listeners', dump);
    const told = found.flatMap(({ addresses, direction, chains, updatedAt }) =>
      chains.map((chain) => [addresses[0], direction, chain.match, chain.destination.replace(/\.default\..*/, ''), updatedAt].join(' ')),
    );
    expect(told.sort()).toEqual(
      [
        '127.0.0.1:15001 OUTBOUND ALL Cluster: original-destination 2022-07-18T15:31:03.246Z',
        '127.0.0.1:15001 OUTBOUND Addr: 10.100.134.173/32,240.0.0.3/32 Cluster: client 2022-07-18T15:31:03.246Z',
        '127.0.0.1:15001 OUTBOUND Addr: 10.100.31.2/32,240.0.0.5/32 Cluster: frontend 2022-07-18T15:31:03.246Z',
        '192.168.69.179:20000 INBOUND ALL Cluster: local_app 2022-08-10T12:30:47.142Z',
      ].sort(),
    );
  });

  it('gives routes and secrets', async () => {
    expect(
      (await rows<RouteRow>('routes', dump)).map(({ name, destinations, updatedAt }) => [name, destinations[0]?.cluster, updatedAt]),
    ).toEqual([['public_listener', 'local_app', '2022-08-10T12:30:47.141Z']]);
    expect(
      (await rows<SecretRow>('secrets', dump)).map(({ name, state, updatedAt }) => [name, `Dynamic ${state}`.toLowerCase(), updatedAt]),
    ).toEqual(
      // Ours are in the order of their names.
      wanted('secrets')
        .map(([name, type, updated]) => [name, String(type).toLowerCase(), updated])
        .toSorted(([left], [right]) => (String(left) < String(right) ? -1 : 1)),
    );
  });
});

it.runIf(!isThere)('SKIPPED: ../shared/cases is not there, so no recorded dump was read', () => {});

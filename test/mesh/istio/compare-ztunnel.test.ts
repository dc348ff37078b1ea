/** What istiod tells of ambient mode and what ztunnel tells, which write the same in two ways. */
import { describe, expect, it } from 'vitest';
import { compareZtunnel } from '../../../src/mesh/istio/intended/compare-ztunnel.ts';
import { addressText } from '../../../src/mesh/istio/intended/workload-address.ts';

type Fields = Readonly<Record<string, unknown>>;

const text = (address: string): string => btoa(address);
const bytes = (...each: readonly number[]): string => btoa(String.fromCharCode(...each));

const sentWorkload: Fields = {
  ...{ uid: 'Kubernetes//Pod/shop/web-1', name: 'web-1', namespace: 'shop', addresses: [text('10.0.0.2'), text('fd00::1')] },
  ...{ tunnelProtocol: 'HBONE', node: 'n1', canonicalName: 'web', canonicalRevision: 'v1', workloadName: 'web', workloadType: 'POD' },
  waypoint: { hostname: { namespace: 'shop', hostname: 'waypoint.shop.svc.cluster.local' }, hboneMtlsPort: 15008 },
  networkGateway: { address: { network: 'n2', address: text('1.2.3.4') }, hboneMtlsPort: 15008 },
  services: { 'shop/web.shop.svc.cluster.local': { ports: [{ servicePort: 80, targetPort: 8080, appProtocol: 'HTTP11' }] } },
  authorizationPolicies: ['shop/b', 'shop/a'],
  locality: { region: 'eu', zone: 'eu-1' },
  ...{ networkMode: 'HOST_NETWORK', capacity: 3, applicationTunnel: { protocol: 'PROXY', port: 15008 } },
};

const heldWorkload: Fields = {
  ...{ workloadIps: ['fd00::1', '10.0.0.2'], protocol: 'HBONE', networkMode: 'HostNetwork', uid: 'Kubernetes//Pod/shop/web-1' },
  ...{
    name: 'web-1',
    namespace: 'shop',
    trustDomain: 'cluster.local',
    serviceAccount: 'default',
    workloadName: 'web',
    workloadType: 'pod',
  },
  ...{ canonicalName: 'web', canonicalRevision: 'v1', node: 'n1', status: 'Healthy', clusterId: 'Kubernetes', capacity: 3 },
  waypoint: { destination: 'shop/waypoint.shop.svc.cluster.local', hboneMtlsPort: 15008 },
  networkGateway: { destination: 'n2/1.2.3.4', hboneMtlsPort: 15008 },
  services: ['shop/web.shop.svc.cluster.local'],
  authorizationPolicies: ['shop/a', 'shop/b'],
  locality: { region: 'eu', zone: 'eu-1', subzone: '' },
  applicationTunnel: { protocol: 'PROXY', port: 15008 },
};

const sentService: Fields = {
  ...{
    name: 'web',
    namespace: 'shop',
    hostname: 'web.shop.svc.cluster.local',
    canonical: true,
    ipFamilies: 'IPV4_ONLY',
    visibility: 'NAMESPACE',
  },
  addresses: [{ address: text('10.96.0.9') }, { network: 'n2', address: text('10.97.0.0'), length: 24 }],
  ports: [{ servicePort: 80, targetPort: 8080 }],
  loadBalancing: { routingPreference: ['REGION', 'ZONE'], mode: 'FAILOVER' },
};

const heldService: Fields = {
  ...{
    name: 'web',
    namespace: 'shop',
    hostname: 'web.shop.svc.cluster.local',
    canonical: true,
    ipFamilies: 'IPv4',
    visibility: 'Namespace',
  },
  ...{ vips: ['/10.96.0.9'], cidrVips: [{ network: 'n2', cidr: '10.97.0.0/24' }], ports: { '80': 8080 }, subjectAltNames: [] },
  loadBalancer: { routingPreferences: ['Region', 'Zone'], mode: 'Failover', healthPolicy: 'OnlyHealthy' },
  endpoints: { 'Kubernetes//Pod/shop/web-1': { workloadUid: 'Kubernetes//Pod/shop/web-1', port: { '80': 8080 }, status: 'Healthy' } },
};

const sentPolicy: Fields = {
  ...{ name: 'a', namespace: 'shop', scope: 'WORKLOAD_SELECTOR', action: 'DENY', dryRun: true },
  groups: [
    {
      rules: [
        {
          matches: [
            {
              ...{
                principals: [{ suffix: '/sa/b' }, { exact: 'x' }],
                notNamespaces: [{ prefix: 'kube-' }],
                notPrincipals: [{ presence: {} }],
              },
              ...{ sourceIps: [{ address: bytes(10, 0, 0, 0), length: 8 }, { address: bytes(0, 0, 0, 0) }], destinationPorts: [8080, 80] },
              serviceAccounts: [{ namespace: 'shop', serviceAccount: 'web' }],
            },
          ],
        },
      ],
    },
  ],
};

const heldPolicy: Fields = {
  ...{ name: 'a', namespace: 'shop', scope: 'WorkloadSelector', action: 'Deny', dryRun: true },
  rules: [
    [
      [
        {
          ...{ principals: [{ Exact: 'x' }, { Suffix: '/sa/b' }], notNamespaces: [{ Prefix: 'kube-' }], notPrincipals: [{ Presence: [] }] },
          ...{ sourceIps: ['0.0.0.0/0', '10.0.0.0/8'], destinationPorts: [80, 8080] },
          serviceAccounts: [{ namespace: 'shop', serviceAccount: 'web' }],
        },
      ],
    ],
  ],
};

const sent = (more: Fields = {}): Fields => ({ workloads: [sentWorkload], services: [sentService], policies: [sentPolicy], ...more });
const held = (more: Fields = {}): Fields => ({ workloads: [heldWorkload], services: [heldService], policies: [heldPolicy], ...more });

const told = (ambient: unknown, dump: unknown): readonly string[] =>
  compareZtunnel(ambient, dump).flatMap(({ differences }) =>
    differences.flatMap(({ name, change, fields }) =>
      fields.length === 0 ? [`${change} ${name}`] : fields.map((field) => `${field.change} ${name} ${field.path}`),
    ),
  );

const UID = 'Kubernetes//Pod/shop/web-1';
const HOST = 'shop/web.shop.svc.cluster.local';

describe('a ztunnel has what istiod knows', () => {
  it.each<readonly [string, Fields, Fields]>([
    ['in the words of both', sent(), held()],
    [
      'in the words of older ones',
      sent({ policies: [{ ...sentPolicy, groups: undefined, rules: [{ clauses: [{ matches: [] }] }] }] }),
      held({ policies: [{ ...heldPolicy, rules: [[[]]] }] }),
    ],
    ['by address', sent({ services: [] }), held({ workloads: { '/10.0.0.2': heldWorkload }, services: {} })],
    [
      'without what an older one does not show',
      sent({ services: [] }),
      held({ workloads: [{ ...heldWorkload, services: undefined }], services: [] }),
    ],
    [
      'with endpoints that are not healthy left out',
      sent({ workloads: [{ ...sentWorkload, status: 'UNHEALTHY' }] }),
      held({ workloads: [{ ...heldWorkload, status: 'Unhealthy' }], services: [{ ...heldService, endpoints: {} }] }),
    ],
    ['with no more than it asked for', sent({ services: [] }), held({ workloads: [], services: [], config: { xdsOnDemand: true } })],
  ])('%s', (_title, ambient, dump) => {
    expect(told(ambient, dump)).toEqual([]);
  });
});

describe('a ztunnel differs', () => {
  it.each<readonly [string, Fields, Fields, readonly string[]]>([
    ['by a workload', sent(), held({ workloads: [] }), [`missing ${UID}`]],
    ['by a service that is gone', sent({ services: [] }), held(), [`surplus ${HOST}`]],
    ['by a policy', sent({ policies: [{ ...sentPolicy, action: 'ALLOW' }] }), held(), ['changed shop/a action']],
    ['by a waypoint', sent({ workloads: [{ ...sentWorkload, waypoint: undefined }] }), held(), [`surplus ${UID} waypoint`]],
    [
      'by the port of an endpoint',
      sent(),
      held({ services: [{ ...heldService, endpoints: { [UID]: { workloadUid: UID, port: { '80': 80 } } } }] }),
      [`changed ${HOST} endpoints[${UID}].80`],
    ],
    [
      'by health',
      sent({ services: [] }),
      held({ workloads: [{ ...heldWorkload, status: 'Unhealthy' }], services: [] }),
      [`changed ${UID} status`],
    ],
  ])('%s', (_title, ambient, dump, expected) => {
    expect(told(ambient, dump)).toEqual(expected);
  });

  it('only where both are dumps of the mode', () => {
    expect(() => compareZtunnel(sent(), { configs: [] })).toThrow('no dump of a ztunnel');
    expect(() => compareZtunnel([], held())).toThrow('no answer of /debug/ambientz');
  });
});

describe('addresses', () => {
  it.each([
    [text('10.0.0.7'), '10.0.0.7'],
    [text('fd00::7'), 'fd00::7'],
    [bytes(10, 0, 0, 7), '10.0.0.7'],
    [bytes(49, 46, 50, 46), '49.46.50.46'],
    [bytes(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7), 'fd00::7'],
    [bytes(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), '::1'],
    [bytes(0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1), '1:0:0:1::1'],
    [bytes(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), '::'],
    ['?', '?'],
  ])('%s', (base64, expected) => {
    expect(addressText(base64)).toBe(expected);
  });
});

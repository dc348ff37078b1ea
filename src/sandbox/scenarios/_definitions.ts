/** The CustomResourceDefinitions of Istio and of the Gateway API: names, versions and columns as published, schemas that take anything. */
import { object, type Written } from './_objects.ts';

type Column = readonly [name: string, jsonPath: string];

interface Row {
  readonly kind: string;
  readonly plural: string;
  readonly short?: string;
  /** The first is the stored one. */
  readonly versions: readonly string[];
  readonly columns?: readonly Column[];
  readonly scope?: 'Cluster' | 'Namespaced';
}

const CURRENT = ['v1', 'v1alpha3', 'v1beta1'];
const SECURITY = ['v1', 'v1beta1'];
const HOSTNAMES: Column = ['Hostnames', '.spec.hostnames'];
const conditionColumn = (type: string): Column => [type, `.status.conditions[?(@.type=="${type}")].status`];

const GROUPS: Readonly<Record<string, readonly Row[]>> = {
  'networking.istio.io': [
    { kind: 'DestinationRule', plural: 'destinationrules', short: 'dr', versions: CURRENT, columns: [['Host', '.spec.host']] },
    { kind: 'EnvoyFilter', plural: 'envoyfilters', versions: ['v1alpha3'] },
    { kind: 'Gateway', plural: 'gateways', short: 'gw', versions: CURRENT },
    { kind: 'ProxyConfig', plural: 'proxyconfigs', versions: ['v1beta1'] },
    {
      kind: 'ServiceEntry',
      plural: 'serviceentries',
      short: 'se',
      versions: CURRENT,
      columns: [
        ['Hosts', '.spec.hosts'],
        ['Location', '.spec.location'],
        ['Resolution', '.spec.resolution'],
      ],
    },
    { kind: 'Sidecar', plural: 'sidecars', versions: CURRENT },
    {
      kind: 'VirtualService',
      plural: 'virtualservices',
      short: 'vs',
      versions: CURRENT,
      columns: [
        ['Gateways', '.spec.gateways'],
        ['Hosts', '.spec.hosts'],
      ],
    },
    { kind: 'WorkloadEntry', plural: 'workloadentries', short: 'we', versions: CURRENT, columns: [['Address', '.spec.address']] },
    { kind: 'WorkloadGroup', plural: 'workloadgroups', short: 'wg', versions: CURRENT },
  ],
  'security.istio.io': [
    {
      kind: 'AuthorizationPolicy',
      plural: 'authorizationpolicies',
      short: 'ap',
      versions: SECURITY,
      columns: [['Action', '.spec.action']],
    },
    { kind: 'PeerAuthentication', plural: 'peerauthentications', short: 'pa', versions: SECURITY, columns: [['Mode', '.spec.mtls.mode']] },
    { kind: 'RequestAuthentication', plural: 'requestauthentications', short: 'ra', versions: SECURITY },
  ],
  'telemetry.istio.io': [{ kind: 'Telemetry', plural: 'telemetries', short: 'telemetry', versions: ['v1alpha1', 'v1'] }],
  'extensions.istio.io': [
    { kind: 'TrafficExtension', plural: 'trafficextensions', versions: ['v1alpha1'] },
    { kind: 'WasmPlugin', plural: 'wasmplugins', versions: ['v1alpha1'] },
  ],
  'gateway.networking.k8s.io': [
    {
      kind: 'GatewayClass',
      plural: 'gatewayclasses',
      short: 'gc',
      versions: SECURITY,
      scope: 'Cluster',
      columns: [['Controller', '.spec.controllerName'], conditionColumn('Accepted')],
    },
    {
      kind: 'Gateway',
      plural: 'gateways',
      short: 'gtw',
      versions: SECURITY,
      columns: [['Class', '.spec.gatewayClassName'], ['Address', '.status.addresses[*].value'], conditionColumn('Programmed')],
    },
    { kind: 'GRPCRoute', plural: 'grpcroutes', versions: ['v1'], columns: [HOSTNAMES] },
    { kind: 'HTTPRoute', plural: 'httproutes', versions: SECURITY, columns: [HOSTNAMES] },
    { kind: 'ReferenceGrant', plural: 'referencegrants', short: 'refgrant', versions: ['v1beta1', 'v1'] },
  ],
};

const MARKS = {
  istio: { labels: { app: 'istio-pilot', chart: 'istio', release: 'istio' } },
  gatewayApi: {
    annotations: { 'gateway.networking.k8s.io/bundle-version': 'v1.6.0', 'gateway.networking.k8s.io/channel': 'standard' },
  },
};

function definition(group: string, { kind, plural, short, versions, columns = [], scope = 'Namespaced' }: Row): Written {
  const isIstio = group.endsWith('.istio.io');
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const shown = [...columns, ['Age', '.metadata.creationTimestamp'] as const];
  const version = (name: string, index: number): object => ({
    name,
    served: true,
    storage: index === 0,
    schema,
    subresources: { status: {} },
    additionalPrinterColumns: shown.map(([column, jsonPath]) => ({ name: column, type: column === 'Age' ? 'date' : 'string', jsonPath })),
  });
  const names = {
    kind,
    plural,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    ...(short === undefined ? {} : { shortNames: [short] }),
    categories: isIstio ? ['istio-io', group.replaceAll('.', '-')] : ['gateway-api'],
  };
  return object(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    '',
    `${plural}.${group}`,
    { spec: { group, scope, names, versions: versions.map(version) } },
    isIstio ? MARKS.istio : MARKS.gatewayApi,
  );
}

export const definitions: readonly Written[] = Object.entries(GROUPS).flatMap(([group, rows]) => rows.map((row) => definition(group, row)));

/** The CustomResourceDefinitions of Istio, and of the Gateway API beside it. */
import { type DefinitionRow, definitionsOf } from './_definition.ts';
import { gatewayApiDefinitions } from './_gateway-api.ts';
import type { Written } from './_objects.ts';

const CURRENT = ['v1', 'v1alpha3', 'v1beta1'];
const SECURITY = ['v1', 'v1beta1'];

const GROUPS: Readonly<Record<string, readonly DefinitionRow[]>> = {
  'networking.istio.io': [
    { kind: 'DestinationRule', plural: 'destinationrules', short: ['dr'], versions: CURRENT, columns: [['Host', '.spec.host']] },
    { kind: 'EnvoyFilter', plural: 'envoyfilters', versions: ['v1alpha3'] },
    { kind: 'Gateway', plural: 'gateways', short: ['gw'], versions: CURRENT },
    { kind: 'ProxyConfig', plural: 'proxyconfigs', versions: ['v1beta1'] },
    {
      kind: 'ServiceEntry',
      plural: 'serviceentries',
      short: ['se'],
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
      short: ['vs'],
      versions: CURRENT,
      columns: [
        ['Gateways', '.spec.gateways'],
        ['Hosts', '.spec.hosts'],
      ],
    },
    { kind: 'WorkloadEntry', plural: 'workloadentries', short: ['we'], versions: CURRENT, columns: [['Address', '.spec.address']] },
    { kind: 'WorkloadGroup', plural: 'workloadgroups', short: ['wg'], versions: CURRENT },
  ],
  'security.istio.io': [
    {
      kind: 'AuthorizationPolicy',
      plural: 'authorizationpolicies',
      short: ['ap'],
      versions: SECURITY,
      columns: [['Action', '.spec.action']],
    },
    {
      kind: 'PeerAuthentication',
      plural: 'peerauthentications',
      short: ['pa'],
      versions: SECURITY,
      columns: [['Mode', '.spec.mtls.mode']],
    },
    { kind: 'RequestAuthentication', plural: 'requestauthentications', short: ['ra'], versions: SECURITY },
  ],
  'telemetry.istio.io': [{ kind: 'Telemetry', plural: 'telemetries', short: ['telemetry'], versions: ['v1alpha1', 'v1'] }],
  'extensions.istio.io': [
    { kind: 'TrafficExtension', plural: 'trafficextensions', versions: ['v1alpha1'] },
    { kind: 'WasmPlugin', plural: 'wasmplugins', versions: ['v1alpha1'] },
  ],
};

export const istioDefinitions: readonly Written[] = definitionsOf(GROUPS, {
  labels: { app: 'istio-pilot', chart: 'istio', release: 'istio' },
  categories: (group) => ['istio-io', group.replaceAll('.', '-')],
});

export const definitions: readonly Written[] = [...istioDefinitions, ...gatewayApiDefinitions];

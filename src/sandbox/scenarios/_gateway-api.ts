/** The CustomResourceDefinitions of the Gateway API's standard channel. */
import { type Column, definitionsOf } from './_definition.ts';

const BOTH = ['v1', 'v1beta1'];
const HOSTNAMES: Column = ['Hostnames', '.spec.hostnames'];
const conditionColumn = (type: string): Column => [type, `.status.conditions[?(@.type=="${type}")].status`];

export const gatewayApiDefinitions = definitionsOf(
  {
    'gateway.networking.k8s.io': [
      {
        kind: 'GatewayClass',
        plural: 'gatewayclasses',
        short: ['gc'],
        versions: BOTH,
        scope: 'Cluster',
        columns: [['Controller', '.spec.controllerName'], conditionColumn('Accepted')],
      },
      {
        kind: 'Gateway',
        plural: 'gateways',
        short: ['gtw'],
        versions: BOTH,
        columns: [['Class', '.spec.gatewayClassName'], ['Address', '.status.addresses[*].value'], conditionColumn('Programmed')],
      },
      { kind: 'GRPCRoute', plural: 'grpcroutes', versions: ['v1'], columns: [HOSTNAMES] },
      { kind: 'HTTPRoute', plural: 'httproutes', versions: BOTH, columns: [HOSTNAMES] },
      { kind: 'ReferenceGrant', plural: 'referencegrants', short: ['refgrant'], versions: ['v1beta1', 'v1'] },
    ],
  },
  {
    annotations: { 'gateway.networking.k8s.io/bundle-version': 'v1.6.0', 'gateway.networking.k8s.io/channel': 'standard' },
    categories: () => ['gateway-api'],
  },
);

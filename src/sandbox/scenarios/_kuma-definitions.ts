/** The CustomResourceDefinitions of Kuma that a small mesh needs: names and versions as published, schemas that take anything. */
import { object, type Written } from './_objects.ts';

const KINDS: readonly (readonly [kind: string, plural: string, scope?: 'Cluster' | 'Namespaced'])[] = [
  ['Mesh', 'meshes', 'Cluster'],
  ['Zone', 'zones', 'Cluster'],
  ['ZoneInsight', 'zoneinsights', 'Cluster'],
  ['Dataplane', 'dataplanes'],
  ['DataplaneInsight', 'dataplaneinsights'],
  ['MeshHTTPRoute', 'meshhttproutes'],
  ['MeshTimeout', 'meshtimeouts'],
  ['MeshTrafficPermission', 'meshtrafficpermissions'],
];

const definition = ([kind, plural, scope = 'Namespaced']: (typeof KINDS)[number]): Written =>
  object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', '', `${plural}.kuma.io`, {
    spec: {
      group: 'kuma.io',
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });

export const kumaDefinitions: readonly Written[] = KINDS.map(definition);

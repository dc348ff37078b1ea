/** A made-up mesh of any size as live objects, as heavy as those that kubectl and controllers leave behind. */
import { definition, NETWORKING } from './definitions.ts';

const NAMESPACES = 40;
/** A Service, a ServiceAccount, a ConfigMap, a Secret, a VirtualService, a DestinationRule and an AuthorizationPolicy. */
const BESIDES_PODS = 7;

const MANAGED_FIELDS = [
  {
    manager: 'kubectl',
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f:field-${index}`, {}])) },
  },
];
const LONG_TEXT = 'x'.repeat(4000);
const variables = (count: number): object => Array.from({ length: count }, (_, index) => ({ name: `V${index}`, value: `value ${index}` }));
const MOUNTS = Array.from({ length: 8 }, (_, index) => ({ name: `volume-${index}`, mountPath: `/var/run/volume-${index}` }));

const CUSTOM = [
  [NETWORKING, 'virtualservices', 'VirtualService'],
  [NETWORKING, 'destinationrules', 'DestinationRule'],
  ['security.istio.io', 'authorizationpolicies', 'AuthorizationPolicy'],
] as const;

/**
 * About as many objects as asked for; the route of every hundredth application leads nowhere.
 * @param pods of each application
 */
export function* largeMesh(objects: number, pods = 3): Iterable<object> {
  for (let index = 0; index < NAMESPACES; index++) {
    yield { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `team-${index}`, labels: { 'istio-injection': 'enabled' } } };
  }
  for (const [group, plural, kind] of CUSTOM) yield definition(group, plural, kind);
  for (let index = 0; index < objects / (BESIDES_PODS + pods); index++) yield* application(index, pods);
}

function* application(index: number, pods: number): Iterable<object> {
  const name = `app-${index}`;
  const namespace = `team-${index % NAMESPACES}`;
  const labels = { app: name, version: 'v1' };
  const metadata = { name, namespace, labels, managedFields: MANAGED_FIELDS };
  const host = index % 100 === 7 ? `${name}-gone` : name;
  yield { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: name }, ports: [{ name: 'http', port: 8080 }] } };
  yield { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
  yield { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { page: LONG_TEXT } };
  yield { apiVersion: 'v1', kind: 'Secret', metadata, data: { key: Buffer.from(LONG_TEXT).toString('base64') } };
  const route = [{ destination: { host } }];
  yield { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata, spec: { hosts: [name], http: [{ route }] } };
  const subsets = [{ name: 'v1', labels: { version: 'v1' } }];
  yield { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata, spec: { host: name, subsets } };
  const rules = [{ from: [{ source: { namespaces: [namespace] } }] }];
  yield {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata,
    spec: { selector: { matchLabels: { app: name } }, rules },
  };
  for (let pod = 0; pod < pods; pod++) {
    const containers = [
      { name: 'main', image: 'main:1', ports: [{ containerPort: 8080 }], env: variables(20), volumeMounts: MOUNTS },
      { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.30.0', env: variables(30), volumeMounts: MOUNTS },
    ];
    const volumes = MOUNTS.map((mount) => ({ name: mount.name, emptyDir: {} }));
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    yield { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: `${name}-${pod}` }, spec: { containers, volumes }, status };
  }
}

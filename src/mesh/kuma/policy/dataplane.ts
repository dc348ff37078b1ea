/** The dataplane of a pod: its mesh, whether that has mutual TLS, and what policies match it by. */
import { has, itemsAt, numberAt, objectAt, stringAt, stringMapAt } from '../../../model/body.ts';
import { labelsMatch } from '../../../model/labels.ts';
import type { Body, Kind, Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { servicesFor } from '../../describe/common.ts';
import { MESH } from '../inject/keys.ts';

type Labels = Readonly<Record<string, string>>;

export const MESH_KIND: Kind = 'kuma.io/Mesh';
export const MESH_IDENTITY: Kind = 'kuma.io/MeshIdentity';
export const MESH_TLS: Kind = 'kuma.io/MeshTLS';
const NAMESPACE: Kind = 'core/Namespace';
const SYSTEM_NAMESPACE = 'kuma.io/system-namespace';

/** What a policy may go by, of one dataplane. */
export interface Dataplane {
  readonly mesh: string;
  readonly namespace: string;
  /** Tags of its inbounds, each with every value that it has. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
  /** False where only an identity is known, so that it may have other tags. */
  readonly isWhole: boolean;
}

/** A label of the pod goes before one of its namespace, and an annotation is the older form of either. */
function meshOf(namespace: string, labels: Labels, annotations: Labels, resources: ResourceSet): string {
  const home = resources.get(NAMESPACE, '', namespace);
  return labels[MESH] ?? annotations[MESH] ?? home?.labels[MESH] ?? home?.annotations[MESH] ?? 'default';
}

export function dataplaneOf(
  {
    namespace,
    labels,
    annotations = {},
    serviceAccount,
  }: { readonly namespace: string; readonly labels: Labels | undefined; readonly annotations?: Labels; readonly serviceAccount: string },
  resources: ResourceSet,
): Dataplane {
  const services = labels === undefined ? [] : servicesFor(namespace, labels, resources);
  const tags = new Map<string, readonly string[]>(Object.entries(labels ?? {}).map(([key, value]) => [key, [value]]));
  tags.set('k8s.kuma.io/namespace', [namespace]);
  tags.set('k8s.kuma.io/service-account', [serviceAccount]);
  if (services.length > 0) {
    tags.set(
      'k8s.kuma.io/service-name',
      services.map(({ name }) => name),
    );
    tags.set('kuma.io/service', services.flatMap(serviceTags));
  }
  const mesh = meshOf(namespace, labels ?? {}, annotations, resources);
  tags.set('kuma.io/mesh', [mesh]);
  return { mesh, namespace, tags, isWhole: labels !== undefined };
}

/** `demo-app_kuma-demo_svc_5050`, one for each port. */
const serviceTags = ({ namespace, name, body }: Resource): readonly string[] =>
  itemsAt(body, 'spec', 'ports').map(({ item }) => `${name}_${namespace}_svc_${numberAt(item, 'port') ?? 0}`);

/** True for objects of the mesh; those without a label belong to `default`. */
export const isOfMesh = ({ labels, body }: Resource, mesh: string): boolean =>
  (labels[MESH] ?? stringAt(body, 'mesh') ?? 'default') === mesh;

const isSystem = (namespace: string, resources: ResourceSet): boolean =>
  resources.get(NAMESPACE, '', namespace)?.labels[SYSTEM_NAMESPACE] === 'true' ||
  namespace === 'kuma-system' ||
  namespace === 'kong-mesh-system';

/** Policies of a namespace concern its own pods; those of the system namespace all of the mesh. */
export function concerns(policy: Resource, { mesh, namespace, tags }: Dataplane, resources: ResourceSet): boolean {
  if (!isOfMesh(policy, mesh)) return false;
  if (policy.namespace !== namespace && !isSystem(policy.namespace, resources)) return false;
  return targets(objectAt(policy.body, 'spec', 'targetRef'), tags);
}

/** Whether the top-level reference of a policy means the dataplane; without one it means all. */
function targets(ref: Body, tags: Dataplane['tags']): boolean {
  const labels = stringMapAt(ref, 'labels');
  const wanted = { ...stringMapAt(ref, 'tags'), ...labels };
  const fits = Object.entries(wanted).every(([key, value]) => tags.get(key)?.includes(value));
  switch (stringAt(ref, 'kind') ?? 'Mesh') {
    case 'Mesh':
    case 'MeshSubset':
    case 'Dataplane':
      return fits;
    case 'MeshService':
    case 'MeshServiceSubset':
      return fits && namesService(stringAt(ref, 'name') ?? '', tags);
    default:
      return false;
  }
}

/** By the tag `kuma.io/service`, or by the Service itself. */
export const namesService = (name: string, tags: Dataplane['tags']): boolean =>
  (tags.get('kuma.io/service')?.includes(name) ?? false) || (tags.get('k8s.kuma.io/service-name')?.includes(name) ?? false);

/** Which policy has the last word: what means less goes first. */
export function specificity({ body }: Resource): number {
  const kinds = ['Mesh', 'MeshGateway', 'MeshSubset', 'MeshService', 'MeshServiceSubset', 'Dataplane'];
  return kinds.indexOf(stringAt(body, 'spec', 'targetRef', 'kind') ?? 'Mesh');
}

export interface MutualTls {
  readonly mode: 'off' | 'permissive' | 'strict';
  /** Objects that say so. */
  readonly from: readonly Resource[];
}

/** By the Mesh itself, or since Kuma 3 by a MeshIdentity; a MeshTLS may loosen it. */
export function mutualTlsOf(dataplane: Dataplane, resources: ResourceSet): MutualTls {
  const mesh = resources.get(MESH_KIND, '', dataplane.mesh);
  const enabled = stringAt(mesh?.body, 'spec', 'mtls', 'enabledBackend');
  const identities = resources.all(MESH_IDENTITY).filter((each) => isOfMesh(each, dataplane.mesh) && isSelected(each, dataplane));
  if (enabled === undefined && identities.length === 0) return { mode: 'off', from: mesh ? [mesh] : [] };
  const backend = itemsAt(mesh?.body, 'spec', 'mtls', 'backends').find(({ item }) => item['name'] === enabled)?.item;
  const base = stringAt(backend, 'mode') === 'PERMISSIVE' ? 'permissive' : 'strict';
  const own = mesh && enabled !== undefined ? [mesh] : identities;
  const tls = [...resources.all(MESH_TLS)]
    .filter((each) => concerns(each, dataplane, resources))
    .sort((left, right) => specificity(left) - specificity(right))
    .at(-1);
  const modes = [...itemsAt(tls?.body, 'spec', 'rules'), ...itemsAt(tls?.body, 'spec', 'from')].flatMap(
    ({ item }) => stringAt(item, 'default', 'mode') ?? [],
  );
  const mode = modes.at(-1);
  if (tls && mode !== undefined) return { mode: mode === 'Permissive' ? 'permissive' : 'strict', from: [...own, tls] };
  return { mode: base, from: own };
}

function isSelected({ body }: Resource, { tags }: Dataplane): boolean {
  if (!has(body, 'spec', 'selector', 'dataplane')) return true;
  const wanted = stringMapAt(body, 'spec', 'selector', 'dataplane', 'matchLabels');
  const own = Object.fromEntries([...tags].map(([key, [value = '']]) => [key, value]));
  return labelsMatch(wanted, own);
}

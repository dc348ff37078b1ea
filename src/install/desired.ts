/** Rendered manifests → the objects that a release consists of, as they are applied. */
import { MeshctlError } from '../errors.ts';
import { isBody, itemsAt, objectAt, stringAt, stringMapAt } from '../model/body.ts';
import { type Body, isClusterScoped, type Kind, kindOf, type Ref } from '../model/resource.ts';
import { parseYaml, YamlProblem } from '../text/yaml.ts';
import { splitManifests } from './manifests.ts';
import { inInstallOrder } from './order.ts';

export interface DesiredObject extends Ref {
  readonly apiVersion: string;
  readonly body: Body;
  /** Stays in the cluster when the release goes, or no longer brings it. */
  readonly isKept: boolean;
}

/** Who an object belongs to. */
export interface Belonging {
  readonly release: string;
  readonly namespace: string;
}

export const RELEASE_NAME = 'meta.helm.sh/release-name';
export const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace';
export const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** Whether a kind has namespaces; undefined when the cluster does not serve it (yet). */
export type ScopeOf = (kind: Kind) => boolean | undefined;

/**
 * The objects of a manifest, Lists taken apart, each with the marks by which Helm knows its own, in the order in which they are applied.
 * @throws MeshctlError E_MANIFEST for what is no object
 */
export function desiredObjects(manifest: string, belonging: Belonging, scopeOf: ScopeOf): readonly DesiredObject[] {
  const bodies = splitManifests(manifest).flatMap((text) => bodiesIn(text));
  const own = new Map(bodies.flatMap((body) => definedScope(body)));
  const scope: ScopeOf = (kind) => own.get(kind) ?? scopeOf(kind);
  const objects = bodies.map((body) => desired(body, belonging, scope));
  const byPlace = new Map(objects.map((object) => [placeOf(object), object]));
  return inInstallOrder([...byPlace.values()].map((object) => ({ object, kind: stringAt(object.body, 'kind') ?? '' }))).map(
    ({ object }) => object,
  );
}

/** What lies in `crds/` belongs to nobody, as with Helm: several releases may bring the same. */
export function definitionsIn(crds: string, belonging: Belonging, scopeOf: ScopeOf): readonly DesiredObject[] {
  return desiredObjects(crds, belonging, scopeOf).map((object) => {
    const metadata = objectAt(object.body, 'metadata');
    const labels = without(stringMapAt(metadata, 'labels'), (key) => key === MANAGED_BY);
    const annotations = without(stringMapAt(metadata, 'annotations'), (key) => key.startsWith('meta.helm.sh/'));
    return { ...object, body: { ...object.body, metadata: { ...metadata, labels, annotations } } };
  });
}

const without = (from: Readonly<Record<string, string>>, test: (key: string) => boolean): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(from).filter(([key]) => !test(key)));

export const placeOf = ({ kind, namespace, name }: Ref): string => `${kind} ${namespace}/${name}`;

function bodiesIn(text: string): readonly Body[] {
  let value: unknown;
  try {
    value = parseYaml(text, 'last');
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    throw new MeshctlError('E_MANIFEST', `A manifest of the release is no YAML: ${error.message}`, { cause: error });
  }
  if (value === null || value === undefined) return [];
  if (!isBody(value)) throw new MeshctlError('E_MANIFEST', 'A manifest of the release is no Kubernetes object.');
  const items = itemsAt(value, 'items').map(({ item }) => item);
  return stringAt(value, 'kind')?.endsWith('List') && items.length > 0 ? items : [value];
}

/** Kinds that the manifest itself defines. */
function definedScope(body: Body): readonly (readonly [Kind, boolean])[] {
  if (body['kind'] !== 'CustomResourceDefinition') return [];
  const [group, kind] = [stringAt(body, 'spec', 'group') ?? '', stringAt(body, 'spec', 'names', 'kind') ?? ''];
  return [[`${group}/${kind}`, stringAt(body, 'spec', 'scope') !== 'Cluster']];
}

function desired(body: Body, { release, namespace }: Belonging, scopeOf: ScopeOf): DesiredObject {
  const [apiVersion, kindName, name] = [stringAt(body, 'apiVersion'), stringAt(body, 'kind'), stringAt(body, 'metadata', 'name')];
  if (apiVersion === undefined || kindName === undefined || name === undefined) {
    const missing = apiVersion === undefined ? 'apiVersion' : kindName === undefined ? 'kind' : 'metadata.name';
    throw new MeshctlError(
      'E_MANIFEST',
      `An object of release "${release}"${kindName ? ` of kind ${kindName}` : ''}${name ? ` named "${name}"` : ''} has no ${missing}.`,
      {
        hint: 'Look at the values that the chart was given; "--dry-run" shows what it renders to.',
      },
    );
  }
  const kind = kindOf(apiVersion, kindName);
  const isNamespaced = scopeOf(kind) ?? !isClusterScoped(kind);
  const within = isNamespaced ? (stringAt(body, 'metadata', 'namespace') ?? namespace) : '';
  const metadata = objectAt(body, 'metadata');
  const annotations = stringMapAt(metadata, 'annotations');
  const marked = {
    ...metadata,
    ...(isNamespaced ? { namespace: within } : {}),
    labels: { ...stringMapAt(metadata, 'labels'), [MANAGED_BY]: 'Helm' },
    annotations: { ...annotations, [RELEASE_NAME]: release, [RELEASE_NAMESPACE]: namespace },
  };
  return {
    ...{ kind, namespace: within, name, apiVersion },
    body: { ...body, metadata: marked },
    isKept: annotations['helm.sh/resource-policy']?.trim().toLowerCase() === 'keep',
  };
}

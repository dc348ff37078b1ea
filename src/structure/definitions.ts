/** What is known of the kinds in an input: by the CustomResourceDefinitions it holds, or else by those that meshctl brings along. */
import { isBody, itemsAt, objectAt, stringAt } from '../model/body.ts';
import type { Kind, Resource } from '../model/resource.ts';
import { type EnvoyApi, loadEnvoyApi } from './envoy-api.ts';
import { hasPatches } from './envoy-patches.ts';
import { knownGroups, loadGroup } from './groups.ts';
import type { GroupDefinition, KindDefinition } from './schema.ts';
import { isSoundSchema } from './sound-schema.ts';

export interface Known {
  readonly definition: KindDefinition;
  /** Where it is from, in words: `Istio, 2026-08`. */
  readonly release: string;
  /** Set when the input itself holds the definition. */
  readonly isOwn: boolean;
}

export interface Definitions {
  readonly groups: ReadonlyMap<string, GroupDefinition>;
  readonly own: ReadonlyMap<Kind, KindDefinition>;
  /** Absent where nothing is configuration of Envoy. */
  readonly envoy?: EnvoyApi | undefined;
}

const CRD: Kind = 'apiextensions.k8s.io/CustomResourceDefinition';

export async function definitionsFor(resources: readonly Resource[]): Promise<Definitions> {
  const wanted = [...new Set(resources.map(groupOf))].filter((group) => knownGroups.includes(group));
  const loaded = await Promise.all(wanted.map(async (group) => [group, await loadGroup(group)] as const));
  const groups = new Map(loaded.flatMap(([group, definition]) => (definition ? [[group, definition] as const] : [])));
  return definitionsOf(resources, groups, resources.some(hasPatches) ? await loadEnvoyApi() : undefined);
}

/** @param groups those that meshctl brings along */
export function definitionsOf(resources: readonly Resource[], groups: ReadonlyMap<string, GroupDefinition>, envoy?: EnvoyApi): Definitions {
  const own = resources.filter(({ kind, partial }) => kind === CRD && !partial).flatMap((crd) => ownDefinition(crd, groups));
  return { groups, own: new Map(own), envoy };
}

export function groupOf({ kind }: { readonly kind: Kind }): string {
  return kind.slice(0, kind.lastIndexOf('/'));
}

export function knownAs(kind: Kind, { groups, own }: Definitions): Known | undefined {
  const definition = own.get(kind);
  if (definition) return { definition, release: 'the CustomResourceDefinition in the input', isOwn: true };
  const group = groups.get(groupOf({ kind }));
  const name = kind.slice(kind.lastIndexOf('/') + 1);
  const built = group && Object.hasOwn(group.kinds, name) ? group.kinds[name] : undefined;
  return group && built && { definition: built, release: releaseOf(group), isOwn: false };
}

export const releaseOf = ({ source, takenAt }: GroupDefinition): string => `${source}, ${takenAt}`;

/** Definitions of other groups are nobody's mesh configuration. */
function ownDefinition({ body }: Resource, groups: ReadonlyMap<string, GroupDefinition>): readonly (readonly [Kind, KindDefinition])[] {
  const group = stringAt(body, 'spec', 'group') ?? '';
  const kind = stringAt(body, 'spec', 'names', 'kind');
  const versions = itemsAt(body, 'spec', 'versions').flatMap(({ item }) => {
    const schema = objectAt(item, 'schema', 'openAPIV3Schema');
    const name = stringAt(item, 'name');
    if (name === undefined || !isBody(schema['properties']) || !isSoundSchema(schema)) return [];
    return [{ name, schema, served: item['served'] !== false, deprecated: item['deprecated'] === true }];
  });
  if (!groups.has(group) || kind === undefined || versions.length === 0) return [];
  const schemas = versions.map(({ schema }) => schema);
  return [[`${group}/${kind}`, { versions: versions.map((version, index) => ({ ...version, schema: index })), schemas }]];
}

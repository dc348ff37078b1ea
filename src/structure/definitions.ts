/** What is known of the kinds in an input: by the CustomResourceDefinitions it holds, or else by those that meshctl brings along. */
import { isBody, itemsAt, objectAt, stringAt } from '../model/body.ts';
import type { Kind, Resource } from '../model/resource.ts';
import { knownGroups, loadGroup } from './groups.ts';
import { loadMessages, type Messages, type MessagesName } from './messages.ts';
import type { GroupDefinition, KindDefinition } from './schema.ts';
import { isSoundSchema } from './sound-schema.ts';
import { messagesNeeded } from './written-messages.ts';

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
  /** Those that some object is written in. */
  readonly messages: ReadonlyMap<MessagesName, Messages>;
}

const CRD: Kind = 'apiextensions.k8s.io/CustomResourceDefinition';

export async function definitionsFor(resources: readonly Resource[]): Promise<Definitions> {
  const wanted = [...new Set(resources.map(groupOf))].filter((group) => knownGroups.includes(group));
  const loaded = await Promise.all(wanted.map(async (group) => [group, await loadGroup(group)] as const));
  const groups = new Map(loaded.flatMap(([group, definition]) => (definition ? [[group, definition] as const] : [])));
  const written = [...new Set(resources.flatMap(messagesNeeded))];
  const messages = await Promise.all(written.map(async (name) => [name, await loadMessages(name)] as const));
  return definitionsOf(resources, groups, new Map(messages));
}

/** @param groups those that meshctl brings along */
export function definitionsOf(
  resources: readonly Resource[],
  groups: ReadonlyMap<string, GroupDefinition>,
  messages: ReadonlyMap<MessagesName, Messages>,
): Definitions {
  const own = resources.filter(({ kind, partial }) => kind === CRD && !partial).flatMap((crd) => ownDefinition(crd, groups));
  return { groups, own: new Map(own), messages };
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

/** Anchors of a YAML document while it is edited: what each stands for in the end. */
import { isBody } from '../model/body.ts';
import type { Body } from '../model/resource.ts';
import type { YamlEntry, YamlNode } from './yaml-tree.ts';

/** By name; an anchor that is no longer written has no entry, so that whoever refers to it is written out. */
export type Shared = Map<string, { readonly value: unknown }>;

export function withoutAnchors(node: YamlNode, shared: Shared): void {
  if (!node.isShared) return;
  if (node.anchor !== undefined) shared.delete(node.anchor);
  if (node.is === 'list') for (const item of node.items) withoutAnchors(item.node, shared);
  if (node.is === 'mapping') for (const entry of node.entries) withoutAnchors(entry.node, shared);
}

/** What `<<` brings into a mapping; undefined when it is something else than aliases of mappings. */
export function mergedOf(merges: readonly YamlEntry[], shared: Shared): Body | undefined {
  const nodes = merges.flatMap(({ node }) => (node.is === 'list' ? node.items.map((item) => item.node) : [node]));
  let merged: Body = {};
  for (const node of nodes) {
    const value = node.is === 'alias' ? shared.get(node.name)?.value : undefined;
    if (!isBody(value)) return undefined;
    // The first to bring a key wins.
    merged = { ...value, ...merged };
  }
  return merged;
}

/** The namespaces that a run is about. */
import type { Facts } from '../../model/check.ts';
import type { Resource } from '../../model/resource.ts';
import { NAMESPACE } from './kinds.ts';

/** By name. One namespace can be read by those who may not list all. */
export async function namespacesOf(facts: Facts): Promise<ReadonlyMap<string, Resource>> {
  const { namespace: name } = facts;
  if (name === undefined) return byName(await facts.list(NAMESPACE));
  const own = await facts.get({ kind: NAMESPACE, namespace: '', name });
  return byName(own ? [own] : []);
}

const byName = (namespaces: readonly Resource[]): ReadonlyMap<string, Resource> => new Map(namespaces.map((each) => [each.name, each]));

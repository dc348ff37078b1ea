/** What controllers say of the objects that they work on. */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Affected, Facts } from '../../model/check.ts';
import type { Kind, Resource } from '../../model/resource.ts';

/** Objects of the kinds that the run is about whose condition says no, with what the controller says, and how many there are in all. */
export async function refusedObjects(
  facts: Facts,
  kinds: readonly Kind[],
  conditionOf: (kind: Kind) => string,
): Promise<{ readonly refused: readonly Affected[]; readonly total: number }> {
  const lists = await Promise.all(kinds.map((kind) => facts.scoped(kind)));
  const objects = lists.flat();
  return { total: objects.length, refused: objects.flatMap((resource) => refusalOf(resource, conditionOf(resource.kind)) ?? []) };
}

function refusalOf(resource: Resource, type: string): Affected | undefined {
  const condition = itemsAt(resource.body, 'status', 'conditions').find(({ item }) => item['type'] === type)?.item;
  if (stringAt(condition, 'status') !== 'False') return undefined;
  const said = [stringAt(condition, 'reason'), stringAt(condition, 'message')?.trim()].filter((each) => each !== undefined && each !== '');
  return { resource, detail: said.length === 0 ? `Its condition "${type}" is False.` : `${said.join(': ').replace(/\.$/, '')}.` };
}

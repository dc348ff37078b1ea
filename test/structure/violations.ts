/** The violations of objects, for tests that cannot wait: every definition and the evaluator are loaded beforehand. */
import type { Resource } from '../../src/model/resource.ts';
import type { Violation } from '../../src/model/violation.ts';
import { evaluator } from '../../src/structure/cel.ts';
import { definitionsOf } from '../../src/structure/definitions.ts';
import { knownGroups, loadGroup } from '../../src/structure/groups.ts';
import { judgeAll, violationsOf } from '../../src/structure/inspect.ts';
import { loadMessages } from '../../src/structure/messages.ts';
import { patterns } from '../../src/structure/patterns.ts';
import type { GroupDefinition } from '../../src/structure/schema.ts';

const loaded = await Promise.all(knownGroups.map(async (name) => [name, await loadGroup(name)] as const));
/** Every group that meshctl brings along. */
export const groups = new Map(loaded.filter((entry): entry is readonly [string, GroupDefinition] => entry[1] !== undefined));
const messages = new Map([
  ['envoy', await loadMessages('envoy')],
  ['istio', await loadMessages('istio')],
] as const);
const known = patterns();
const evaluated = evaluator(known);

export function violationsAmong(resources: readonly Resource[]): readonly Violation[] {
  return violationsOf(judgeAll(resources, definitionsOf(resources, groups, messages), known), evaluated);
}

/** A rule of an AuthorizationPolicy in words. */

import type { Body } from '../../../model/resource.ts';
import { quotedList } from '../../../text/words.ts';
import { clausesIn, partsOf } from './rule.ts';

const MOST = 4;

/** `from principals "a" or namespaces "b" to methods "GET" and paths "/x*" when …`. */
export function ruleText(rule: Body): string {
  const parts = partsOf(rule);
  if (clausesIn(parts).length === 0) return 'anything';
  const clauses = (list: readonly Parameters<typeof clauseText>[0][]): string => list.map(clauseText).join(' and ');
  const section = (word: string, alternatives: readonly string[]): readonly string[] =>
    alternatives.length === 0 || alternatives.includes('') ? [] : [`${word} ${alternatives.join(', or ')}`];
  return [
    ...section('from', parts.from.map(clauses)),
    ...section('to', parts.to.map(clauses)),
    ...(parts.when.length === 0 ? [] : [`when ${clauses(parts.when)}`]),
  ].join(' ');
}

function clauseText({
  field,
  values,
  notValues,
}: {
  readonly field: string;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}): string {
  const name = field
    .replace(/^(?:from\.source|to\.operation)\.|^when /, '')
    .replace(/^not([A-Z])/, (_all, letter: string) => letter.toLowerCase());
  return [
    ...(values.length === 0 ? [] : [`${name} ${quotedList(values, MOST)}`]),
    ...(notValues.length === 0 ? [] : [`no ${name} ${quotedList(notValues, MOST)}`]),
  ].join(' and ');
}

/** The objects by which the Gateway API tests its definitions: refused or taken, in the channel that the case names. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readText } from '../../src/gather/read.ts';
import type { Kind } from '../../src/model/resource.ts';
import type { Violation } from '../../src/model/violation.ts';
import { evaluator } from '../../src/structure/cel.ts';
import { judgeAll, violationsOf } from '../../src/structure/inspect.ts';
import { patterns } from '../../src/structure/patterns.ts';
import type { KindDefinition } from '../../src/structure/schema.ts';
import { groups } from '../structure/violations.ts';

interface Case {
  readonly func: string;
  readonly name: string;
  readonly channel: 'both' | 'standard' | 'experimental';
  readonly wantErrors: readonly string[];
  readonly object: object;
}

const file = fileURLToPath(new URL('../../../shared/cases/gateway-api-cel/cases.json', import.meta.url));
const cases: readonly Case[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).cases : [];

/** The definitions of one channel, as if the input held them. */
function ownOf(channel: 'standard' | 'experimental'): ReadonlyMap<Kind, KindDefinition> {
  const entries = [...groups].flatMap(([group, { kinds }]) =>
    Object.entries(kinds).map(([kind, { versions, schemas }]): readonly [Kind, KindDefinition] => [
      `${group}/${kind}`,
      {
        schemas,
        versions: versions.map(({ name, schema, experimental = schema }) => ({
          name,
          schema: channel === 'standard' ? schema : experimental,
        })),
      },
    ]),
  );
  return new Map(entries);
}

const known = patterns();
const evaluated = evaluator(known);

function refusals({ object, name, channel }: Case, own = channel === 'both' ? new Map() : ownOf(channel)): readonly Violation[] {
  const { resources } = readText(JSON.stringify(object), name, { namespace: 'default', namespaceGiven: false });
  expect(resources).toHaveLength(1);
  const violations = violationsOf(judgeAll(resources, { groups, own, messages: new Map() }, known), evaluated);
  return violations.filter(({ is }) => is !== 'experimental' && is !== 'superseded');
}

/** The peer's words for what the messages here put in their own. The text of a rule stands in both. */
const SAME: readonly (readonly [peer: RegExp, own: RegExp])[] = [
  [/in body should match|^Invalid value: "[^"]*"$/, /does not match the pattern|, but must be (?:a|empty or|letters|lower|printable)/],
  [/should be (?:greater|less) than or equal to/, /must be (?:from|at least|at most)/],
  [/Too long: may not be more than/, /may have \d+ at the most/],
  [/should be at least \d+ chars long/, /is empty|needs at least/],
  [/Too many:|must have at most/, /may have \d+ at the most/],
  [/Required value/, /is required/],
  [/Unsupported value/, /must be (?:one of)?/],
  [/must validate one and only one schema/, /exclude each other|must be/],
  [/Duplicate value|name must be unique within the Gateway/, /repeats/],
  [/must be of type ipv[46]/, /must be an IPv4 address or an IPv6 address/],
];

const says = (found: readonly Violation[], wanted: string): boolean =>
  found.some(
    ({ message }) =>
      message.includes(wanted.trim().replace(/\.+$/, '')) || SAME.some(([peer, own]) => peer.test(wanted) && own.test(message)),
  );

describe.skipIf(cases.length === 0)('objects of the Gateway API', () => {
  const named = cases.map((entry) => ({ name: `${entry.func}: ${entry.name}`, entry }));

  it.each(named)('$name', ({ entry }) => {
    const found = refusals(entry);
    const shown = found.map(({ message }) => message);
    if (entry.wantErrors.length === 0) expect(shown).toEqual([]);
    else expect({ shown, missing: entry.wantErrors.filter((wanted) => !says(found, wanted)) }).toEqual({ shown, missing: [] });
    if (entry.wantErrors.length > 0) expect(found).not.toEqual([]);
  });

  it.each(named)('$name, without knowing the channel', ({ entry }) => {
    if (entry.wantErrors.length === 0) expect(refusals(entry, new Map()).map(({ message }) => message)).toEqual([]);
    // What both channels refuse is refused; one may take what the other does not.
    else if (entry.channel === 'both') expect(refusals(entry, new Map())).not.toEqual([]);
  });
});

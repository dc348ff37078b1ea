/**
 * What became of fields, values and kinds that the definitions no longer have, or will not have for ever. The rules
 * of the family istio-deprecation speak of some more, of which they know what the proxies make of them.
 */

import { type FieldEdit, parentOf } from '../model/field-edit.ts';
import { type Body, type FieldPath, type Kind, shortKind } from '../model/resource.ts';
import { quotedList } from '../text/words.ts';
import type { Found } from './found.ts';
import { withoutIndexes } from './mistaken.ts';
import { FIELDS, KINDS, type SupersededField, VERSIONS } from './superseded-facts.ts';
import { valueText } from './wording.ts';

/** What has left a definition, and what is about to. */
const TYPES = { deprecated: 'superseded', going: 'leaving' } as const;

/** @param holder what the field is in */
export type Superseded = (path: FieldPath, value?: unknown, holder?: Body) => Found | undefined;

/** What to ask for the fields of one kind. `was` tells of those that are gone from the definition, `is` of those that are still there. */
export function supersededFields(kind: Kind): { readonly was: Superseded; readonly is: Superseded } {
  const rows = FIELDS.filter(({ of }) => kind === of || (of.endsWith('/*') && kind.startsWith(of.slice(0, -1))));
  const lookUp =
    (isThere: boolean): Superseded =>
    (path, value, holder) => {
      const name = path.at(-1);
      const row = rows.find((one) => (one.status === 'deprecated') === isThere && one.name === name && isMeant(one, path, value));
      return row && foundFor(row, path, value, holder);
    };
  return rows.length === 0 ? { was: () => undefined, is: () => undefined } : { was: lookUp(false), is: lookUp(true) };
}

function isMeant({ below, values }: SupersededField, path: FieldPath, value: unknown): boolean {
  if (values && !values.some((known) => known === value)) return false;
  return below === undefined || below.test(withoutIndexes(path.slice(0, -1)));
}

function foundFor(row: SupersededField, path: FieldPath, value: unknown, holder: Body = {}): Found {
  const { status, values, since, instead, name } = row;
  const subject = values ? `Value ${valueText(value)} of field "${name}"` : `Field "${name}"`;
  return {
    is: status !== 'gone' ? TYPES[status] : values ? 'value' : 'unknown-field',
    path,
    part: values ? 'value' : 'key',
    message: status === 'deprecated' ? `${subject} is deprecated since ${since}.` : `${subject} does not exist any more since ${since}.`,
    fix: instead,
    edits: editsOf(row, path, value, holder),
  };
}

/** None where both fields are set: which of them is meant is for people to say. */
function editsOf({ same, renamed }: SupersededField, path: FieldPath, value: unknown, holder: Body): readonly FieldEdit[] | undefined {
  if (same !== undefined) return [{ is: 'set', path, value: same }];
  const written = renamed?.valueOf(value);
  if (!renamed || written === undefined || Object.hasOwn(holder, renamed.to)) return undefined;
  return [{ is: 'move', path, to: [...parentOf(path), renamed.to], value: written }];
}

/** Of a kind that its group no longer has. */
export function supersededKind(kind: Kind): Found | undefined {
  const row = KINDS.find(({ kinds }) => kinds.includes(kind));
  if (!row) return undefined;
  return {
    is: row.status === 'gone' ? 'unknown-kind' : TYPES[row.status],
    path: ['kind'],
    message: `Kind ${quotedList([shortKind(kind)])} does not exist any more since ${row.since}.`,
    fix: row.instead,
  };
}

/** The release that did away with a version of a kind. */
export function versionGoneSince(kind: Kind, name: string): string | undefined {
  return VERSIONS.find((row) => row.name === name && row.kinds.includes(kind))?.since;
}

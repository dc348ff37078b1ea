/**
 * What became of fields, values and kinds that the definitions no longer have, or will not have for ever. The rules
 * of the family istio-deprecation speak of some more, of which they know what the proxies make of them.
 */

import type { FieldPath } from '../model/resource.ts';
import { type Kind, shortKind } from '../model/resource.ts';
import { quotedList } from '../text/words.ts';
import type { Found } from './found.ts';
import { withoutIndexes } from './mistaken.ts';
import { FIELDS, KINDS, type SupersededField } from './superseded-facts.ts';
import { valueText } from './wording.ts';

export type Superseded = (path: FieldPath, value?: unknown) => Found | undefined;

/** What to ask for the fields of one kind. `was` tells of those that are gone from the definition, `is` of those that are still there. */
export function supersededFields(kind: Kind): { readonly was: Superseded; readonly is: Superseded } {
  const rows = FIELDS.filter(({ of }) => kind === of || (of.endsWith('/*') && kind.startsWith(of.slice(0, -1))));
  const lookUp =
    (gone: boolean): Superseded =>
    (path, value) => {
      const name = path.at(-1);
      const row = rows.find((candidate) => candidate.gone === gone && candidate.name === name && isMeant(candidate, path, value));
      return row && foundFor(row, path, value);
    };
  return rows.length === 0 ? { was: () => undefined, is: () => undefined } : { was: lookUp(true), is: lookUp(false) };
}

function isMeant({ below, values }: SupersededField, path: FieldPath, value: unknown): boolean {
  if (values && !values.some((known) => known === value)) return false;
  return below === undefined || below.test(withoutIndexes(path.slice(0, -1)));
}

function foundFor({ gone, values, since, instead, name }: SupersededField, path: FieldPath, value: unknown): Found {
  const what = values ? `${valueText(value)} of field "${name}"` : `"${name}"`;
  const subject = values ? `Value ${what}` : `Field ${what}`;
  return {
    is: 'superseded',
    path,
    part: values ? 'value' : 'key',
    message: gone ? `${subject} does not exist any more since ${since}.` : `${subject} is deprecated since ${since}.`,
    fix: instead,
  };
}

/** Of a kind that its group no longer has. */
export function supersededKind(kind: Kind): Found | undefined {
  const row = KINDS.find(({ kinds }) => kinds.includes(kind));
  if (!row) return undefined;
  return {
    is: 'superseded',
    path: ['kind'],
    message: `Kind ${quotedList([shortKind(kind)])} does not exist any more since ${row.since}.`,
    fix: row.instead,
  };
}

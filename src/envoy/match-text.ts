/** What values, headers and metadata are asked for, in words that routes and policies have in common. */
import { body, field, flag, items, number, text } from './fields.ts';

const KINDS: readonly (readonly [kind: string, written: (value: string) => string])[] = [
  ['exact', (value) => `=${value}`],
  ['prefix', (value) => `=${value}*`],
  ['suffix', (value) => `=*${value}`],
  ['contains', (value) => `=*${value}*`],
];

/** `=jason`, `=ja*`, `~ja.*` for an expression; empty when it only has to be there. */
export function valueText(match: unknown): string {
  const anyCase = flag(match, 'ignore_case') ? ' in any case' : '';
  for (const [kind, written] of KINDS) {
    const value = field(match, kind);
    if (typeof value === 'string') return `${written(value)}${anyCase}`;
  }
  const regex = text(match, 'safe_regex', 'regex');
  return regex === undefined ? '' : `~${regex}`;
}

/** `user=jason`, `!user` for one that must not be there, `age=1..9`. */
export function headerText(header: unknown): string {
  const name = text(header, 'name') ?? '';
  const inverted = flag(header, 'invert_match') ? '!' : '';
  if (field(header, 'present_match') === false) return inverted === '' ? `!${name}` : name;
  const range = body(header, 'range_match');
  if (range) return `${inverted}${name}=${number(range, 'start') ?? 0}..${number(range, 'end') ?? 0}`;
  // Older dumps have the kinds of matches beside the name.
  const old = {
    exact: text(header, 'exact_match'),
    prefix: text(header, 'prefix_match'),
    suffix: text(header, 'suffix_match'),
    contains: text(header, 'contains_match'),
  };
  const match = body(header, 'string_match') ?? { ...old, safe_regex: body(header, 'safe_regex_match') };
  return `${inverted}${name}${valueText(match)}`;
}

/** `groups=admin`, `request.auth.claims.groups=admin or =owner`. */
export function metadataText(metadata: unknown): string {
  const keys = items(metadata, 'path').flatMap((each) => text(each, 'key') ?? []);
  return `${flag(metadata, 'invert') ? 'not ' : ''}${keys.join('.')}${metadataValueText(body(metadata, 'value'))}`;
}

function metadataValueText(value: unknown): string {
  const alternatives = items(value, 'or_match', 'value_matchers');
  if (alternatives.length > 0) return alternatives.map(metadataValueText).join(' or ');
  const one = body(value, 'list_match', 'one_of');
  if (one) return metadataValueText(one);
  const truth = field(value, 'bool_match');
  if (typeof truth === 'boolean') return `=${truth}`;
  if (body(value, 'null_match')) return '=null';
  const double = number(value, 'double_match', 'exact');
  if (double !== undefined) return `=${double}`;
  return valueText(body(value, 'string_match'));
}

/** `io.istio.peer_principal=spiffe://…`. */
export const filterStateText = (state: unknown): string =>
  `${text(state, 'key') ?? 'filter state'}${valueText(body(state, 'string_match'))}`;

/** `10.0.0.0/8`. */
export function rangeText(range: unknown): string {
  const prefix = text(range, 'address_prefix') ?? '';
  const length = number(range, 'prefix_len');
  return length === undefined ? prefix : `${prefix}/${length}`;
}

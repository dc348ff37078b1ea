/** Label selectors as `kubectl -l` takes them: `app=web,tier in (front, back),!canary`. */

type Labels = Readonly<Record<string, string>>;

export type LabelMatch = (labels: Labels) => boolean;

const SET_TERM = /^([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)$/;
const VALUE_TERM = /^([\w./-]+)\s*(==|=|!=|>|<)\s*([\w./-]*)$/;
const PRESENCE_TERM = /^(!?)\s*([\w./-]+)$/;

/** @returns the term that cannot be read, in `problem` */
export function parseLabelSelector(text: string): { readonly match: LabelMatch } | { readonly problem: string } {
  const matches: LabelMatch[] = [];
  for (const term of termsOf(text)) {
    const match = labelTerm(term);
    if (!match) return { problem: term };
    matches.push(match);
  }
  return { match: (labels) => matches.every((each) => each(labels)) };
}

/** Splits at commas outside parentheses. */
export const termsOf = (text: string): readonly string[] =>
  text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');

function labelTerm(term: string): LabelMatch | undefined {
  const set = SET_TERM.exec(term);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) => (labels[key] !== undefined && values.includes(labels[key])) === (operator === 'in');
  }
  const compared = VALUE_TERM.exec(term);
  if (compared) {
    const [, key = '', operator, value = ''] = compared;
    if (operator === '>') return (labels) => Number(labels[key]) > Number(value);
    if (operator === '<') return (labels) => Number(labels[key]) < Number(value);
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const presence = PRESENCE_TERM.exec(term);
  if (!presence) return undefined;
  const [, negated = '', key = ''] = presence;
  return (labels) => Object.hasOwn(labels, key) === (negated === '');
}

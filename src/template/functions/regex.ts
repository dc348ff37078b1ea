/** Functions for regular expressions. */
import { expression, type Match, NoExpression, quoted } from '../../text/re2.ts';
import { func } from '../builtins.ts';
import { CallError } from '../failure.ts';
import { type Func, type GoInt, typed, type Value } from '../value.ts';

const S = 'string' as const;

/** @throws CallError for what is no expression */
function matchesOf(source: string, text: string, most?: number): readonly Match[] {
  try {
    return expression(source).matches(text, most);
  } catch (error) {
    if (error instanceof NoExpression) throw new CallError(error.message);
    throw error;
  }
}

/** `$1`, `${1}` and `${name}`; a name is as long as it can be, and `$$` is a dollar. */
const expanded = (template: string, { groups, named }: Match): string =>
  template.replace(/\$(?:(\$)|(\w+)|\{(\w+)\})/g, (_, dollar: string | undefined, bare: string | undefined, braced: string | undefined) => {
    if (dollar !== undefined) return '$';
    const name = bare ?? braced ?? '';
    return (/^\d+$/.test(name) ? groups[Number(name)] : named(name)) ?? '';
  });

/** A text longer than this is no manifest. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

function replaced(source: string, text: string, replacement: (match: Match) => string): string {
  let [result, at] = ['', 0];
  for (const match of matchesOf(source, text)) {
    result += text.slice(at, match.from) + replacement(match);
    if (result.length > MOST_CHARACTERS) throw new CallError('the text would be too long');
    at = match.to;
  }
  return result + text.slice(at);
}

function split(source: string, text: string, { value: count }: GoInt): readonly string[] {
  if (count === 0n) return [];
  if (source !== '' && text === '') return [''];
  const parts: string[] = [];
  let at = 0;
  for (const { from, to } of matchesOf(source, text)) {
    if (count > 0n && parts.length === Number(count) - 1) break;
    if (to === 0) continue;
    parts.push(text.slice(at, from));
    at = to;
  }
  parts.push(text.slice(at));
  return parts;
}

const strings = (items: readonly string[]): Value => typed(items as readonly Value[], '[]string');

const match = func([S, S], (source: string, text: string) => matchesOf(source, text, 1).length > 0);
const findAll = func([S, S, 'int'], (source: string, text: string, { value: count }: GoInt) =>
  strings(matchesOf(source, text, count < 0n ? undefined : Number(count)).map(({ from, to }) => text.slice(from, to))),
);
const find = func([S, S], (source: string, text: string) => matchesOf(source, text, 1)[0]?.groups[0] ?? '');
const replaceAll = func([S, S, S], (source: string, text: string, replacement: string) =>
  replaced(source, text, (each) => expanded(replacement, each)),
);
const literally = func([S, S, S], (source: string, text: string, replacement: string) => replaced(source, text, () => replacement));
const splitting = func([S, S, 'int'], (source: string, text: string, count: GoInt) => strings(split(source, text, count)));

export const regexFunctions: Readonly<Record<string, Func>> = {
  // What is no expression matches nothing, unless the template insists.
  regexMatch: func([S, S], (source: string, text: string) => {
    try {
      return match.call([source, text]);
    } catch (error) {
      if (error instanceof CallError) return false;
      throw error;
    }
  }),
  mustRegexMatch: match,
  ...{ regexFindAll: findAll, mustRegexFindAll: findAll },
  ...{ regexFind: find, mustRegexFind: find },
  ...{ regexReplaceAll: replaceAll, mustRegexReplaceAll: replaceAll },
  ...{ regexReplaceAllLiteral: literally, mustRegexReplaceAllLiteral: literally },
  ...{ regexSplit: splitting, mustRegexSplit: splitting },
  regexQuoteMeta: func([S], quoted),
};

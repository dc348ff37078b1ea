/** Regular expressions as Go has them: RE2, which takes no longer than its text is long. */
import { RE2JS } from 're2js';
import { func } from '../builtins.ts';
import { CallError } from '../failure.ts';
import { type Func, type GoInt, typed, type Value } from '../value.ts';

const S = 'string' as const;

/** @throws CallError for what is no expression */
function compiled(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    throw new CallError(
      `error parsing regexp: ${error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error)}`,
    );
  }
}

/** Whether a text holds what the expression describes. @throws CallError for what is no expression */
export function matcher(source: string): (text: string) => boolean {
  const expression = compiled(source);
  return (text) => expression.matcher(text).find();
}

interface Match {
  readonly from: number;
  readonly to: number;
  readonly groups: readonly (string | undefined)[];
  readonly named: (name: string) => string | undefined;
}

function matchesOf(source: string, text: string, most = Number.POSITIVE_INFINITY): readonly Match[] {
  const pattern = compiled(source);
  const matcher = pattern.matcher(text);
  const names = pattern.namedGroups() as Readonly<Record<string, number>>;
  const found: Match[] = [];
  // An empty match right behind another one is none.
  let last = -1;
  while (found.length < most && matcher.find()) {
    const [from, to] = [matcher.start(), matcher.end()];
    if (from === to && from === last) continue;
    last = to;
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? undefined);
    found.push({ from, to, groups, named: (name) => groups[names[name] ?? -1] });
  }
  return found;
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
  regexQuoteMeta: func([S], (text: string) => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
};

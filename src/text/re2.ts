/** Regular expressions as Go and Envoy have them: RE2, which takes no longer than its text is long. The only importer of re2js. */
import { RE2JS } from 're2js';

export interface Match {
  readonly from: number;
  readonly to: number;
  readonly groups: readonly (string | undefined)[];
  readonly named: (name: string) => string | undefined;
}

export interface Expression {
  /** Whether some of the text is what the expression describes. */
  isIn(text: string): boolean;
  /** Whether all of the text is. */
  fits(text: string): boolean;
  /** From left to right; an empty match right behind another one is none. */
  matches(text: string, most?: number): readonly Match[];
}

/** The message is Go's: ``error parsing regexp: missing closing ): `(` ``. */
export class NoExpression extends Error {}

/** @throws NoExpression */
export function expression(source: string): Expression {
  const pattern = compiled(source);
  return {
    isIn: (text) => pattern.matcher(text).find(),
    fits: (text) => pattern.matches(text),
    matches: (text, most = Number.POSITIVE_INFINITY) => matchesOf(pattern, text, most),
  };
}

function compiled(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NoExpression(`error parsing regexp: ${reason.replace(/^error parsing regexp: /, '')}`);
  }
}

function matchesOf(pattern: RE2JS, text: string, most: number): readonly Match[] {
  const matcher = pattern.matcher(text);
  const names = pattern.namedGroups() as Readonly<Record<string, number>>;
  const found: Match[] = [];
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

/** The text as an expression that stands for itself. */
export const quoted = (text: string): string => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');

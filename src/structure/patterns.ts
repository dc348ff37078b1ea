/** Regular expressions of schemas, compiled when a value asks for one. A run over many objects asks for the same ones again. */
import { getOrInsert } from '../model/maps.ts';
import { type Expression, expression, NoExpression } from '../text/re2.ts';

export interface Patterns {
  /** True when some of the text matches; true as well for an expression that is none. */
  matches(pattern: string, text: string): boolean;
}

export function patterns(): Patterns {
  const compiled = new Map<string, Expression | undefined>();
  const known = new Map<string, boolean>();
  const compile = (pattern: string): Expression | undefined => getOrInsert(compiled, pattern, () => expressionOrNone(pattern));
  return {
    matches: (pattern, text) => getOrInsert(known, `${pattern}\n${text}`, () => compile(pattern)?.isIn(text) ?? true),
  };
}

function expressionOrNone(pattern: string): Expression | undefined {
  try {
    return expression(pattern);
  } catch (error) {
    if (error instanceof NoExpression) return undefined;
    throw error;
  }
}

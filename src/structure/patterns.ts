/** Regular expressions of schemas, compiled when a value asks for one. A run over many objects asks for the same ones again. */
import { type Expression, expression, NoExpression } from '../text/re2.ts';

export interface Patterns {
  /** True when some of the text matches; true as well for an expression that is none. */
  matches(pattern: string, text: string): boolean;
}

export function patterns(): Patterns {
  const compiled = new Map<string, Expression | undefined>();
  const known = new Map<string, boolean>();
  const compile = (pattern: string): Expression | undefined => {
    if (!compiled.has(pattern)) compiled.set(pattern, expressionOrNone(pattern));
    return compiled.get(pattern);
  };
  return {
    matches(pattern, text) {
      const key = `${pattern}\n${text}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const answer = compile(pattern)?.isIn(text) ?? true;
      known.set(key, answer);
      return answer;
    },
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

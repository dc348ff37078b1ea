import { expression, NoExpression } from '../../text/re2.ts';

/** In bytes; istiod does not look at longer ones. */
export const LONGEST_EXPRESSION = 1024;

/** What keeps a text from being a regular expression for requests. */
export function expressionProblem(source: string): string | undefined {
  const bytes = new TextEncoder().encode(source).length;
  return bytes > LONGEST_EXPRESSION ? `it has ${bytes} bytes, more than ${LONGEST_EXPRESSION}` : syntaxProblem(source);
}

/**
 * Letters, dots and simple sets, each maybe repeated. Most expressions are no more than that, and to see
 * that nothing of them can be wrong takes a hundredth of the time of compiling them.
 */
const SIMPLE = /^\^?(?:(?:[\w\-/%:@,=&;~ .]|\\[./\-dwsDWS]|\[\^?(?:a-z|A-Z|0-9|[\w/.@])+\])(?:[*+?]\??)?)*\$?$/;

export function syntaxProblem(source: string): string | undefined {
  if (SIMPLE.test(source)) return undefined;
  try {
    expression(source);
    return undefined;
  } catch (error) {
    if (!(error instanceof NoExpression)) throw error;
    return error.message.replace(/^error parsing regexp: /, '');
  }
}

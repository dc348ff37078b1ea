import { expression, NoExpression } from '../../text/re2.ts';

/** In bytes; istiod does not look at longer ones. */
export const LONGEST_EXPRESSION = 1024;

/** What keeps a text from being a regular expression for requests. */
export function expressionProblem(source: string): string | undefined {
  const bytes = new TextEncoder().encode(source).length;
  return bytes > LONGEST_EXPRESSION ? `it has ${bytes} bytes, more than ${LONGEST_EXPRESSION}` : syntaxProblem(source);
}

export function syntaxProblem(source: string): string | undefined {
  try {
    expression(source);
    return undefined;
  } catch (error) {
    if (!(error instanceof NoExpression)) throw error;
    return error.message.replace(/^error parsing regexp: /, '');
  }
}

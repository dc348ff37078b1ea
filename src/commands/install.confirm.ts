/** Nothing in a cluster is changed unasked. */
import { MeshctlError } from '../errors.ts';
import type { Context } from './define.ts';

/**
 * @param question ends with a question mark
 * @returns false when the answer is no, or there is none
 * @throws MeshctlError E_CONFIRM where nobody can be asked
 */
export async function confirmed(
  question: string,
  isAgreed: boolean,
  { host }: Context,
  signal: AbortSignal,
  hint?: string,
): Promise<boolean> {
  if (isAgreed) return true;
  assertCanAsk(isAgreed, { host }, hint);
  host.err.write(`${question} [y/N] `);
  const answer = await host.stdin.line(signal);
  return /^y(?:es)?$/i.test(answer?.trim() ?? '');
}

/** @throws MeshctlError E_CONFIRM where nobody can be asked, so that it is said before anything else is done */
export function assertCanAsk(
  isAgreed: boolean,
  { host }: Pick<Context, 'host'>,
  hint = 'Look at the plan with --plan, then give --yes.',
): void {
  if (isAgreed || (host.stdin.isTTY && host.err.isTTY)) return;
  throw new MeshctlError('E_CONFIRM', 'This would change the cluster, and there is no terminal to ask on.', {
    hint,
  });
}

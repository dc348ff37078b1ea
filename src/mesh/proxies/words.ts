/** What is said of programs that do not tell what they are asked. */
import { EXIT, MeshctlError } from '../../errors.ts';
import type { Facts, PodAnswer } from '../../model/check.ts';
import type { Ref } from '../../model/resource.ts';

const MOST = 300;

/** On one line, and not too long, as a sentence. */
export function saidOf(error: string | Error): string {
  const text = error instanceof Error ? error.message : error;
  const line = text.trim().replace(/\s+/g, ' ');
  if (line.length > MOST) return `${line.slice(0, MOST)}…`;
  return /[.!?…]$/.test(line) ? line : `${line}.`;
}

/** What a port of a pod answers with status 200, or why it does not, as a sentence. */
export async function askedFor(
  facts: Facts,
  pod: Ref,
  port: number,
  path: string,
): Promise<{ readonly body: string } | { readonly problem: string }> {
  try {
    const answer = await facts.ask(pod, port, path);
    return answer?.status === 200 ? { body: answer.body } : { problem: reachedFor(answer, port, path.replace(/\?.*/, '')) };
  } catch (error) {
    if (error instanceof MeshctlError && error.exit === EXIT.unreachable) return { problem: saidOf(error) };
    throw error;
  }
}

/** Why an answer is none, as a sentence. */
export function reachedFor(answer: PodAnswer | undefined, port: number, path: string): string {
  if (!answer) return `Nothing answers on port ${port}.`;
  if (answer.status !== 200) return `Port ${port} answers ${path} with status ${answer.status}.`;
  return `What port ${port} answers to ${path} cannot be read.`;
}

/** What is said of a proxy that should be of its control plane's version, and is not. */
export const ofOtherVersion = (version: string | undefined, plane: string | undefined): string =>
  `It is of version ${version}, and its control plane of ${plane}: restart its workload to give it a new proxy.`;

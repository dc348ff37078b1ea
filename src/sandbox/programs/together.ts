/** What runs in the pods, from parts that know some pods each. */
import type { Inside, Programs } from '../options.ts';

/** The first part that answers for a port, or for a log, is asked no further. */
export function together(...parts: readonly ((inside: Inside) => Programs)[]): (inside: Inside) => Programs {
  return (inside) => {
    const running = parts.map((start) => start(inside));
    return {
      dial: (pod, port) => firstOf(running, (each) => each.dial?.(pod, port)),
      logs: (pod, request) => firstOf(running, (each) => each.logs?.(pod, request)),
    };
  };
}

function firstOf<Part, Answer>(parts: readonly Part[], ask: (part: Part) => Answer | undefined): Answer | undefined {
  for (const part of parts) {
    const answer = ask(part);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

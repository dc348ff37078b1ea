import type { LogOptions, ServedKind } from '../model/cluster.ts';
import type { Ref } from '../model/resource.ts';
import { linesOf } from './lines.ts';
import { aboutObject, objectPath } from './paths.ts';
import type { Api } from './request.ts';

/** Lines of a container's log; ends with the log, or with the signal. */
export async function* logLines(
  api: Api,
  pods: (signal?: AbortSignal) => Promise<ServedKind>,
  pod: Ref,
  options: LogOptions,
): AsyncIterable<string> {
  const { container, follow, tailLines, previous, signal } = options;
  try {
    const served = await pods(signal);
    const stream = await api.stream({
      about: { ...aboutObject('get', pod, served, 'log'), what: `the log of Pod ${pod.namespace}/${pod.name}` },
      path: `${objectPath(served, pod)}/log`,
      query: { container, follow, tailLines, previous },
      accept: '*/*',
      signal,
    });
    yield* linesOf(stream);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

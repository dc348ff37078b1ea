/** The log subresource of pods. */
import type { ServerResponse } from 'node:http';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Backend } from '../api/backend.ts';
import { badRequest } from '../api/status.ts';
import type { LiveLog } from '../options.ts';
import { type KubeObject, timestamp } from '../store/object.ts';

const ANNOTATION = 'sandbox.meshctl.dev/log';

function containerOf(pod: KubeObject, asked: string): string {
  const containers = itemsAt(pod, 'spec', 'containers').map(({ item }) => stringAt(item, 'name') ?? '');
  const init = itemsAt(pod, 'spec', 'initContainers').map(({ item }) => stringAt(item, 'name') ?? '');
  const { name } = pod.metadata;
  if (asked !== '') {
    if (![...containers, ...init].includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`);
    return asked;
  }
  const [only] = containers;
  if (only === undefined || containers.length > 1) {
    const choice = `choose one of: [${containers.join(' ')}]${init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : ''}`;
    throw badRequest(`a container name must be specified for pod ${name}, ${choice}`);
  }
  return only;
}

const isWaiting = (pod: KubeObject, container: string): string | undefined => {
  const states = [...itemsAt(pod, 'status', 'containerStatuses'), ...itemsAt(pod, 'status', 'initContainerStatuses')];
  const state = states.find(({ item }) => item['name'] === container)?.item;
  return state && (state['restartCount'] ?? 0) === 0 ? stringAt(state, 'state', 'waiting', 'reason') : undefined;
};

/** Lines with their ends; the last one may have none. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Writes the log, and with `follow` what is added until the client or the pod goes. */
export async function sendLogs(backend: Backend, pod: KubeObject, query: URLSearchParams, response: ServerResponse): Promise<void> {
  const container = containerOf(pod, query.get('container') ?? '');
  const waiting = isWaiting(pod, container);
  const { name, namespace = '', uid } = pod.metadata;
  if (waiting !== undefined) throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${waiting}`);
  const follow = query.get('follow') === 'true';
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, backend.closing]);
  response.on('close', () => leaving.abort());
  const unsubscribe = backend.store.subscribe((event) => {
    if (event.type === 'DELETED' && event.object.metadata.uid === uid) leaving.abort();
  });
  try {
    const found = logOf(backend, pod, container, query.get('previous') === 'true');
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    const stamp =
      query.get('timestamps') === 'true' ? (line: string): string => `${timestamp(backend.now())} ${line}` : (line: string): string => line;
    const lines = linesOf(typeof found === 'string' ? found : found.text);
    const tail = Number(query.get('tailLines') ?? lines.length);
    const limit = Number(query.get('limitBytes') ?? Number.POSITIVE_INFINITY);
    const text = (tail > 0 ? lines.slice(-tail) : []).map(stamp).join('');
    // Asked for before anything is awaited: no line is lost between the two.
    const added = follow && typeof found !== 'string' ? found.added(signal) : undefined;
    response.write(Number.isFinite(limit) ? Buffer.from(text).subarray(0, limit) : text);
    if (added) for await (const more of added) response.write(linesOf(more).map(stamp).join(''));
    else if (follow && backend.store.get('core/Pod', namespace, name)) await aborted(signal);
  } finally {
    unsubscribe();
    if (response.headersSent) response.end();
  }
}

function logOf(backend: Backend, pod: KubeObject, container: string, previous: boolean): string | LiveLog {
  const { annotations } = pod.metadata;
  const found = backend.programs().logs?.(pod, { container, previous });
  return found ?? annotations?.[`${ANNOTATION}.${container}`] ?? annotations?.[ANNOTATION] ?? '';
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

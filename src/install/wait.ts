/** Waiting until what was applied is ready, telling meanwhile what is not. */
import { EXIT, MeshctlError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import { inParallel } from '../model/parallel.ts';
import { friendlyName, type Ref } from '../model/resource.ts';
import { readinessOf, reasonWithPods } from './readiness.ts';

export interface Unready {
  /** `Deployment istio-system/istiod`. */
  readonly object: string;
  /** Half a sentence. */
  readonly reason: string;
}

export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Waiting {
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly signal?: AbortSignal | undefined;
  readonly waiting?: ((unready: readonly Unready[]) => void) | undefined;
}

const AT_ONCE = 8;
const PAUSE_MS = 1000;

/** @throws MeshctlError E_NOT_READY when one of them fails, or time is over */
export async function untilReady(cluster: Cluster, objects: readonly Ref[], options: Waiting): Promise<void> {
  const { clock, until, signal, waiting } = options;
  let left = objects;
  for (;;) {
    const states = await inParallel(left, AT_ONCE, async (object) => {
      const live = await cluster.get(object, signal);
      if (!live) return { object, isReady: false, hasFailed: false, reason: 'it is gone' };
      const state = readinessOf(live);
      return {
        object,
        ...state,
        hasFailed: state.hasFailed === true,
        reason: state.isReady ? '' : await reasonWithPods(cluster, live, state, signal),
      };
    });
    const unready = states.filter(({ isReady }) => !isReady);
    if (unready.length === 0) return;
    const told = unready.map(({ object, reason }) => ({ object: friendlyName(object), reason }));
    const failed = unready.find(({ hasFailed }) => hasFailed);
    if (failed) throw notReady([{ object: friendlyName(failed.object), reason: failed.reason }], 'failed');
    if (clock.now() >= until) throw notReady(told, 'late');
    waiting?.(told);
    left = unready.map(({ object }) => object);
    await clock.sleep(Math.min(PAUSE_MS, Math.max(1, until - clock.now())), signal);
  }
}

function notReady(unready: readonly Unready[], why: 'failed' | 'late'): MeshctlError {
  const [first = { object: '', reason: '' }] = unready;
  const more = unready.length > 1 ? `, and ${unready.length - 1} more` : '';
  const [kind = '', name = ''] = first.object.split(' ');
  const [namespace, short] = name.includes('/') ? name.split('/') : [undefined, name];
  const look = `kubectl${namespace === undefined ? '' : ` -n ${namespace}`} describe ${kind.toLowerCase()} ${short}`;
  return new MeshctlError(
    'E_NOT_READY',
    why === 'late'
      ? `Time is over, and these are not ready: ${first.object} (${first.reason})${more}.`
      : `${first.object} has failed: ${first.reason}.`,
    { hint: `Run "${look}" for more${why === 'late' ? ', or allow more with --timeout' : ''}.`, exit: EXIT.bad },
  );
}

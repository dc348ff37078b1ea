/** Hooks: objects that a chart wants to run at a moment of the release's life. @see https://helm.sh/docs/topics/charts_hooks/ */
import type { Cluster } from '../model/cluster.ts';
import { type Applying, applyObjects } from './apply.ts';
import { type Belonging, type DesiredObject, desiredObjects, type ScopeOf } from './desired.ts';
import type { StoredHook } from './release.ts';
import { untilReady } from './wait.ts';

const BEFORE = 'before-hook-creation';

export interface HookRun {
  readonly belonging: Belonging;
  readonly scopeOf: ScopeOf;
  readonly options: Applying;
  readonly begun?: ((hook: StoredHook) => void) | undefined;
}

/**
 * One after the other, by weight. Jobs and Pods are waited for until they are done.
 * @throws MeshctlError when one of them fails
 */
export async function runHooks(cluster: Cluster, hooks: readonly StoredHook[], event: string, run: HookRun): Promise<void> {
  const due = hooks.filter(({ events }) => events.includes(event)).toSorted((left, right) => left.weight - right.weight);
  for (const hook of due) {
    const objects = desiredObjects(hook.manifest, run.belonging, run.scopeOf);
    const policies = hook.deletePolicies.length > 0 ? hook.deletePolicies : [BEFORE];
    run.begun?.(hook);
    if (policies.includes(BEFORE)) await remove(cluster, objects, run.options);
    await applyObjects(cluster, objects, run.options);
    try {
      await untilReady(cluster, objects, run.options);
    } catch (error) {
      if (policies.includes('hook-failed')) await remove(cluster, objects, run.options);
      throw error;
    }
    if (policies.includes('hook-succeeded')) await remove(cluster, objects, run.options);
  }
}

/** Deletes objects and waits until they are gone, so that others may take their names. */
async function remove(cluster: Cluster, objects: readonly DesiredObject[], { clock, until, signal }: Applying): Promise<void> {
  for (const object of objects) {
    const existed = await cluster.delete(object, { signal });
    while (existed && clock.now() < until && (await cluster.get(object, signal))) await clock.sleep(200, signal);
  }
}

/** Whether the pods of a control plane, or of anything else that should never rest, run well. */
import { listAt, stringAt } from '../../model/body.ts';
import type { Affected, CheckResult } from '../../model/check.ts';
import type { Resource } from '../../model/resource.ts';
import { count } from '../../text/words.ts';
import { brokenContainers } from './pods.ts';

const RECENT_MS = 3_600_000;

/** @param pods that have not ended */
export function podsHealthy(pods: readonly Resource[], now: number): CheckResult {
  if (pods.length === 0) return { is: 'skipped', reason: 'There is no pod of it.' };
  const broken = pods.flatMap((resource): readonly Affected[] => {
    const detail = brokenContainers(resource);
    return detail === undefined ? [] : [{ resource, detail }];
  });
  const restarted = pods.filter((pod) => !broken.some(({ resource }) => resource === pod)).flatMap((pod) => restartOf(pod, now));
  const affected = [...broken, ...restarted];
  const [first] = affected;
  if (!first) return { is: 'ok', reason: `${count(pods.length, 'pod')}.` };
  const { namespace, name } = first.resource;
  return {
    is: broken.length > 0 ? 'failed' : 'warning',
    reason: `${broken.length > 0 ? 'Not ready or restarted' : 'Restarted in the last hour'}: ${affected.length} of ${count(pods.length, 'pod')}.`,
    hint: `Run "kubectl -n ${namespace} logs ${name} --all-containers --previous", or without --previous if nothing has run before.`,
    affected,
  };
}

function restartOf(resource: Resource, now: number): readonly Affected[] {
  for (const status of listAt(resource.body, 'status', 'containerStatuses')) {
    const ended = Date.parse(stringAt(status, 'lastState', 'terminated', 'finishedAt') ?? '');
    if (!(now - ended < RECENT_MS)) continue;
    const why = stringAt(status, 'lastState', 'terminated', 'reason');
    return [{ resource, detail: `Container "${stringAt(status, 'name')}" restarted${why ? ` (${why})` : ''}.` }];
  }
  return [];
}

/** tap: pods → a stream of each → filtered, named, redacted → printed as they come → summary. */
import { EXIT } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import { friendlyName } from '../model/resource.ts';
import type { TapTools } from '../model/tap.ts';
import type { Context, Outcome, Run } from './define.ts';
import { addAndWait, additionWanted, takeAway, type Wanted } from './tap.addition.ts';
import { cleanUp } from './tap.cleanup.ts';
import { removeExpired } from './tap.enable.ts';
import { type TapPlan, tapPlan } from './tap.plan.ts';
import { nothingToTap, type TapTargets, tapTargets } from './tap.pods.ts';
import { readCounts, showRates } from './tap.rates.ts';
import { Tapping } from './tap.session.ts';
import { opening, tell } from './tap.tell.ts';

export const run: Run = async ([target], options, context) => {
  if (options['cleanup'] === true) return cleanUp(options, context);
  const plan = tapPlan(options);
  const cluster = await context.cluster(options);
  const stop = new AbortController();
  const ending = context.host.ending();
  const signal = AbortSignal.any([ending, stop.signal]);
  const tools: TapTools = { cluster, signal, now: context.host.clock.now };
  let added: Wanted | undefined;
  let hasTapped = false;
  try {
    const removed = await removeExpired(cluster, namespaceOf(target, cluster), tools.now(), signal);
    if (removed.length > 0) tell(context, `An earlier tap had left ${removed.join(', ')}, which is removed.`);
    added = await additionWanted(target, plan, tools, context);
    if (added && !added.wasThere) await addAndWait(added.object, target, plan, tools, context);
    const { tapped, refusals } = plan.source === 'stats' ? NONE : await tapTargets(target, plan, tools, new Set());
    if (tapped.length === 0) return await ratesInstead(target, refusals, plan, tools, context);
    tell(context, opening(tapped));
    for (const refusal of refusals) tell(context, refusal);
    const tapping = new Tapping(tools, plan, context, stop);
    const outcome = await tapping.run(target, tapped, added?.object);
    hasTapped = tapping.hasTapped;
    return outcome;
  } catch (error) {
    if (!ending.aborted) throw error;
    return { text: '', exit: EXIT.fine };
  } finally {
    stop.abort(new Error('The tap is over.'));
    // An Envoy is tapped by one at a time: when it was this one, nobody else uses what was there.
    if (added && (hasTapped || !added.wasThere)) await takeAway(added.object, cluster, context);
    else if (added)
      tell(context, `${friendlyName(added.object)} stays, as another tap may be using it; "meshctl tap --cleanup" removes it.`);
  }
};

const NONE: Pick<TapTargets, 'tapped' | 'refusals'> = { tapped: [], refusals: [] };

/** @throws MeshctlError why there is nothing to show, when statistics may not or cannot be shown either */
async function ratesInstead(
  target: string | undefined,
  refusals: readonly string[],
  plan: TapPlan,
  tools: TapTools,
  context: Context,
): Promise<Outcome> {
  const [beyond] = plan.beyondStats;
  if (plan.source === 'tap' || plan.source === 'logs') throw nothingToTap(refusals);
  if (beyond !== undefined) throw nothingToTap([...refusals, `Without ${beyond}, rates could be shown of what the proxies count.`]);
  const counts = await readCounts(target, tools);
  if (counts.read.size === 0) throw nothingToTap([...refusals, ...counts.refusals]);
  for (const refusal of [...refusals, ...counts.refusals]) tell(context, refusal);
  return showRates(target, counts, plan, tools, context);
}

const namespaceOf = (target: string | undefined, cluster: Cluster): string =>
  /^(?:ns|namespaces?)\/(.+)$/.exec(target ?? '')?.[1] ?? cluster.namespace;

/** What a tap adds to the cluster: when it is asked for or agreed to, until the proxies have it, and away again. */
import { MeshctlError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import { friendlyName } from '../model/resource.ts';
import type { TapAddition, TapTools } from '../model/tap.ts';
import { printableLine } from '../terminal/printable.ts';
import { wrap } from '../terminal/wrap.ts';
import type { Context } from './define.ts';
import { confirmed } from './install.confirm.ts';
import { add, additionFor, changeable, remove } from './tap.enable.ts';
import type { TapPlan } from './tap.plan.ts';
import { tapTargets } from './tap.pods.ts';
import { tell } from './tap.tell.ts';

export interface Wanted {
  readonly object: TapAddition;
  /** Left by a run that was killed, or in use by another. */
  readonly wasThere: boolean;
}

/** What is to be added that the best source works: when it is asked for, or agreed to on a terminal. */
export async function additionWanted(
  target: string | undefined,
  plan: TapPlan,
  tools: TapTools,
  context: Context,
): Promise<Wanted | undefined> {
  const { host } = context;
  if (plan.source === 'logs' || plan.source === 'stats') return undefined;
  const { tapped, refusals, pods } = await tapTargets(target, { ...plan, source: 'tap' }, tools, new Set());
  const addition = pods.length === 0 ? undefined : additionFor(pods);
  const isThere = addition && tapped.length > 0 && (await tools.cluster.get(addition, tools.signal)) !== undefined;
  if (isThere) return { object: addition, wasThere: true };
  if (tapped.length > 0 || refusals.length === 0) return undefined;
  if (plan.enables && !addition)
    throw new MeshctlError('E_TAP', 'These pods cannot be given a tap filter: their mesh has no way, or they have no labels in common.', {
      hint: `Name one workload of ${changeable().join(' or ')}, or leave --enable out to read access logs.`,
    });
  if (!addition) return undefined;
  const wanted = { object: addition, wasThere: false };
  if (plan.enables) return wanted;
  if (!host.stdin.isTTY || !host.err.isTTY) return undefined;
  const selector = Object.entries(addition.selects).map(([key, value]) => `${key}=${value}`);
  // Shown even with -q: nobody can agree to what they have not seen.
  const offer = `These proxies have no tap filter. ${friendlyName(addition)}, for pods with ${selector.join(',')}, gives them one; it is removed when the tap ends.`;
  host.err.write(`${wrap(printableLine(offer), host.err.columns, '  ')}\n`);
  return (await confirmed('Add it? (no: read access logs)', false, context, tools.signal)) ? wanted : undefined;
}

/** Proxies take what istiod sends them within seconds. */
const SPREAD_MS = 30_000;

export async function addAndWait(
  added: TapAddition,
  target: string | undefined,
  plan: TapPlan,
  tools: TapTools,
  context: Context,
): Promise<void> {
  const { clock } = context.host;
  await add(tools.cluster, added, clock.now(), tools.signal);
  tell(context, `${friendlyName(added)} is added, and removed when the tap ends.`);
  for (const until = clock.now() + SPREAD_MS; clock.now() < until; await clock.sleep(500, tools.signal)) {
    const { refusals, tapped } = await tapTargets(target, { ...plan, source: 'tap' }, tools, new Set());
    if (tapped.length > 0 && refusals.length === 0) return;
  }
  tell(context, 'Not every proxy has taken the tap filter yet.');
}

export async function takeAway(added: TapAddition, cluster: Cluster, context: Context): Promise<void> {
  try {
    await remove(cluster, added);
    tell(context, `${friendlyName(added)} is removed.`);
  } catch (error) {
    context.host.err.write(
      `${friendlyName(added)} could not be removed: ${printableLine((error as Error).message)}\nRun "meshctl tap --cleanup" to remove it.\n`,
    );
  }
}

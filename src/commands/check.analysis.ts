/** What `meshctl analyze -A` says of a cluster, with the same configuration file and the same suppressions, for checks to read. */
import { applyBaseline, readBaseline } from '../analysis/baseline.ts';
import { runRules } from '../analysis/engine.ts';
import { selectRules } from '../analysis/select.ts';
import { suppress } from '../analysis/suppress.ts';
import type { Host } from '../host/host.ts';
import type { LiveAnalysis } from '../model/check.ts';
import type { Cluster } from '../model/cluster.ts';
import { allRules } from '../rules/index.ts';
import { gatherLive } from './analyze.live.ts';
import { planOf } from './analyze.plan.ts';
import { ALL_MESHES, reportedOn, resourcesOf } from './analyze.run.ts';
import type { Options } from './define.ts';
import { readInput } from './files.ts';

export async function liveAnalysis(cluster: Cluster, options: Options, host: Host): Promise<LiveAnalysis> {
  const plan = await planOf([], { allNamespaces: true, mesh: options['mesh'] }, host);
  const rules = await allRules();
  const live = await gatherLive(plan, selectRules(rules, plan.selection, ALL_MESHES), cluster);
  const { set, inUse } = resourcesOf(live.resources, live, plan, host.clock.now());
  const { findings, notChecked } = runRules(selectRules(rules, plan.selection, inUse), set, reportedOn(plan, cluster));
  const { kept } = suppress(findings, live.resources, plan.suppressions, rules, new Set());
  const known = plan.baseline === undefined ? [] : readBaseline(await readInput(plan.baseline, host), plan.baseline);
  return { findings: applyBaseline(kept, known).fresh, notChecked, gaps: live.gaps };
}

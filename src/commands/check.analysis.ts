/** What `meshctl analyze -A` says of a cluster, with the same configuration file and the same suppressions, for checks to read. */
import { selectRules } from '../analysis/select.ts';
import type { Host } from '../host/host.ts';
import type { LiveAnalysis } from '../model/check.ts';
import type { Cluster } from '../model/cluster.ts';
import { allRules } from '../rules/index.ts';
import { ALL_MESHES, judge } from './analyze.judge.ts';
import { gatherLive } from './analyze.live.ts';
import { planOf } from './analyze.plan.ts';
import { type Options, textOf } from './define.ts';

export async function liveAnalysis(cluster: Cluster, options: Options, host: Host): Promise<LiveAnalysis> {
  const plan = await planOf([], { allNamespaces: true, mesh: options['mesh'] }, host);
  const rules = await allRules();
  // Where a kind may not be listed in all namespaces, its objects in the namespace that is asked about are read.
  const namespace = textOf(options, 'namespace') ?? plan.namespace;
  const live = await gatherLive({ ...plan, namespace }, selectRules(rules, plan.selection, ALL_MESHES), cluster);
  const { baseline, notChecked } = await judge(rules, plan, live.resources, live, cluster, host);
  return { findings: baseline.fresh, notChecked, gaps: live.gaps };
}

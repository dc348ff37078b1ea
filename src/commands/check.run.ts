/** check: mesh found → checks chosen → facts → results → report. */
import { allChecks } from '../checks/all.ts';
import { factsOf, remembering } from '../checks/facts.ts';
import { type RunProgress, runChecks } from '../checks/runner.ts';
import { checkSelection, checksNamed } from '../checks/select.ts';
import { EXIT, type ExitCode, MeshctlError } from '../errors.ts';
import { meshes } from '../mesh/index.ts';
import type { Check, CheckMode, CheckOutcome, Facts } from '../model/check.ts';
import type { Cluster } from '../model/cluster.ts';
import type { MeshAdapter } from '../model/mesh-adapter.ts';
import { type Kind, shortKind } from '../model/resource.ts';
import { progressOn } from '../terminal/progress.ts';
import { wrap } from '../terminal/wrap.ts';
import { liveAnalysis } from './check.analysis.ts';
import { extensionOutcomes, namesExtension } from './check.extensions.ts';
import { assertNamespace, meshesIn } from './check.meshes.ts';
import { type CheckPlan, checkPlan } from './check.plan.ts';
import { runAndShow } from './check.show.ts';
import type { Context, Run } from './define.ts';

export const run: Run = async (_args, options, context) => {
  const { host } = context;
  const plan = checkPlan(options);
  const isChosen = chosenBy(plan);
  const stop = new AbortController();
  const connected = await context.cluster(options);
  const cluster = remembering(connected, stop.signal);
  const line = await progressOn(host.err, { color: context.color.err, quiet: context.quiet });
  try {
    line.tell(`asking what the cluster of context ${cluster.context} holds`);
    // A cluster that cannot be asked at all is one clear error, and no list of failures.
    await cluster.kinds();
    await assertNamespace(plan.namespace, cluster);
    const { found, unread } = plan.mesh ? { found: [plan.mesh], unread: [] } : await meshesIn(cluster);
    notify(plan, found, unread, context);
    const checks = allChecks(found).filter((check) => belongsTo(check, plan) && isChosen(check));
    const extended = ORDINARY.includes(plan.mode) ? found.flatMap(({ extensions }) => extensions ?? []) : [];
    if (checks.length === 0 && !(extended.length > 0 && plan.only.some((name) => namesExtension(name, extended)))) throw nothingToRun();
    const factsFrom = (source: Cluster): Facts =>
      factsOf(source, {
        ...{ now: host.clock.now(), mode: plan.mode, namespace: plan.namespace, signal: stop.signal },
        meshes: found.map(({ id }) => id),
        reads: [...new Set(checks.flatMap(({ reads = [] }) => reads))].sort(),
        analysis: () => liveAnalysis(source, options, host),
      });
    // What was read to find the meshes serves the first round; each later one reads anew.
    let facts = factsFrom(cluster);
    let rounds = 0;
    const outside = async (): Promise<readonly CheckOutcome[]> =>
      (await Promise.all(extended.map((each) => extensionOutcomes(each, facts, plan, options, host, stop.signal)))).flat();
    const round = (progress: RunProgress): Promise<readonly CheckOutcome[]> => {
      if (rounds++ > 0) facts = factsFrom(remembering(connected, stop.signal));
      return runChecks(checks, facts, { clock: host.clock, signal: stop.signal, progress });
    };
    const report = await runAndShow({ plan, checks, context, signal: stop.signal, line, round, outside });
    const versions = await Promise.all(found.map(async (mesh) => ({ id: mesh.id, version: await versionOf(mesh, facts) })));
    return { text: report.text(versions), exit: exitCode(report.outcomes, plan) };
  } catch (error) {
    stop.abort(error);
    throw error;
  } finally {
    line.stop();
  }
};

/** Names of extensions stand beside those of checks in `--only` and `--skip`, and are not known beforehand. */
function chosenBy({ only, skip }: CheckPlan): (check: Check) => boolean {
  const all = allChecks(meshes);
  const ofChecks = (names: readonly string[]): readonly string[] =>
    names.filter((name) => !namesExtension(name, EXTENDED) || checksNamed(name, all).length > 0);
  const isChosen = checkSelection({ only: ofChecks(only), skip: ofChecks(skip) }, all);
  return only.length > 0 && ofChecks(only).length === 0 ? () => false : isChosen;
}

const EXTENDED = meshes.flatMap(({ extensions }) => extensions ?? []);

const ORDINARY: readonly CheckMode[] = ['running', 'proxy'];

function belongsTo({ modes = ORDINARY }: Check, { mode }: CheckPlan): boolean {
  return modes.includes(mode);
}

/** That there is no mesh is what one hopes for before an installation, and no news then. */
function notify({ mode }: CheckPlan, found: readonly MeshAdapter[], unread: readonly Kind[], { host, quiet }: Context): void {
  if (quiet || found.length > 0 || mode === 'pre') return;
  host.err.write(`${wrap(nothingFound(unread), host.err.columns, '  ')}\n`);
}

function nothingFound(unread: readonly Kind[]): string {
  if (unread.length === 0) return 'No mesh was found in the cluster, so that only Kubernetes itself was checked.';
  const kinds = unread.map(shortKind).join(', ');
  return `No mesh was found, but objects of kind ${kinds}, which show its marks, may not be read. Only Kubernetes itself was checked; --mesh names the mesh.`;
}

function nothingToRun(): MeshctlError {
  return new MeshctlError('E_CHECK', 'None of the checks chosen concerns what was found in the cluster.', {
    hint: 'Choose others, or name the mesh with --mesh to check it all the same.',
  });
}

/** What the answer is called by is no reason to fail it. */
async function versionOf(mesh: MeshAdapter, facts: Facts): Promise<string | undefined> {
  return mesh.version?.(facts).catch(() => undefined);
}

function exitCode(outcomes: readonly CheckOutcome[], { failOn }: CheckPlan): ExitCode {
  const bad = outcomes.some(({ result }) => result.is === 'failed' || (failOn === 'warning' && result.is === 'warning'));
  return bad && failOn !== 'never' ? EXIT.bad : EXIT.fine;
}

/** Brings the releases of a plan into the cluster, one after the other, and tells how it goes. */
import { EXIT } from '../errors.ts';
import { chartVersion, type Release } from '../install/release.ts';
import { type RunOptions, revertRelease, runRelease } from '../install/release-run.ts';
import type { Current } from '../install/releases.ts';
import type { Cluster } from '../model/cluster.ts';
import { friendlyName } from '../model/resource.ts';
import { printableLine } from '../terminal/printable.ts';
import type { Progress } from '../terminal/progress.ts';
import type { Context, Outcome } from './define.ts';
import type { InstallFlags } from './install.flags.ts';
import { type LiveInstall, liveInstall } from './install.live.ts';
import type { InstallableMesh } from './install.mesh.ts';
import type { PlannedInstall } from './install.plan.ts';
import { installDocumentText } from './install.view.ts';

/**
 * @throws MeshctlError of the release that failed; those before it stay as they are, unless all or nothing is wanted: a mesh
 * whose components are of two versions is not what was there before
 */
export async function applyAll(
  cluster: Cluster,
  { releases, report }: PlannedInstall,
  flags: InstallFlags,
  { adapter }: InstallableMesh,
  context: Context,
  { line, signal }: { readonly line: Progress; readonly signal: AbortSignal },
): Promise<Outcome> {
  const { host } = context;
  const live = liveInstall(line, context);
  const needed = new Set(releases.flatMap(({ rendered }) => rendered.component.needs));
  const brought: Brought[] = [];
  for (const { rendered, action, objects, before } of releases) {
    const { component, chart, wanted } = rendered;
    if (action === 'unchanged') continue;
    let done = 0;
    live.tell(`${component.id}: applying ${objects.length} objects`);
    const options: RunOptions = {
      ...{ clock: host.clock, timeoutMs: flags.timeoutMs, atomic: flags.atomic, skipCrds: flags.skipCrds, signal },
      waits: flags.waits || needed.has(component.id),
      progress: {
        applied: (object) => live.tell(`${component.id}: ${++done} applied, the last ${friendlyName(object)}`),
        waiting: (unready) => live.waiting(component.id, unready),
        step: (text) => live.tell(`${component.id}: ${text}`),
      },
    };
    try {
      const release = await runRelease(cluster, wanted, options);
      brought.push({ id: component.id, release, before, options });
    } catch (error) {
      if (signal.aborted) throw error;
      live.failed(`${component.id} ${chart.version}`);
      if (flags.atomic) await revertAll(cluster, brought, live);
      throw error;
    }
    live.done(
      `${component.id} ${chart.version} is ${action === 'install' || action === 'resume' ? 'installed' : 'upgraded'}${flags.waits ? ' and ready' : ''}.`,
    );
  }
  line.stop();
  if (flags.format !== 'text') return { text: installDocumentText({ ...report, applied: true }, flags.format), exit: EXIT.fine };
  const isNothing = releases.every(({ action }) => action === 'unchanged');
  const parts = releases.map(({ rendered: { component, chart } }) => `${component.id} ${chart.version}`).join(', ');
  const said = isNothing
    ? `${adapter.title} is as it should be; nothing was changed: ${parts}.`
    : `${adapter.title} is installed: ${parts}.`;
  return { text: `${printableLine(said)}\n`, exit: EXIT.fine };
}

/** A component that this run has brought where it is. */
interface Brought {
  readonly id: string;
  readonly release: Release;
  readonly before: Current;
  readonly options: RunOptions;
}

async function revertAll(cluster: Cluster, brought: readonly Brought[], live: LiveInstall): Promise<void> {
  for (const { id, release, before, options } of brought.toReversed()) {
    live.tell(`${id}: going back too`);
    await revertRelease(cluster, release, before, options);
    live.done(before.deployed ? `${id} is back at ${chartVersion(before.deployed)}.` : `${id} is removed again.`);
  }
}

/** Brings the releases of a plan into the cluster, one after the other, and tells how it goes. */
import { EXIT } from '../errors.ts';
import { runRelease } from '../install/release-run.ts';
import type { Cluster } from '../model/cluster.ts';
import { friendlyName } from '../model/resource.ts';
import { printableLine } from '../terminal/printable.ts';
import type { Progress } from '../terminal/progress.ts';
import type { Context, Outcome } from './define.ts';
import type { InstallFlags } from './install.flags.ts';
import { liveInstall } from './install.live.ts';
import type { InstallableMesh } from './install.mesh.ts';
import type { PlannedInstall } from './install.plan.ts';
import { installDocumentText } from './install.view.ts';

/** @throws MeshctlError of the release that failed; those before it stay as they are */
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
  for (const { rendered, action, objects } of releases) {
    const { component, chart, wanted } = rendered;
    if (action === 'unchanged') continue;
    let done = 0;
    live.tell(`${component.id}: applying ${objects.length} objects`);
    try {
      await runRelease(cluster, wanted, {
        ...{ clock: host.clock, timeoutMs: flags.timeoutMs, atomic: flags.atomic, skipCrds: flags.skipCrds, signal },
        waits: flags.waits || needed.has(component.id),
        progress: {
          applied: (object) => live.tell(`${component.id}: ${++done} applied, the last ${friendlyName(object)}`),
          waiting: (unready) => live.waiting(component.id, unready),
          step: (text) => live.tell(`${component.id}: ${text}`),
        },
      });
    } catch (error) {
      if (!signal.aborted) live.failed(`${component.id} ${chart.version}`);
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

/** uninstall: releases of the mesh → what they hold → asked → removed → what is left. */
import { EXIT, MeshctlError } from '../errors.ts';
import { leftOvers } from '../install/left-overs.ts';
import { isTakenOver } from '../install/owners.ts';
import type { Release } from '../install/release.ts';
import { scopes } from '../install/scopes.ts';
import { type Inventory, inventory, removeRelease } from '../install/uninstall.ts';
import type { Cluster } from '../model/cluster.ts';
import type { InstallReport } from '../model/install-report.ts';
import { inParallel } from '../model/parallel.ts';
import { friendlyName } from '../model/resource.ts';
import { progressOn } from '../terminal/progress.ts';
import { type Run, textOf } from './define.ts';
import { assertCanAsk, confirmed } from './install.confirm.ts';
import { timeoutOf } from './install.flags.ts';
import { liveInstall } from './install.live.ts';
import { installable, meshNamed } from './install.mesh.ts';
import { installDocumentText, planText } from './install.view.ts';
import { releasesOf } from './uninstall.releases.ts';
import { reference, reportOf } from './uninstall.report.ts';

export const run: Run = async (args, options, context) => {
  const { host, color } = context;
  const isDry = options['dryRun'] === true;
  const isAgreed = options['yes'] === true;
  const mesh = meshNamed(args, options) ?? unnamed();
  if (!isDry) assertCanAsk(isAgreed, context);
  const signal = host.ending();
  const timeoutMs = timeoutOf(textOf(options, 'timeout'));
  const format = textOf(options, 'output') ?? 'text';
  const cluster = await context.cluster(options);
  const line = await progressOn(host.err, { color: color.err, quiet: context.quiet });
  try {
    line.tell('looking for releases');
    const { chosen: found, others } = await releasesOf(mesh, cluster, options, signal);
    const scopeOf = await scopes(cluster, signal);
    const going = await inParallel(found, 1, async (release) => ({
      release,
      holds: await present(release, inventory(release, scopeOf), cluster, signal),
    }));
    const namespaces =
      options['namespaces'] === true
        ? await emptied(
            going.map(({ release }) => release),
            cluster,
            signal,
          )
        : [];
    const report = reportOf(mesh, cluster, going, { removesCrds: options['crds'] === true, namespaces });
    line.stop();
    const look = { color: color.out, width: host.out.columns, verbose: context.verbose };
    const shown = (of: InstallReport): string => (format === 'text' ? planText(of, look) : installDocumentText(of, format));
    if (isDry) return { text: shown(report), exit: EXIT.fine };
    if (!context.quiet) host.err.write(planText(report, { ...look, color: color.err, width: host.err.columns }));
    if (!(await confirmed(`Remove this from the cluster of context "${cluster.context}"?`, isAgreed, context, signal))) {
      host.err.write('Nothing was changed.\n');
      return { text: '', exit: EXIT.bad };
    }
    const live = liveInstall(line, context);
    for (const { release } of going) {
      live.tell(`removing ${release.namespace}/${release.name}`);
      await removeRelease(cluster, release, {
        ...{ clock: host.clock, timeoutMs, removesCrds: options['crds'] === true, signal },
        progress: {
          applied: (object) => live.tell(`${release.name}: removed ${friendlyName(object)}`),
          waiting: (unready) => live.waiting(release.name, unready),
          step: (text) => live.tell(`${release.name}: ${text}`),
        },
      });
      live.done(`${release.namespace}/${release.name} is removed.`);
    }
    for (const name of namespaces) await cluster.delete({ kind: 'core/Namespace', namespace: '', name }, { signal });
    line.tell('looking for what is left');
    // What other releases of the mesh go on with is not left over.
    const signs = others.length > 0 ? [] : (mesh.install.leftOvers ?? []);
    const left = (await leftOvers(cluster, signs, signal)).filter(
      // What is in them goes with them, which takes a while.
      ({ resource }) => !namespaces.includes(resource.kind === 'core/Namespace' ? resource.name : resource.namespace),
    );
    line.stop();
    const after: InstallReport = {
      ...report,
      applied: true,
      leftOver: left.map(({ resource, reason }) => ({ resource: reference(resource), reason })),
    };
    if (format !== 'text') return { text: installDocumentText(after, format), exit: EXIT.fine };
    const lines = after.leftOver.map(
      ({ resource, reason }) => `  ${resource.kind} ${resource.namespace ? `${resource.namespace}/` : ''}${resource.name}: ${reason}`,
    );
    const rest = lines.length === 0 ? 'Nothing of it is left.' : `Left over:\n${lines.join('\n')}`;
    if (others.length > 0) {
      const there = others.map(({ namespace, name }) => `${namespace}/${name}`).join(', ');
      return {
        text: `${found.map(({ name }) => name).join(', ')} of ${mesh.adapter.title} removed; still there: ${there}.\n`,
        exit: EXIT.fine,
      };
    }
    return { text: `${mesh.adapter.title} is removed. ${rest}\n`, exit: EXIT.fine };
  } catch (error) {
    if (!signal.aborted) throw error;
    line.stop();
    host.err.write('Interrupted. Run the same command again: it removes what is still there.\n');
    return { text: '', exit: EXIT.interrupted };
  } finally {
    line.stop();
  }
};

function unnamed(): never {
  const names = installable.map(({ adapter }) => adapter.id);
  throw new MeshctlError('E_USAGE', 'No mesh is named to uninstall.', {
    hint: `Write "meshctl uninstall MESH" with one of ${names.join(', ')}.`,
  });
}

const AT_ONCE = 8;

/** What of it is still there, and still its own. */
async function present({ name, namespace }: Release, holds: Inventory, cluster: Cluster, signal: AbortSignal): Promise<Inventory> {
  const there = async (objects: Inventory['objects']): Promise<Inventory['objects']> => {
    const found = await inParallel(objects, AT_ONCE, async (object) => {
      const live = await cluster.get(object, signal);
      return live && !isTakenOver(live, { release: name, namespace }) ? [object] : [];
    });
    return found.flat();
  };
  return { objects: await there(holds.objects), kept: await there(holds.kept), crds: await there(holds.crds) };
}

/** Namespaces of the releases, unless they are those that every cluster has. */
async function emptied(releases: readonly Release[], cluster: Cluster, signal: AbortSignal): Promise<readonly string[]> {
  const names = [...new Set(releases.map(({ namespace }) => namespace))].filter((name) => !/^(?:default|kube-.*)$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => ((await cluster.get({ kind: 'core/Namespace', namespace: '', name }, signal)) ? [name] : [])),
  );
  return found.flat();
}

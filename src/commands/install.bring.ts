/** install and upgrade: request → charts → releases as they are to be → plan → apply → wait → report. */
import { EXIT, MeshctlError } from '../errors.ts';
import { chartVersion } from '../install/release.ts';
import type { Current } from '../install/releases.ts';
import { current } from '../install/releases.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Component, MeshPlan, Values } from '../model/install.ts';
import { inParallel } from '../model/parallel.ts';
import { mergeMaps } from '../template/chart/values.ts';
import { fromValues, toValues } from '../template/set/values.ts';
import { progressOn } from '../terminal/progress.ts';
import { count } from '../text/words.ts';
import { writeYaml } from '../text/yaml-write.ts';
import { componentValuesDocument, componentValuesText } from './component-values.view.ts';
import type { Context, Options, Outcome } from './define.ts';
import { applyAll } from './install.apply.ts';
import { chartsFor } from './install.assignments.ts';
import { chartsOf } from './install.charts.ts';
import { assertCanAsk, confirmed } from './install.confirm.ts';
import { type InstallFlags, installFlags } from './install.flags.ts';
import { manifestsText } from './install.manifests.ts';
import { type InstallableMesh, installable, meshNamed } from './install.mesh.ts';
import { assertNoConflicts, planReleases } from './install.plan.ts';
import { capabilitiesOf, offlineCapabilities, type RenderedComponent, renderComponent } from './install.render.ts';
import { type UserRequest, userRequest } from './install.request.ts';
import { installDocumentText, planText } from './install.view.ts';
import { assertNoDowngrade } from './upgrade.versions.ts';

export type Bringing = 'install' | 'upgrade';

export async function bring(command: Bringing, args: readonly string[], options: Options, context: Context): Promise<Outcome> {
  const { host, color } = context;
  const flags = installFlags(options);
  const mesh = meshNamed(args, options) ?? unnamed(command);
  if (flags.mode === 'apply') assertCanAsk(flags.isAgreed, context);
  const signal = host.ending();
  const user = await userRequest(mesh.install, flags, options, host);
  const local = chartsFor(flags.charts, [...mesh.install.components.map(({ id }) => id), ...Object.keys(user.copies ?? {})]);
  if (flags.mode === 'values') return valuesOnly(mesh, user, flags, context);
  const live = await clusterFor(flags, options, context);
  const line = await progressOn(host.err, { color: color.err, quiet: context.quiet });
  try {
    const { plan, releases } = await planFor(command, mesh, user, flags, { live, now: host.clock.now(), signal });
    line.tell(`reading ${count(plan.components.length, 'chart')}`);
    const found = await chartsOf(plan.components, local, flags, host, signal);
    const steps = found.flatMap(({ component, chart }) => {
      const deployed = releases.get(component.id)?.deployed;
      return deployed ? [{ component: component.id, from: chartVersion(deployed), to: chart.version }] : [];
    });
    assertNoDowngrade(steps, flags.force);
    line.tell('rendering');
    let cluster = live ? await capabilitiesOf(live, signal) : offlineCapabilities(flags.kubeVersion);
    const rendered: RenderedComponent[] = [];
    for (const { component, chart } of found) {
      const { all = [], deployed } = releases.get(component.id) ?? {};
      const one = await renderComponent(
        component,
        chart,
        { revision: (all[0]?.revision ?? 0) + 1, isUpgrade: deployed !== undefined },
        { cluster, live, signal },
      );
      cluster = { ...cluster, apiVersions: [...cluster.apiVersions, ...one.defines] };
      rendered.push(one);
    }
    const notices = [...user.notices, ...plan.notices];
    if (flags.mode === 'manifests' || !live) {
      line.stop();
      return { text: manifestsText(rendered, notices, context), exit: EXIT.fine };
    }
    line.tell('asking the cluster what would change');
    const about = { command, mesh: mesh.adapter.id, profile: user.profile, context: live.context, notices };
    const planned = await planReleases(live, rendered, releases, { ...flags, about, signal });
    line.stop();
    const look = { color: color.out, width: host.out.columns, verbose: context.verbose };
    const isText = flags.format === 'text';
    if (flags.mode === 'plan') {
      return { text: isText ? planText(planned.report, look) : installDocumentText(planned.report, flags.format), exit: EXIT.fine };
    }
    assertNoConflicts(planned, flags.takeOwnership);
    const isNothing = planned.releases.every(({ action }) => action === 'unchanged');
    if (!context.quiet && !isNothing) host.err.write(planText(planned.report, { ...look, color: color.err, width: host.err.columns }));
    if (!isNothing && !(await confirmed(`Apply this to the cluster of context "${live.context}"?`, flags.isAgreed, context, signal))) {
      host.err.write('Nothing was changed.\n');
      return { text: '', exit: EXIT.bad };
    }
    return await applyAll(live, planned, flags, mesh, context, { line, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    line.stop();
    host.err.write('Interrupted. Run the same command again: it goes on where this one stopped.\n');
    return { text: '', exit: EXIT.interrupted };
  } finally {
    line.stop();
  }
}

function unnamed(command: Bringing): never {
  const names = installable.map(({ adapter }) => adapter.id);
  throw new MeshctlError('E_USAGE', `No mesh is named to ${command}.`, {
    hint: `Write "meshctl ${command} MESH" with one of ${names.join(', ')}.`,
  });
}

async function valuesOnly(
  { install }: InstallableMesh,
  user: UserRequest,
  { format }: InstallFlags,
  { host, color }: Context,
): Promise<Outcome> {
  const { components } = await install.plan({ ...user, before: {}, now: new Date(host.clock.now()), complete: false });
  if (format === 'text') return { text: componentValuesText(components, { color: color.out, width: host.out.columns }), exit: EXIT.fine };
  const document = { apiVersion: 'meshctl.dev/v1', kind: 'InstallValues', components: componentValuesDocument(components) };
  return { text: format === 'yaml' ? writeYaml(document) : `${JSON.stringify(document, undefined, 2)}\n`, exit: EXIT.fine };
}

/** Manifests are rendered without a cluster where there is none, and where the version of Kubernetes is given. */
async function clusterFor({ mode, kubeVersion }: InstallFlags, options: Options, context: Context): Promise<Cluster | undefined> {
  if (mode === 'manifests' && kubeVersion !== undefined) return undefined;
  try {
    return await context.cluster(options);
  } catch (error) {
    if (mode === 'manifests' && error instanceof MeshctlError && error.code === 'E_KUBECONFIG_MISSING') return undefined;
    throw error;
  }
}

interface Around {
  readonly live: Cluster | undefined;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** What is there already, by component, and the plan that takes it into account. */
async function planFor(
  command: Bringing,
  { install, adapter }: InstallableMesh,
  user: UserRequest,
  flags: InstallFlags,
  { live, now, signal }: Around,
): Promise<{ readonly plan: MeshPlan; readonly releases: ReadonlyMap<string, Current> }> {
  const date = new Date(now);
  const named = await install.plan({ ...user, before: {}, now: date, complete: false });
  const releases = await currentOf(named.components, live, signal);
  const there = named.components.filter(({ id }) => releases.get(id)?.newest !== undefined).map(({ id }) => id);
  if (command === 'upgrade' && there.length === 0) {
    throw new MeshctlError('E_NOT_INSTALLED', `There is no release of ${adapter.title} to upgrade, neither by meshctl nor by helm.`, {
      hint: `Install it with "meshctl install ${adapter.id}"; releases of another namespace are found with -n.`,
    });
  }
  const isCanary = flags.revision !== undefined;
  const absent =
    command === 'upgrade' && !isCanary ? named.components.filter(({ id }) => !there.includes(id) && !flags.with.includes(id)) : [];
  const before = Object.fromEntries(
    there.map((id): [string, Values] => [id, (releases.get(id)?.deployed ?? releases.get(id)?.newest)?.values ?? {}]),
  );
  const keeps = command === 'upgrade' && !flags.resetValues;
  const request = {
    ...user,
    ...{ before, now: date, renew: flags.renew },
    without: [...user.without, ...absent.map(({ id }) => id)],
    values: keeps ? overBefore(user.values, before) : user.values,
  };
  return { plan: await install.plan(request), releases };
}

async function currentOf(
  components: readonly Component[],
  live: Cluster | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Current>> {
  if (!live) return new Map();
  const found = await inParallel(
    components,
    4,
    async ({ id, namespace, release }) => [id, await current(live, namespace, release, signal)] as const,
  );
  return new Map(found);
}

/** The user's values over those that a release was given before. */
function overBefore({ all, of }: UserRequest['values'], before: Readonly<Record<string, Values>>): UserRequest['values'] {
  const ids = new Set([...Object.keys(before), ...Object.keys(of)]);
  const merged = [...ids].map((id): [string, Values] => {
    const old = mergeMaps(fromValues(before[id] ?? {}), fromValues(all));
    return [id, toValues(mergeMaps(old, fromValues(of[id] ?? {})))];
  });
  return { all, of: Object.fromEntries(merged) };
}

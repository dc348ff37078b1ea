/** What all releases of a mesh would change together. */
import { EXIT, MeshctlError } from '../errors.ts';
import { definitionsIn, desiredObjects, type ScopeOf } from '../install/desired.ts';
import { type PlannedObject, planObjects } from '../install/plan.ts';
import { chartVersion, isPending } from '../install/release.ts';
import type { Current } from '../install/releases.ts';
import { scopes } from '../install/scopes.ts';
import type { Cluster } from '../model/cluster.ts';
import type { InstallReport, ReportedComponent, ReportedObject } from '../model/install-report.ts';
import type { RenderedComponent } from './install.render.ts';

interface PlannedRelease {
  readonly rendered: RenderedComponent;
  readonly before: Current;
  readonly action: ReportedComponent['action'];
  readonly objects: readonly PlannedObject[];
}

export interface PlannedInstall {
  readonly releases: readonly PlannedRelease[];
  readonly report: InstallReport;
}

export interface Planning {
  readonly skipCrds: boolean;
  readonly takeOwnership: boolean;
  readonly about: Pick<InstallReport, 'command' | 'mesh' | 'profile' | 'context' | 'notices'>;
  readonly signal: AbortSignal;
}

const NOTHING: Current = { newest: undefined, deployed: undefined, all: [] };

/** @throws MeshctlError E_OWNED for what belongs to somebody else, and of the cluster */
export async function planReleases(
  cluster: Cluster,
  rendered: readonly RenderedComponent[],
  known: ReadonlyMap<string, Current>,
  { skipCrds, takeOwnership, about, signal }: Planning,
): Promise<PlannedInstall> {
  const scopeOf = await scopesWith(rendered, cluster, signal);
  const releases: PlannedRelease[] = [];
  const made = new Set<string>();
  for (const one of rendered) {
    const { wanted, component } = one;
    const before = known.get(component.id) ?? NOTHING;
    const belonging = { release: wanted.name, namespace: wanted.namespace };
    const definitions = skipCrds ? [] : definitionsIn(wanted.crds, belonging, scopeOf);
    const common = { belonging, before: [], takeOwnership: true, signal };
    const ofFolder = await planObjects(cluster, { ...common, desired: definitions });
    const own = await planObjects(cluster, {
      ...{ belonging, takeOwnership, signal },
      desired: desiredObjects(wanted.manifest, belonging, scopeOf),
      before: before.deployed ? desiredObjects(before.deployed.manifest, belonging, scopeOf) : [],
    });
    const objects = [...(await missingNamespace(one, made, cluster, signal)), ...ofFolder, ...own];
    releases.push({ rendered: one, before, objects, action: actionOf(one, before, objects) });
  }
  return { releases, report: reportOf(releases, about) };
}

/** A namespace that is not there is made with the first release that goes into it. */
async function missingNamespace(
  { wanted }: RenderedComponent,
  made: Set<string>,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly PlannedObject[]> {
  const { namespace: name, namespaceLabels = {} } = wanted;
  const ref = { kind: 'core/Namespace', namespace: '', name } as const;
  if (made.has(name) || (await cluster.get(ref, signal))) return [];
  made.add(name);
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: namespaceLabels } };
  return [{ action: 'create', object: { ...ref, apiVersion: 'v1', body, isKept: true } }];
}

function actionOf(
  { chart }: RenderedComponent,
  { newest, deployed }: Current,
  objects: readonly PlannedObject[],
): ReportedComponent['action'] {
  if (newest && isPending(newest)) return 'resume';
  if (!deployed) return 'install';
  const isSame = newest === deployed && objects.every(({ action }) => action === 'unchanged') && chartVersion(deployed) === chart.version;
  return isSame ? 'unchanged' : 'upgrade';
}

/** What is served now, and what one of the releases defines. */
async function scopesWith(rendered: readonly RenderedComponent[], cluster: Cluster, signal: AbortSignal): Promise<ScopeOf> {
  const served = await scopes(cluster, signal);
  const defined = new Map(
    rendered.flatMap(({ wanted }) =>
      desiredObjects(`${wanted.crds}${wanted.manifest}`, { release: wanted.name, namespace: wanted.namespace }, served).flatMap(
        ({ body }) => {
          const spec =
            body['kind'] === 'CustomResourceDefinition'
              ? (body['spec'] as { group?: string; scope?: string; names?: { kind?: string } })
              : undefined;
          return spec ? [[`${spec.group}/${spec.names?.kind}`, spec.scope !== 'Cluster'] as const] : [];
        },
      ),
    ),
  );
  return (kind) => defined.get(kind) ?? served(kind);
}

function reportOf(releases: readonly PlannedRelease[], about: Planning['about']): InstallReport {
  return {
    ...about,
    applied: false,
    components: releases.map(({ rendered: { component, chart }, before, action }) => ({
      ...{
        name: component.id,
        chart: chart.name,
        version: chart.version,
        release: component.release,
        namespace: component.namespace,
        action,
      },
      from: before.deployed && chartVersion(before.deployed),
    })),
    objects: releases.flatMap(({ rendered, objects }) => objects.map((planned) => reported(rendered.component.id, planned))),
    leftOver: [],
  };
}

const reported = (component: string, { action, object, diff }: PlannedObject): ReportedObject => ({
  ...{ action, component },
  resource: {
    apiVersion: object.apiVersion,
    kind: String(object.body['kind']),
    namespace: object.namespace === '' ? undefined : object.namespace,
    name: object.name,
  },
  // Of what is new everything would be a difference.
  diff: action === 'update' ? diff : undefined,
});

/** @throws MeshctlError E_CONFLICT when fields would change that others have set */
export function assertNoConflicts({ releases }: PlannedInstall, takeOwnership: boolean): void {
  const conflicts = releases.flatMap(({ objects }) => objects.flatMap(({ conflict }) => conflict ?? []));
  const [first] = conflicts;
  if (takeOwnership || first === undefined) return;
  const more = conflicts.length > 1 ? ` ${conflicts.length - 1} more objects are in the same situation.` : '';
  throw new MeshctlError('E_CONFLICT', `${first}${more}`, {
    hint: 'Set the same values, leave them out of the chart\'s values, or take the fields over with --take-ownership; "--plan" shows the differences.',
    exit: EXIT.bad,
  });
}

/** Resources → what is wrong with them: the part of an analysis that is the same for every command that runs one. */
import { applyBaseline, type BaselineResult, NO_BASELINE, readBaseline } from '../analysis/baseline.ts';
import { type EngineResult, runRules, type SelectedRule } from '../analysis/engine.ts';
import { overriding } from '../analysis/overrides.ts';
import { selectRules } from '../analysis/select.ts';
import { type SuppressResult, suppress } from '../analysis/suppress.ts';
import type { LiveGathered } from '../gather/cluster.ts';
import type { Host } from '../host/host.ts';
import { analyzedMeshes } from '../mesh/analyzed.ts';
import { SYSTEM_NAMESPACES } from '../mesh/istio/injection.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Finding } from '../model/finding.ts';
import type { Resource } from '../model/resource.ts';
import { type ResourceSet, resourceSet } from '../model/resource-set.ts';
import type { MeshId, Rule } from '../model/rule.ts';
import type { Violation } from '../model/violation.ts';
import { inspect } from '../structure/inspect.ts';
import { nearest } from '../text/nearest.ts';
import { count, quotedList } from '../text/words.ts';
import type { AnalyzePlan } from './analyze.plan.ts';
import { readInput } from './files.ts';

export const ALL_MESHES: ReadonlySet<MeshId> = new Set(analyzedMeshes.map((mesh) => mesh.id));

/** Families that report what the definitions of kinds forbid, or leave it to those. */
const STRUCTURE: ReadonlySet<string> = new Set(['istio-validation', 'structure']);

export interface Judgement extends SuppressResult, Pick<EngineResult, 'notChecked'> {
  readonly selected: readonly SelectedRule[];
  /** The meshes that the resources show signs of. */
  readonly detected: readonly MeshId[];
  readonly baseline: BaselineResult;
}

/** @param given all resources, of files and of the cluster */
export async function judge(
  rules: readonly Rule[],
  plan: AnalyzePlan,
  given: readonly Resource[],
  live: LiveGathered | undefined,
  cluster: Cluster | undefined,
  host: Host,
): Promise<Judgement> {
  const isAsked = selectRules(rules, plan.selection, ALL_MESHES).some(({ rule: { meta } }) =>
    STRUCTURE.has(meta.id.slice(0, meta.id.indexOf('/'))),
  );
  const { set, inUse, detected } = resourcesOf(given, live, plan, host.clock.now(), isAsked ? await inspect(given) : []);
  const { selected: all, apply } = overriding(rules, plan.selection, inUse, plan.overrides, plan.pathOf);
  const selected = detected.length > 0 || plan.selection.only.length > 0 ? all : all.filter(concernsAnyone);
  const { findings: found, notChecked } = runRules(selected, set, reportedOn(plan, cluster));
  const findings = found.flatMap(apply);
  const undecided = new Set(notChecked.map((entry) => entry.rule));
  const judged = new Set(selected.map(({ rule }) => rule.meta.id).filter((id) => !undecided.has(id)));
  const silenced = suppress(findings.filter(concernsFiles(plan)), given, plan.suppressions, rules, judged);
  const hint = 'Write it with --write-baseline first.';
  const known = plan.baseline === undefined ? NO_BASELINE : readBaseline(await readInput(plan.baseline, host, hint), plan.baseline);
  return { ...silenced, selected, detected, notChecked, baseline: applyBaseline(silenced.kept, known, (rule) => judged.has(rule)) };
}

/** Kinds that clusters without a mesh have: those of Kubernetes, of Gateway API, and workloads of others. */
const OF_NO_MESH = /^(?:[a-z]+|[a-z.-]+\.k8s\.io|argoproj\.io)\//;

/**
 * Where nothing shows a mesh, its customs are nobody's, such as names for ports, and its needs of
 * objects that are not its own, such as a user id or a version of Gateway API.
 */
function concernsAnyone({ rule: { meta }, severity }: SelectedRule): boolean {
  if (meta.meshes === undefined || severity === 'error') return true;
  return severity === 'warning' && meta.inputs.some((kind) => !OF_NO_MESH.test(kind));
}

export interface OfRevision {
  readonly resources: readonly Resource[];
  /** What there is to say of the choice. */
  readonly notices: readonly string[];
}

/** What the control planes of the revision that is asked for read; everything when none is. */
export function ofRevision(given: readonly Resource[], { settings }: AnalyzePlan): OfRevision {
  const { revision } = settings;
  if (revision === undefined) return { resources: given, notices: [] };
  const set = resourceSet(given, { settings });
  const filters = analyzedMeshes.flatMap((mesh) => mesh.revisions?.of(revision, set) ?? []);
  const resources = given.filter((resource) => filters.every((reads) => reads(resource)));
  const known = [...new Set(analyzedMeshes.flatMap((mesh) => mesh.revisions?.known(set) ?? []))].sort();
  const left = given.length - resources.length;
  const close = nearest(revision, known);
  return {
    resources,
    notices: [
      ...(known.length === 0 || known.includes(revision)
        ? []
        : [`There is no revision "${revision}", only ${quotedList(known, 5)}.${close ? ` Did you mean "${close}"?` : ''}`]),
      ...(left === 0 ? [] : [`Left out ${count(left, 'object')} labelled for other revisions than "${revision}".`]),
    ],
  };
}

/** The set that rules read, and the meshes it is about: those it shows signs of, or any when it shows none. */
export function resourcesOf(
  given: readonly Resource[],
  live: LiveGathered | undefined,
  plan: AnalyzePlan,
  now: number,
  violations: readonly Violation[] = [],
): { readonly set: ResourceSet; readonly inUse: ReadonlySet<MeshId>; readonly detected: readonly MeshId[] } {
  const { mesh } = plan.selection;
  const complete = plan.complete || live?.unread.size === 0;
  const options = { complete, unread: live?.unread, partlyRead: live?.partlyRead, violations, settings: { ...plan.settings, now } };
  const plain = resourceSet(given, options);
  const detected = analyzedMeshes.filter((adapter) => (mesh ? adapter.id === mesh : adapter.detect(plain)));
  const candidates = detected.length > 0 ? detected : analyzedMeshes;
  // Of a cluster nothing need be assumed.
  const assumed = live ? [] : candidates.flatMap((adapter) => adapter.assumed?.(plain) ?? []);
  const set = assumed.length === 0 ? plain : resourceSet([...assumed, ...given], options);
  return { set, inUse: new Set(candidates.map((adapter) => adapter.id)), detected: detected.map((adapter) => adapter.id) };
}

/** Findings about Kubernetes' own namespaces are nobody's mesh configuration, unless asked for. */
function reportedOn(plan: AnalyzePlan, cluster: Cluster | undefined): (resource: Resource) => boolean {
  const namespace = plan.namespace ?? (plan.allNamespaces || plan.inputs.length > 0 ? undefined : cluster?.namespace);
  if (namespace === undefined) return (resource) => !SYSTEM_NAMESPACES.has(resource.namespace);
  return (resource) => resource.namespace === namespace || (resource.kind === 'core/Namespace' && resource.name === namespace);
}

/** Files over a cluster: what was wrong there before, and has nothing to do with them, is left out. */
function concernsFiles(plan: AnalyzePlan): (finding: Finding) => boolean {
  if (!plan.live || plan.inputs.length === 0 || plan.allNamespaces || plan.namespace !== undefined) return () => true;
  return ({ resource, related }) => [resource, ...related].some(({ origin }) => origin !== undefined);
}

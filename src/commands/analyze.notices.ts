/** What an analysis has to say besides its answer: skipped input, suppressions and baseline entries without use. */
import type { BaselineEntry } from '../analysis/baseline.ts';
import type { SuppressResult } from '../analysis/suppress.ts';
import type { Gathered } from '../gather/gather.ts';
import type { AnalyzedCluster } from '../model/finding.ts';
import { friendlyName, type Resource } from '../model/resource.ts';
import type { MeshId } from '../model/rule.ts';
import { printableLine } from '../terminal/printable.ts';
import { wrap } from '../terminal/wrap.ts';
import { nearest } from '../text/nearest.ts';
import { count } from '../text/words.ts';
import type { AnalyzePlan } from './analyze.plan.ts';
import type { Context } from './define.ts';

export interface Observed {
  readonly gathered: Gathered;
  readonly plan: AnalyzePlan;
  readonly unused: SuppressResult['unused'];
  readonly unknown: SuppressResult['unknown'];
  readonly stale: readonly BaselineEntry[];
  /** What the choice of a revision left out. */
  readonly ofTheRevision: readonly string[];
  readonly rulesRun: number;
  /** Meshes that the run is about, and for which there are no rules. */
  readonly withoutRules: readonly MeshId[];
  /** What was read from a cluster; undefined for files alone. */
  readonly live?: LiveRead | undefined;
}

interface LiveRead {
  readonly context: string;
  readonly namespace: string;
  readonly gaps: readonly string[];
  readonly clusters: readonly AnalyzedCluster[];
}

/** More than this many of a kind are counted, not listed, unless the user asks with -v. */
const LISTED = 3;

/** @returns lines for standard error; empty when there is nothing to say */
export function analysisNotices(
  { gathered, plan, unused, unknown, stale, rulesRun, withoutRules, ofTheRevision, live }: Observed,
  { quiet, verbose, host }: Context,
): string {
  if (quiet) return '';
  const lines = [
    ...limited(
      gathered.notices.map(({ source, reason }) => `Skipped: ${source} ${reason}.`),
      'skipped inputs',
      verbose,
    ),
    ...limited(definedTwice(gathered.resources), 'objects defined twice', verbose),
    ...ofTheRevision,
    ...nothingGiven(gathered),
    ...nothingAsked(gathered.resources, plan.namespace),
    ...withoutRules.map(
      (mesh) => `There are no rules for the mesh "${mesh}" in particular yet: only whether its objects fit their definitions was judged.`,
    ),
    ...unused.map((by) => `The suppression by ${by} is of no use, as no finding needs it; remove it.`),
    ...plan.ended.map(
      ({ by, ended }) => `The suppression by ${by} ended on ${ended}, so that what it covered is reported again; remove it.`,
    ),
    ...unknown.map(({ by, name }) => `The ${by} names "${name}", which is no rule; "meshctl analyze --list-rules" lists all rules.`),
    ...limited(
      stale.map(
        ({ rule, resource, field }) =>
          `The baseline entry for ${rule} of ${resource}${field ? ` at ${field}` : ''} is of no use, as no finding needs it; ${plan.pruneBaseline ? 'it was taken out' : '--prune-baseline takes it out'}.`,
      ),
      'baseline entries that no finding needs',
      verbose,
    ),
  ];
  if (live) lines.push(...limited(live.gaps, 'kinds that could not be read', verbose), ...clustersOf(live), ...scopeOf(plan, live));
  if (verbose) {
    lines.push(
      `Read ${count(gathered.resources.length, 'resource')} from ${sourcesOf(gathered.files, live?.context)} and ran ${count(rulesRun, 'rule')}.`,
    );
    if (plan.configFile !== undefined) lines.push(`Configuration: ${plan.configFile}.`);
  }
  return lines.map((line) => `${wrap(printableLine(line), host.err.columns, '  ')}\n`).join('');
}

/** A clean report about nothing would pass for good news. */
function nothingGiven({ files, resources, notices, errors }: Gathered): readonly string[] {
  if (resources.length > 0 || notices.length > 0 || errors.length > 0) return [];
  return [files === 0 ? 'No .yaml, .yml or .json file was found in the input.' : 'The input holds no Kubernetes object.'];
}

function nothingAsked(resources: readonly Resource[], namespace: string | undefined): readonly string[] {
  if (namespace === undefined || resources.length === 0) return [];
  const known = new Set(resources.map((resource) => (resource.kind === 'core/Namespace' ? resource.name : resource.namespace)));
  if (known.has(namespace)) return [];
  const close = nearest(namespace, known);
  return [`The input holds nothing in namespace "${namespace}".${close ? ` Did you mean "${close}"?` : ''}`];
}

function sourcesOf(files: number, context: string | undefined): string {
  if (context === undefined) return count(files, 'file');
  return files === 0 ? `context "${context}"` : `context "${context}" and ${count(files, 'file')}`;
}

/** Which context the names in findings mean. */
function clustersOf({ clusters }: LiveRead): readonly string[] {
  const [primary, ...remotes] = clusters;
  if (!primary || remotes.length === 0) return [];
  const named = remotes.flatMap(({ name, context }) =>
    name === undefined || name === context ? [] : [`"${name}" is context "${context}"`],
  );
  return [
    `The primary cluster is ${primary.name ? `"${primary.name}", ` : ''}context "${primary.context}"${named.length > 0 ? '; cluster ' : ''}${named.join(', ')}.`,
  ];
}

/** A report that leaves most of a cluster out should say so. */
function scopeOf(plan: AnalyzePlan, { context, namespace }: LiveRead): readonly string[] {
  if (plan.namespace !== undefined || plan.allNamespaces) return [];
  if (plan.inputs.length > 0) return [`Reported on the objects of the files only, judged with context "${context}"; -A reports on all.`];
  return [`Reported on namespace "${namespace}" of context "${context}" only; -A reports on all namespaces.`];
}

export function limited(lines: readonly string[], what: string, verbose: boolean): readonly string[] {
  if (verbose || lines.length <= LISTED) return lines;
  return [...lines.slice(0, LISTED), `And ${lines.length - LISTED} more ${what}; -v lists them.`];
}

function definedTwice(resources: readonly Resource[]): readonly string[] {
  const seen = new Map<string, Resource>();
  return resources.flatMap((resource) => {
    // Nothing stands twice in a cluster, and files laid over it are meant to replace.
    if (!resource.origin) return [];
    const key = `${resource.cluster ?? ''} ${resource.kind} ${resource.namespace} ${resource.name}`;
    const earlier = seen.get(key);
    seen.set(key, resource);
    if (!earlier) return [];
    return [`${friendlyName(resource)} is defined twice: at ${placeOf(earlier)} and ${placeOf(resource)}. The later one counts.`];
  });
}

function placeOf({ origin }: Resource): string {
  return `${origin?.source}:${origin?.line}`;
}

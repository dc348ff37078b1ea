/** What an analysis has to say besides its answer: skipped input, suppressions and baseline entries without use. */
import type { BaselineEntry } from '../analysis/baseline.ts';
import type { Gathered } from '../gather/gather.ts';
import { friendlyName, type Resource } from '../model/resource.ts';
import { count } from '../text/words.ts';
import type { AnalyzePlan } from './analyze.plan.ts';
import type { Context } from './define.ts';

export interface Observed {
  readonly gathered: Gathered;
  readonly plan: AnalyzePlan;
  readonly unused: readonly string[];
  readonly stale: readonly BaselineEntry[];
  readonly rulesRun: number;
  /** What was read from a cluster; undefined for files alone. */
  readonly live?: { readonly context: string; readonly namespace: string; readonly gaps: readonly string[] } | undefined;
}

/** More than this many of a kind are counted, not listed, unless the user asks with -v. */
const LISTED = 3;

/** @returns lines for standard error; empty when there is nothing to say */
export function analysisNotices({ gathered, plan, unused, stale, rulesRun, live }: Observed, { quiet, verbose }: Context): string {
  if (quiet) return '';
  const lines = [
    ...limited(
      gathered.notices.map(({ source, reason }) => `Skipped: ${source} ${reason}.`),
      'skipped inputs',
      verbose,
    ),
    ...limited(definedTwice(gathered.resources), 'objects defined twice', verbose),
    ...unused.map((by) => `Suppression without use: ${by}. No finding needed it; remove it.`),
    ...stale.map(
      ({ rule, resource, field }) =>
        `Baseline entry without use: ${rule} of ${resource}${field ? ` at ${field}` : ''}. Write the baseline anew.`,
    ),
  ];
  if (live) lines.push(...limited(live.gaps, 'kinds that could not be read', verbose), ...scopeOf(plan, live));
  if (gathered.files === 0 && plan.inputs.length > 0) lines.push('No .yaml, .yml or .json file was found in the input.');
  if (verbose) {
    lines.push(
      `Read ${count(gathered.resources.length, 'resource')} from ${sourcesOf(gathered.files, live?.context)} and ran ${count(rulesRun, 'rule')}.`,
    );
    if (plan.configFile !== undefined) lines.push(`Configuration: ${plan.configFile}.`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function sourcesOf(files: number, context: string | undefined): string {
  if (context === undefined) return count(files, 'file');
  return files === 0 ? `context "${context}"` : `context "${context}" and ${count(files, 'file')}`;
}

/** A report that leaves most of a cluster out should say so. */
function scopeOf(plan: AnalyzePlan, { context, namespace }: { readonly context: string; readonly namespace: string }): readonly string[] {
  if (plan.namespace !== undefined || plan.allNamespaces) return [];
  if (plan.inputs.length > 0) return [`Reported on the objects of the files only, judged with context "${context}"; -A reports on all.`];
  return [`Reported on namespace "${namespace}" of context "${context}" only; -A reports on all namespaces.`];
}

function limited(lines: readonly string[], what: string, verbose: boolean): readonly string[] {
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

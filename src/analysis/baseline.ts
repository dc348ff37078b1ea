/**
 * Findings that were there when the baseline was written. They are known by rule, resource and
 * field, not by line, so that moving or reordering does not bring them back.
 */
import { MeshctlError } from '../errors.ts';
import { isBody, itemsAt, numberAt, stringAt } from '../model/body.ts';
import type { Finding } from '../model/finding.ts';
import { friendlyName } from '../model/resource.ts';
import { stablePath } from '../model/stable-path.ts';

export interface BaselineEntry {
  readonly rule: string;
  /** `Kind namespace/name`. */
  readonly resource: string;
  /** Field with list items by what identifies them; absent when the finding is about the whole object. */
  readonly field?: string;
  /** Absent for objects of the only, or the primary, cluster. */
  readonly cluster?: string;
  readonly count: number;
}

const API_VERSION = 'meshctl.dev/v1';
const KIND = 'AnalysisBaseline';

/** What makes two findings of different runs the same finding. */
function identityKey(finding: Finding): string {
  return keyOf(entryOf(finding, 1));
}

function entryOf(finding: Finding, count: number): BaselineEntry {
  const { rule, resource, path = [] } = finding;
  const field = stablePath(resource.body, path);
  const { cluster } = resource;
  return { rule, resource: friendlyName(resource), ...(field === '' ? {} : { field }), ...(cluster !== undefined && { cluster }), count };
}

const keyOf = ({ rule, resource, field = '', cluster = '' }: BaselineEntry): string => JSON.stringify([rule, resource, field, cluster]);

/** The text of a baseline file that holds exactly these findings. */
export function writeBaseline(findings: readonly Finding[]): string {
  const counts = new Map<string, BaselineEntry>();
  for (const finding of findings) {
    const key = identityKey(finding);
    counts.set(key, entryOf(finding, (counts.get(key)?.count ?? 0) + 1));
  }
  return baselineText([...counts.values()]);
}

/** The text of a baseline file of these entries. */
export function baselineText(entries: readonly BaselineEntry[]): string {
  const sorted = [...entries].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  return `${JSON.stringify({ apiVersion: API_VERSION, kind: KIND, findings: sorted }, undefined, 2)}\n`;
}

/** @throws MeshctlError E_BASELINE when the text is no baseline file */
export function readBaseline(text: string, source: string): readonly BaselineEntry[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new MeshctlError('E_BASELINE', `"${source}" is not JSON.`, { cause: error, hint: 'Write it anew with --write-baseline.' });
  }
  if (!isBody(parsed) || parsed['kind'] !== KIND || parsed['apiVersion'] !== API_VERSION) {
    throw new MeshctlError('E_BASELINE', `"${source}" is not a baseline of meshctl.`, { hint: 'Write one with --write-baseline.' });
  }
  return itemsAt(parsed, 'findings').map(({ item }) => {
    const [field, cluster] = [stringAt(item, 'field'), stringAt(item, 'cluster')];
    return {
      rule: stringAt(item, 'rule') ?? '',
      resource: stringAt(item, 'resource') ?? '',
      ...(field !== undefined && { field }),
      ...(cluster !== undefined && { cluster }),
      count: numberAt(item, 'count') ?? 1,
    };
  });
}

export interface BaselineResult {
  readonly fresh: readonly Finding[];
  readonly known: readonly Finding[];
  /** Entries that no finding matches any more. */
  readonly stale: readonly BaselineEntry[];
  /** The entries that findings match, with as many findings as there are. */
  readonly needed: readonly BaselineEntry[];
}

/** @param judged whether a rule came to a judgement; of other rules every entry is taken to be needed */
export function applyBaseline(
  findings: readonly Finding[],
  baseline: readonly BaselineEntry[],
  judged: (rule: string) => boolean = () => true,
): BaselineResult {
  const left = new Map(baseline.map((entry) => [keyOf(entry), entry.count]));
  const fresh: Finding[] = [];
  const known: Finding[] = [];
  for (const finding of findings) {
    const key = identityKey(finding);
    const remaining = left.get(key) ?? 0;
    left.set(key, remaining - 1);
    (remaining > 0 ? known : fresh).push(finding);
  }
  const matches = (entry: BaselineEntry): number => entry.count - Math.max(0, left.get(keyOf(entry)) ?? 0);
  return {
    fresh,
    known,
    stale: baseline.filter((entry) => judged(entry.rule) && matches(entry) === 0),
    needed: baseline.flatMap((entry) => {
      if (!judged(entry.rule)) return [entry];
      return matches(entry) > 0 ? [{ ...entry, count: matches(entry) }] : [];
    }),
  };
}

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
  readonly count: number;
}

const API_VERSION = 'meshctl.dev/v1';
const KIND = 'AnalysisBaseline';

/** What makes two findings of different runs the same finding. */
function identityKey(finding: Finding): string {
  return JSON.stringify([finding.rule, friendlyName(finding.resource), stablePath(finding.resource.body, finding.path ?? [])]);
}

function entryOf(finding: Finding, count: number): BaselineEntry {
  const field = stablePath(finding.resource.body, finding.path ?? []);
  return { rule: finding.rule, resource: friendlyName(finding.resource), ...(field === '' ? {} : { field }), count };
}

const keyOf = (entry: BaselineEntry): string => JSON.stringify([entry.rule, entry.resource, entry.field ?? '']);

/** The text of a baseline file that holds exactly these findings. */
export function writeBaseline(findings: readonly Finding[]): string {
  const counts = new Map<string, BaselineEntry>();
  for (const finding of findings) {
    const key = identityKey(finding);
    counts.set(key, entryOf(finding, (counts.get(key)?.count ?? 0) + 1));
  }
  const entries = [...counts.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, entry]) => entry);
  return `${JSON.stringify({ apiVersion: API_VERSION, kind: KIND, findings: entries }, undefined, 2)}\n`;
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
    const field = stringAt(item, 'field');
    const known = { rule: stringAt(item, 'rule') ?? '', resource: stringAt(item, 'resource') ?? '', count: numberAt(item, 'count') ?? 1 };
    return field === undefined ? known : { ...known, field };
  });
}

export interface BaselineResult {
  readonly fresh: readonly Finding[];
  readonly known: readonly Finding[];
  /** Entries that no finding matches any more. */
  readonly stale: readonly BaselineEntry[];
}

export function applyBaseline(findings: readonly Finding[], baseline: readonly BaselineEntry[]): BaselineResult {
  const left = new Map(baseline.map((entry) => [keyOf(entry), entry.count]));
  const fresh: Finding[] = [];
  const known: Finding[] = [];
  for (const finding of findings) {
    const key = identityKey(finding);
    const remaining = left.get(key) ?? 0;
    left.set(key, remaining - 1);
    (remaining > 0 ? known : fresh).push(finding);
  }
  return { fresh, known, stale: baseline.filter((entry) => left.get(keyOf(entry)) === entry.count) };
}

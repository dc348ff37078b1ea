/**
 * Findings that were there when the baseline was written. They are known by rule, resource, field and
 * value, not by line or place in a list, so that moving, inserting or reordering does not bring them back.
 */
import { MeshctlError } from '../errors.ts';
import { isBody, itemsAt, numberAt, stringAt } from '../model/body.ts';
import type { Finding } from '../model/finding.ts';
import { groupBy } from '../model/maps.ts';
import { friendlyName } from '../model/resource.ts';
import { heldAt, indexedPath, stablePath } from '../model/stable-path.ts';
import { sha256 } from '../text/hash.ts';

export interface Baseline {
  readonly form: Form;
  readonly entries: readonly BaselineEntry[];
}

export interface BaselineEntry {
  readonly rule: string;
  /** `Kind namespace/name`. */
  readonly resource: string;
  /** Field with list items by what identifies them; absent when the finding is about the whole object. */
  readonly field?: string;
  /** A digest of what stands there, which may be a secret; absent where the field alone says what is meant. */
  readonly value?: string;
  /** Absent for objects of the only, or the primary, cluster. */
  readonly cluster?: string;
  /** Findings that nothing of the above tells apart. One more of them is new. */
  readonly count: number;
}

/** How findings are named: `v1` has the index of list items that nothing identifies, and no values. */
type Form = 'v1' | 'v2';

const FORMS: readonly Form[] = ['v1', 'v2'];
const GROUP = 'meshctl.dev';
const KIND = 'AnalysisBaseline';

function entryOf({ rule, resource, path = [] }: Finding, form: Form, count: number): BaselineEntry {
  const { body, cluster } = resource;
  const field = form === 'v1' ? indexedPath(body, path) : stablePath(body, path);
  const held = form === 'v1' ? '' : heldAt(body, path);
  return {
    rule,
    resource: friendlyName(resource),
    ...(field !== '' && { field }),
    ...(held !== '' && { value: sha256(held).slice(0, 16) }),
    ...(cluster !== undefined && { cluster }),
    count,
  };
}

/** What makes two findings of different runs the same finding. */
const keyOf = ({ rule, resource, field = '', value = '', cluster = '' }: BaselineEntry): string =>
  JSON.stringify([rule, resource, field, value, cluster]);

/** The text of a baseline file that holds exactly these findings. */
export function writeBaseline(findings: readonly Finding[]): string {
  const groups = groupBy(
    findings.map((finding) => entryOf(finding, 'v2', 1)),
    keyOf,
  );
  const entries = [...groups.values()].flatMap(([entry, ...others]) => (entry ? [{ ...entry, count: 1 + others.length }] : []));
  return baselineText({ form: 'v2', entries });
}

/** The text of a baseline file of these entries. */
export function baselineText({ form, entries }: Baseline): string {
  const sorted = [...entries].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  return `${JSON.stringify({ apiVersion: `${GROUP}/${form}`, kind: KIND, findings: sorted }, undefined, 2)}\n`;
}

/** @throws MeshctlError E_BASELINE when the text is no baseline file */
export function readBaseline(text: string, source: string): Baseline {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new MeshctlError('E_BASELINE', `"${source}" is not JSON.`, { cause: error, hint: 'Write it anew with --write-baseline.' });
  }
  const version = stringAt(parsed, 'apiVersion');
  const form = FORMS.find((known) => version === `${GROUP}/${known}`);
  if (!isBody(parsed) || parsed['kind'] !== KIND || form === undefined) {
    throw new MeshctlError('E_BASELINE', `"${source}" is not a baseline of meshctl.`, { hint: 'Write one with --write-baseline.' });
  }
  return { form, entries: itemsAt(parsed, 'findings').map(({ item }) => readEntry(item)) };
}

function readEntry(item: unknown): BaselineEntry {
  const [field, value, cluster] = [stringAt(item, 'field'), stringAt(item, 'value'), stringAt(item, 'cluster')];
  return {
    rule: stringAt(item, 'rule') ?? '',
    resource: stringAt(item, 'resource') ?? '',
    ...(field !== undefined && { field }),
    ...(value !== undefined && { value }),
    ...(cluster !== undefined && { cluster }),
    count: numberAt(item, 'count') ?? 1,
  };
}

/** What there is before the first one is written. */
export const NO_BASELINE: Baseline = { form: 'v2', entries: [] };

export interface BaselineResult {
  readonly fresh: readonly Finding[];
  readonly known: readonly Finding[];
  /** Entries that no finding matches any more. */
  readonly stale: readonly BaselineEntry[];
  /** The entries that findings match, with as many findings as there are, in the form that they had. */
  readonly needed: Baseline;
}

/** @param judged whether a rule came to a judgement; of other rules every entry is taken to be needed */
export function applyBaseline(
  findings: readonly Finding[],
  { form, entries }: Baseline,
  judged: (rule: string) => boolean = () => true,
): BaselineResult {
  const left = new Map(entries.map((entry) => [keyOf(entry), entry.count]));
  const fresh: Finding[] = [];
  const known: Finding[] = [];
  for (const finding of findings) {
    const key = keyOf(entryOf(finding, form, 1));
    const remaining = left.get(key) ?? 0;
    left.set(key, remaining - 1);
    (remaining > 0 ? known : fresh).push(finding);
  }
  const matches = (entry: BaselineEntry): number => entry.count - Math.max(0, left.get(keyOf(entry)) ?? 0);
  const needed = entries.flatMap((entry) => {
    if (!judged(entry.rule)) return [entry];
    return matches(entry) > 0 ? [{ ...entry, count: matches(entry) }] : [];
  });
  return { fresh, known, stale: entries.filter((entry) => judged(entry.rule) && matches(entry) === 0), needed: { form, entries: needed } };
}

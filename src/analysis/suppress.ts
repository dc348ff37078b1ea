/**
 * Findings that somebody chose not to see: by flag or configuration, by an annotation of the
 * object, or by a comment in the file. Each suppression remembers whether it was of use.
 */
import { MeshctlError } from '../errors.ts';
import type { Finding } from '../model/finding.ts';
import { friendlyName, type Resource, shortKind } from '../model/resource.ts';
import type { Rule } from '../model/rule.ts';
import { nameGlob, pathGlob } from '../text/glob.ts';
import type { PathOf } from './overrides.ts';
import { rulesNamed } from './select.ts';

/** A suppression from outside the objects. */
export interface Suppression {
  /** Rule id, alias or glob. */
  readonly rule: string;
  /** Glob over `Kind namespace/name`; absent: any resource. */
  readonly resource?: string | undefined;
  /** Glob over file paths, as they were given or from the folder of the configuration file; absent: any file. */
  readonly path?: string | undefined;
  /** Where a source is, seen from that folder. */
  readonly pathOf?: PathOf;
  readonly reason?: string | undefined;
  /** How reports call it: the flag, or the place in the configuration file. */
  readonly by: string;
}

export interface SuppressResult {
  readonly kept: readonly Finding[];
  readonly suppressed: readonly { readonly finding: Finding; readonly by: string }[];
  /** Suppressions that no finding needed, in words. Only those whose rules all ran can be called unused. */
  readonly unused: readonly string[];
  /** Names in annotations and comments that mean no rule. Codes of other tools may be meant for them, and are left out. */
  readonly unknown: readonly { readonly by: string; readonly name: string }[];
}

/**
 * Reads `RULE=Kind namespace/name`, or `RULE` alone.
 * @throws MeshctlError E_USAGE when the text is neither
 */
export function parseSuppression(text: string): Suppression {
  const equals = text.indexOf('=');
  const rule = (equals < 0 ? text : text.slice(0, equals)).trim();
  const resource = equals < 0 ? undefined : text.slice(equals + 1).trim();
  if (rule === '' || resource === '') {
    throw new MeshctlError('E_USAGE', `"${text}" is not a suppression.`, {
      hint: "Write --suppress 'RULE=Kind namespace/name', as in --suppress 'IST0101=VirtualService shop/*'.",
    });
  }
  return { rule, resource, by: `--suppress '${text}'` };
}

const ANNOTATIONS = ['meshctl.dev/ignore', 'galley.istio.io/analyze-suppress'] as const;

interface Active {
  readonly rules: ReadonlySet<string> | 'all';
  readonly unknown: readonly string[];
  readonly by: string;
  readonly reason?: string | undefined;
  covers(finding: Finding): boolean;
  used: boolean;
}

/** @param ran the rules that ran and came to a judgement */
export function suppress(
  findings: readonly Finding[],
  resources: readonly Resource[],
  outside: readonly Suppression[],
  rules: readonly Rule[],
  ran: ReadonlySet<string>,
): SuppressResult {
  const meant: Meaning = (names) => ({
    rules: names.includes('*') ? 'all' : new Set(names.flatMap((name) => rulesNamed(name, rules).map((rule) => rule.meta.id))),
    unknown: names.filter((name) => name !== '*' && !FOREIGN_CODE.test(name) && rulesNamed(name, rules).length === 0),
  });
  const general = outside.map((entry) => fromOutside(entry, meant([entry.rule])));
  const inside = new Map<Resource, readonly Active[]>();
  for (const resource of resources) {
    const active = [...fromAnnotations(resource, meant), ...fromComments(resource, meant)];
    if (active.length > 0) inside.set(resource, active);
  }

  const kept: Finding[] = [];
  const suppressed: { finding: Finding; by: string }[] = [];
  for (const finding of findings) {
    const candidates = [...(inside.get(finding.resource) ?? []), ...general];
    const matching = candidates.filter((entry) => (entry.rules === 'all' || entry.rules.has(finding.rule)) && entry.covers(finding));
    for (const entry of matching) entry.used = true;
    const first = matching[0];
    if (first) suppressed.push({ finding, by: first.reason ? `${first.by}: ${first.reason}` : first.by });
    else kept.push(finding);
  }

  const all = [...general, ...[...inside.values()].flat()];
  const judged = (entry: Active): boolean => {
    if (entry.rules === 'all') return ran.size === rules.length;
    return entry.rules.size > 0 && [...entry.rules].every((id) => ran.has(id));
  };
  return {
    kept,
    suppressed,
    unused: all.filter((entry) => !entry.used && judged(entry)).map((entry) => entry.by),
    unknown: all.flatMap(({ by, unknown }) => unknown.map((name) => ({ by, name }))),
  };
}

/** The rules that names stand for. */
type Meaning = (names: readonly string[]) => Pick<Active, 'rules' | 'unknown'>;

const FOREIGN_CODE = /^(IST|KIA)\d{4}$/i;

function fromOutside(entry: Suppression, meaning: ReturnType<Meaning>): Active {
  const named = entry.resource === undefined ? undefined : nameGlob(entry.resource);
  const inFile = entry.path === undefined ? undefined : pathGlob(entry.path);
  const isThere = (source: string): boolean => inFile === undefined || inFile(source) || inFile(entry.pathOf?.(source) ?? '');
  return {
    ...meaning,
    by: entry.by,
    reason: entry.reason,
    used: false,
    covers: ({ resource }) => {
      const { namespace, name } = resource;
      // istioctl documents `Kind name.namespace` and matches `Kind namespace/name`; both work here.
      const names = [
        friendlyName(resource),
        `${shortKind(resource.kind)} ${namespace}/${name}`,
        `${shortKind(resource.kind)} ${name}.${namespace}`,
      ];
      return (named === undefined || names.some(named)) && isThere(resource.origin?.source ?? '');
    },
  };
}

function namesIn(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function fromAnnotations(resource: Resource, meant: Meaning): readonly Active[] {
  return ANNOTATIONS.flatMap((annotation): readonly Active[] => {
    const text = resource.annotations[annotation];
    if (text === undefined) return [];
    return [{ ...meant(namesIn(text)), by: `annotation ${annotation} of ${friendlyName(resource)}`, used: false, covers: () => true }];
  });
}

function fromComments(resource: Resource, meant: Meaning): readonly Active[] {
  const { origin } = resource;
  if (!origin) return [];
  const directives = origin.directives();
  const alone = new Set(directives.filter((directive) => directive.alone).map((directive) => directive.line));
  return directives.map((directive): Active => {
    const [names = '', reason] = directive.text.replace(/^meshctl-ignore:?/, '').split(/\s--\s/);
    // A comment of its own speaks of the next line that is not such a comment; above the first key, of the whole object.
    let target = directive.line;
    if (directive.alone)
      do target++;
      while (alone.has(target));
    const whole = directive.alone && target <= origin.line;
    return {
      ...meant(names.trim() === '' ? ['*'] : namesIn(names)),
      by: `comment at ${origin.source}:${directive.line}`,
      reason: reason?.trim(),
      used: false,
      covers: (finding) => whole || finding.position?.line === target,
    };
  });
}

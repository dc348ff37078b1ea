/**
 * Runs rules over resources and turns problems into findings: severity, position, documentation,
 * what could not be judged, order. No rule lives here, and no input or output.
 */
import { kindsInWords } from '../model/absence.ts';
import { at as valueAt } from '../model/body.ts';
import type { Finding, NotChecked } from '../model/finding.ts';
import type { Kind, Resource } from '../model/resource.ts';
import type { ResourceSet } from '../model/resource-set.ts';
import type { Evidence, Problem, Rule, Severity } from '../model/rule.ts';
import { isPlaceholder, placeholderIn } from '../text/placeholder.ts';

export interface SelectedRule {
  readonly rule: Rule;
  /** The rule's own severity, unless the configuration says otherwise. */
  readonly severity: Severity;
}

export interface EngineResult {
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
}

/** One gateway may have thousands of rivals; the message counts them, and a report names the first. */
const MOST_RELATED = 10;

/** @param concerns false for objects whose problems are nobody's business here, such as those of other namespaces */
export function runRules(
  rules: readonly SelectedRule[],
  resources: ResourceSet,
  concerns: (resource: Resource) => boolean = () => true,
): EngineResult {
  const findings: Finding[] = [];
  const notChecked: NotChecked[] = [];
  /** One example stands for all, so that reports can say it once. */
  let example: string | undefined;
  for (const { rule, severity } of rules) {
    const missing = new Set<string>();
    let waits = false;
    for (const kind of rule.meta.inputs) {
      const reason = resources.unread.get(kind) ?? resources.partlyRead.get(kind);
      if (reason !== undefined) notChecked.push({ rule: rule.meta.id, reason });
    }
    for (const problem of rule.check(resources)) {
      if (problem.at.assumed || !concerns(problem.at)) continue;
      // Already said of the rule as a whole.
      if (absentKinds(problem).some((kind) => resources.unread.has(kind))) continue;
      const kinds = unknownKinds(problem, resources);
      const placeholder = placeholderOf(problem);
      if (placeholder !== undefined) {
        example ??= placeholder;
        waits = true;
      } else if (kinds) missing.add(kinds);
      else findings.push(toFinding(rule, severity, problem));
    }
    if (waits && example !== undefined) notChecked.push({ rule: rule.meta.id, reason: unfilledReason(example) });
    for (const kinds of [...missing].sort()) {
      notChecked.push({ rule: rule.meta.id, reason: `The input holds no ${kinds}. Add them, or pass --complete if there are none.` });
    }
  }
  return { findings: withoutDuplicates(findings).sort(compareFindings), notChecked };
}

/** The placeholder that a problem is about: it may be filled in with what the rule asks for. */
function placeholderOf({ at, path = [], part, message }: Problem): string | undefined {
  const named = path.find(isPlaceholder);
  const value = part === 'key' ? named : (named ?? valueAt(at.body, path));
  // What an object in a namespace that is still open does not find there may be there.
  const others = [at.namespace, at.name].filter(isPlaceholder).reduce((text, own) => text.replaceAll(own, ''), message);
  return placeholderIn(value) ?? placeholderIn(others);
}

const unfilledReason = (placeholder: string): string =>
  `Text such as "${placeholder}" waits to be filled in. Analyze the output of what does that, such as "kubectl kustomize", "helm template" or envsubst.`;

function absentKinds({ absent }: Problem): readonly Kind[] {
  if (absent === undefined) return [];
  if (isEvidence(absent)) return absent.kinds;
  return typeof absent === 'string' ? [absent] : absent;
}

/** The absent kinds in words, when the input gives no ground to call anything of them missing. */
function unknownKinds(problem: Problem, resources: ResourceSet): string | undefined {
  const { absent } = problem;
  const kinds = absentKinds(problem);
  if (kinds.every((kind) => resources.whole(kind))) return undefined;
  if (isEvidence(absent)) return absent.given ? undefined : absent.of;
  return kinds.some((kind) => resources.given(kind)) ? undefined : kindsInWords(kinds);
}

function isEvidence(absent: Problem['absent']): absent is Evidence {
  return typeof absent === 'object' && 'given' in absent;
}

function toFinding({ meta }: Rule, severity: Severity, problem: Problem): Finding {
  const { at, path, part, message, fix, edits, related } = problem;
  return {
    rule: meta.id,
    aliases: meta.aliases,
    severity,
    message,
    fix,
    edits: at.origin && edits,
    docs: meta.source,
    resource: at,
    path,
    position: at.origin?.locate(path ?? [], part ?? 'value') ?? undefined,
    related: (related ?? []).slice(0, MOST_RELATED),
  };
}

function withoutDuplicates(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter((finding) => {
    const { rule, message, resource, position } = finding;
    const key = JSON.stringify([
      rule,
      message,
      resource.cluster,
      resource.kind,
      resource.namespace,
      resource.name,
      position?.line,
      position?.column,
    ]);
    return !seen.has(key) && seen.add(key);
  });
}

const bySource = (finding: Finding): string => finding.position?.source ?? '';

/** By file and line; without a file, by kind, namespace and name. */
function compareFindings(left: Finding, right: Finding): number {
  return (
    compare(bySource(left), bySource(right)) ||
    (left.position?.line ?? 0) - (right.position?.line ?? 0) ||
    (left.position?.column ?? 0) - (right.position?.column ?? 0) ||
    compare(left.resource.kind, right.resource.kind) ||
    compare(left.resource.namespace, right.resource.namespace) ||
    compare(left.resource.name, right.resource.name) ||
    compare(left.rule, right.rule) ||
    compare(left.message, right.message)
  );
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

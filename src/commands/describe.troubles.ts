/** What analysis and checks find wrong with a target, its pods and the objects that apply to it. */
import { runChecks } from '../checks/runner.ts';
import type { Host } from '../host/host.ts';
import type { CheckOutcome } from '../model/check.ts';
import type { Description, Trouble } from '../model/describe.ts';
import type { Finding } from '../model/finding.ts';
import type { ConfigObject } from '../model/proxy-config.ts';
import { friendlyName, type Ref, type Resource, shortKind } from '../model/resource.ts';
import type { Rule } from '../model/rule.ts';
import { judge } from './analyze.judge.ts';
import type { MeshQuestion } from './mesh-question.ts';

type Named = Pick<Ref, 'kind' | 'namespace' | 'name'>;

const keyOf = ({ kind, namespace, name }: Named | ConfigObject): string => `${kind.slice(kind.lastIndexOf('/') + 1)} ${namespace}/${name}`;

/** Namespaces hold much that is nobody's business here. */
function concernedBy({ sections }: Description, { subject }: MeshQuestion): ReadonlySet<string> {
  const applying = sections.flatMap(({ facts }) => facts.flatMap(({ from }) => from)).filter(({ kind }) => kind !== 'Namespace');
  return new Set([subject.target, ...subject.workloads.map(({ resource }) => resource), ...applying].map(keyOf));
}

export async function findingsAbout(
  description: Description,
  question: MeshQuestion,
  rules: readonly Rule[],
  host: Host,
): Promise<readonly Trouble[]> {
  const { mesh, plan, given, live, cluster } = question;
  const concerned = concernedBy(description, question);
  const { kept } = await judge(rules, { ...plan, selection: { ...plan.selection, mesh: mesh.id } }, given, live, cluster, host);
  return kept
    .filter(({ resource }) => concerned.has(keyOf(resource)))
    .flatMap((finding) => (finding.severity === 'info' ? [] : [troubleOf(finding, finding.severity)]));
}

const troubleOf = ({ rule, message, fix, resource, related }: Finding, severity: Trouble['severity']): Trouble => ({
  id: rule,
  severity,
  isDifference: false,
  message: `${friendlyName(resource)}: ${message}`,
  hint: fix,
  objects: [resource, ...related].map(objectOf),
});

const objectOf = ({ kind, namespace, name }: Pick<Resource, 'kind' | 'namespace' | 'name'>): ConfigObject => ({
  kind: shortKind(kind),
  namespace,
  name,
});

/** Checks of the mesh ask for more than configuration; those that the description makes itself are left out. */
export async function failuresAbout(description: Description, question: MeshQuestion, { clock }: Host): Promise<readonly Trouble[]> {
  const { mesh, facts, subject } = question;
  if (!facts) return [];
  const covered = new Set(mesh.describe?.covers);
  const checks = (mesh.checks ?? []).filter(({ id, modes = ['running'] }) => modes.includes('running') && !covered.has(id));
  const outcomes = await runChecks(checks, { ...facts, namespace: subject.target.namespace }, { clock });
  const concerned = concernedBy(description, question);
  return outcomes.flatMap((outcome) => failuresIn(outcome, concerned));
}

function failuresIn({ check, result }: CheckOutcome, concerned: ReadonlySet<string>): readonly Trouble[] {
  const { is, reason, hint, affected = [] } = result;
  if (is !== 'failed' && is !== 'warning') return [];
  return affected
    .filter(({ resource }) => concerned.has(keyOf(resource)))
    .map(({ resource, detail }) => ({
      id: check.id,
      severity: is === 'failed' ? 'error' : 'warning',
      isDifference: false,
      message: `${friendlyName(resource)}: ${detail ?? reason ?? check.title}`,
      hint,
      objects: [objectOf(resource)],
    }));
}

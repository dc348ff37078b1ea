/** describe: target → objects and proxies → what applies, and what is wrong with it → report. */
import { EXIT, type ExitCode } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { Description, Trouble } from '../model/describe.ts';
import type { Finding } from '../model/finding.ts';
import { friendlyName, type Resource, shortKind } from '../model/resource.ts';
import type { Rule } from '../model/rule.ts';
import { allRules } from '../rules/index.ts';
import { judge } from './analyze.judge.ts';
import { type Run, textOf } from './define.ts';
import { renderDescription } from './describe.view.ts';
import { type MeshQuestion, openQuestion } from './mesh-question.ts';

export const run: Run = async ([target = ''], options, context) => {
  const rules = await allRules();
  const question = await openQuestion({ target, capability: 'describe', rules }, options, context);
  const { subject, mesh, resources, facts } = question;
  if (!mesh.describe) throw new RangeError(mesh.id);
  const description = await mesh.describe.tell(subject, resources, facts);
  const findings = await findingsAbout(description, question, rules, context.host);
  const troubles = inOrder([...description.troubles, ...findings]);
  const report = { mesh: mesh.id, target: subject.target, description: { ...description, troubles } };
  return {
    text: renderDescription(report, textOf(options, 'output') ?? 'text', context),
    exit: exitCode(troubles, textOf(options, 'failOn')),
  };
};

/** What analysis finds wrong with the target, its pods and the objects that apply to it. */
async function findingsAbout(
  { sections }: Description,
  { subject, mesh, plan, given, live, cluster }: MeshQuestion,
  rules: readonly Rule[],
  host: Host,
): Promise<readonly Trouble[]> {
  const applying = sections.flatMap(({ facts }) => facts.flatMap(({ from }) => from));
  const own = [subject.target, ...subject.workloads.map(({ resource }) => resource)];
  const concerned = new Set([
    ...own.map(({ kind, namespace, name }) => `${shortKind(kind)} ${namespace}/${name}`),
    ...applying.filter(({ kind }) => kind !== 'Namespace').map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`),
  ]);
  const limited = { ...plan, selection: { ...plan.selection, mesh: mesh.id } };
  const { kept } = await judge(rules, limited, given, live, cluster, host);
  const isConcerned = ({ resource }: Finding): boolean =>
    concerned.has(`${shortKind(resource.kind)} ${resource.namespace}/${resource.name}`);
  return kept.filter(isConcerned).flatMap((finding) => (finding.severity === 'info' ? [] : [troubleOf(finding, finding.severity)]));
}

const troubleOf = ({ rule, message, fix, resource, related }: Finding, severity: Trouble['severity']): Trouble => ({
  id: rule,
  severity,
  isDifference: false,
  message: `${friendlyName(resource)}: ${message}`,
  hint: fix,
  objects: [resource, ...related].map(objectOf),
});

const objectOf = ({ kind, namespace, name }: Resource): Trouble['objects'][number] => ({ kind: shortKind(kind), namespace, name });

const RANK = { error: 0, warning: 1 } as const;

/** The gravest first, differences before others. */
const inOrder = (troubles: readonly Trouble[]): readonly Trouble[] =>
  [...troubles].sort((left, right) => RANK[left.severity] - RANK[right.severity] || Number(right.isDifference) - Number(left.isDifference));

function exitCode(troubles: readonly Trouble[], failOn = 'never'): ExitCode {
  const bad = failOn === 'problem' ? troubles : failOn === 'difference' ? troubles.filter(({ isDifference }) => isDifference) : [];
  return bad.length > 0 ? EXIT.bad : EXIT.fine;
}

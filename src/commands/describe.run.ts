/** describe: target → objects and proxies → what applies, and what is wrong with it → report. */
import { EXIT, type ExitCode } from '../errors.ts';
import type { Trouble } from '../model/describe.ts';
import { allRules } from '../rules/index.ts';
import { type Run, textOf } from './define.ts';
import { failuresAbout, findingsAbout } from './describe.troubles.ts';
import { renderDescription } from './describe.view.ts';
import { openQuestion } from './mesh-question.ts';

export const run: Run = async ([target = ''], options, context) => {
  const rules = await allRules();
  const question = await openQuestion({ target, capability: 'describe', rules }, options, context);
  const { subject, mesh, resources, facts } = question;
  if (!mesh.describe) throw new RangeError(mesh.id);
  const description = await mesh.describe.tell(subject, resources, facts);
  const found = await Promise.all([
    findingsAbout(description, question, rules, context.host),
    failuresAbout(description, question, context.host),
  ]);
  const troubles = inOrder([...description.troubles, ...found.flat()]);
  const report = { mesh: mesh.id, target: subject.target, notRead: question.notRead, description: { ...description, troubles } };
  return {
    text: renderDescription(report, textOf(options, 'output') ?? 'text', context),
    exit: exitCode(troubles, textOf(options, 'failOn')),
  };
};

const RANK = { error: 0, warning: 1 } as const;

/** The gravest first, differences before others. */
const inOrder = (troubles: readonly Trouble[]): readonly Trouble[] =>
  [...troubles].sort((left, right) => RANK[left.severity] - RANK[right.severity] || Number(right.isDifference) - Number(left.isDifference));

function exitCode(troubles: readonly Trouble[], failOn = 'never'): ExitCode {
  const bad = failOn === 'problem' ? troubles : failOn === 'difference' ? troubles.filter(({ isDifference }) => isDifference) : [];
  return bad.length > 0 ? EXIT.bad : EXIT.fine;
}

import { knownRulesNamed } from '../analysis/select.ts';
import { EXIT } from '../errors.ts';
import type { Rule } from '../model/rule.ts';
import { allRules } from '../rules/index.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { wrap } from '../terminal/wrap.ts';
import { type Run, textOf } from './define.ts';

export const run: Run = async ([name = ''], options, { host, color }) => {
  const rules = knownRulesNamed(name, await allRules());
  if (textOf(options, 'output') === 'json') {
    const explained = rules.map(({ meta: { id, bad, good, ...meta } }) => ({ rule: id, ...meta, bad: bad.trim(), good: good.trim() }));
    const document = { apiVersion: 'meshctl.dev/v1', kind: 'RuleExplanation', rules: explained };
    return { text: `${JSON.stringify(document, undefined, 2)}\n`, exit: EXIT.fine };
  }
  const style = styleFor(color.out);
  const width = Math.min(host.out.columns ?? 100, 100);
  return { text: rules.map((rule) => explanation(rule, style, width)).join(`\n${'─'.repeat(width)}\n\n`), exit: EXIT.fine };
};

/** One a line and never wrapped, so that they can be copied. */
function waysToSilence(id: string, style: Style): readonly string[] {
  return [
    `  ${style.dim('comment')}     # meshctl-ignore ${id}`,
    `  ${style.dim('annotation')}  meshctl.dev/ignore: "${id}"`,
    `  ${style.dim('option')}      --skip-rule ${id}`,
  ];
}

const WHERE_TO_SILENCE = 'The comment stands on the line of the finding or above it, the annotation on the object.';

const differsFrom = (codes: readonly string[]): string =>
  `How it differs from ${codes.length > 0 ? `the check that other tools call ${codes.join(' or ')}` : 'similar checks of other tools'}`;

function explanation({ meta }: Rule, style: Style, width: number): string {
  const indented = (yaml: string): string => yaml.trim().replace(/^(?=.)/gm, '  ');
  const paragraphs = [
    `${style.bold(meta.id)}  ${style[meta.severity](meta.severity)}${meta.aliases.length > 0 ? `  ${meta.aliases.join(' ')}` : ''}`,
    wrap(meta.summary, width),
    `${style.bold('Why')}\n${wrap(meta.why, width)}`,
    `${style.bold('Bad')}\n${indented(meta.bad)}`,
    `${style.bold('Good')}\n${indented(meta.good)}`,
    ...(meta.differs ? [`${style.bold(differsFrom(meta.aliases))}\n${wrap(meta.differs, width)}`] : []),
    `${style.bold('Source')}\n${meta.source}`,
    [style.bold('Silence it'), ...waysToSilence(meta.id, style), wrap(WHERE_TO_SILENCE, width)].join('\n'),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

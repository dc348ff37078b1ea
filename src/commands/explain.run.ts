import { rulesNamed } from '../analysis/select.ts';
import { allChecks } from '../checks/all.ts';
import { checksNamed } from '../checks/select.ts';
import { EXIT, MeshctlError } from '../errors.ts';
import { meshes } from '../mesh/index.ts';
import type { Check } from '../model/check.ts';
import type { Rule } from '../model/rule.ts';
import { allRules } from '../rules/index.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { wrap } from '../terminal/wrap.ts';
import { exampleText } from '../text/example.ts';
import { nearest } from '../text/nearest.ts';
import { type Run, textOf } from './define.ts';

export const run: Run = async ([name = ''], options, { host, color }) => {
  const known = { rules: await allRules(), checks: allChecks(meshes) };
  const rules = rulesNamed(name, known.rules);
  const checks = checksNamed(name, known.checks);
  if (rules.length + checks.length === 0) throw unknown(name, known);
  if (textOf(options, 'output') === 'json')
    return { text: `${JSON.stringify(explanationDocument(rules, checks), undefined, 2)}\n`, exit: EXIT.fine };
  const style = styleFor(color.out);
  const width = Math.min(host.out.columns ?? 100, 100);
  const texts = [
    ...rules.map((rule) => ruleExplanation(rule, style, width)),
    ...checks.map((check) => checkExplanation(check, style, width)),
  ];
  return { text: texts.join(`\n${'─'.repeat(width)}\n\n`), exit: EXIT.fine };
};

interface Known {
  readonly rules: readonly Rule[];
  readonly checks: readonly Check[];
}

function unknown(name: string, { rules, checks }: Known): MeshctlError {
  const names = [...rules.map(({ meta }) => meta), ...checks].flatMap(({ id, aliases = [] }) => [
    id,
    id.slice(id.indexOf('/') + 1),
    ...aliases,
  ]);
  const close = nearest(name, names);
  const meant = [...rules.map(({ meta }) => meta), ...checks].find(({ id }) => id.endsWith(`/${close}`))?.id ?? close;
  return new MeshctlError('E_RULE', `There is no rule or check "${name}".`, {
    hint: `${meant ? `Did you mean "${meant}"? ` : ''}"meshctl analyze --list-rules" lists all rules, "meshctl check" names its checks.`,
  });
}

function explanationDocument(rules: readonly Rule[], checks: readonly Check[]): object {
  return {
    apiVersion: 'meshctl.dev/v1',
    kind: 'Explanation',
    rules: rules.map(({ meta: { id, bad, good, ...meta } }) => ({ rule: id, ...meta, bad: exampleText(bad), good: exampleText(good) })),
    checks: checks.map(({ run: _run, id, ...check }) => ({ check: id, ...check })),
  };
}

function checkExplanation(check: Check, style: Style, width: number): string {
  const { id, category, title, why, aliases = [], needs = [], modes = [], docs } = check;
  const paragraphs = [
    `${style.bold(id)}  ${category}${aliases.length > 0 ? `  ${aliases.join(' ')}` : ''}`,
    wrap(title, width),
    `${style.bold('Why')}\n${wrap(why, width)}`,
    ...(needs.length > 0 ? [`${style.bold('Needs')}\n${needs.join('\n')}`] : []),
    `${style.bold('Run it')}\n${commandFor(check)}`,
    ...(docs === undefined ? [] : [`${style.bold('Source')}\n${docs}`]),
  ];
  return `${paragraphs.join('\n\n')}\n`;

  function commandFor({ id: only }: Check): string {
    const mode = modes.includes('running') || modes.length === 0 ? '' : ` --${modes[0]}`;
    return `meshctl check${mode} --only ${only}`;
  }
}

const ON_REQUEST = 'It is no fault yet, so that the rule runs only where --rule names it, or meshctl.yaml gives it a severity.';

const waysToFix = (id: string): string => `  meshctl analyze FILE --rule ${id} --fix`;

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

function ruleExplanation({ meta }: Rule, style: Style, width: number): string {
  const indented = (yaml: string): string => exampleText(yaml).replace(/^(?=.)/gm, '  ');
  const paragraphs = [
    `${style.bold(meta.id)}  ${style[meta.severity](meta.severity)}${meta.aliases.length > 0 ? `  ${meta.aliases.join(' ')}` : ''}`,
    wrap(meta.summary, width),
    `${style.bold('Why')}\n${wrap(meta.why, width)}`,
    `${style.bold('Bad')}\n${indented(meta.bad)}`,
    `${style.bold('Good')}\n${indented(meta.good)}`,
    ...(meta.isOnRequest ? [wrap(ON_REQUEST, width)] : []),
    ...(meta.fixable ? [`${style.bold('Fix it')}\n${waysToFix(meta.id)}`] : []),
    ...(meta.differs ? [`${style.bold(differsFrom(meta.aliases))}\n${wrap(meta.differs, width)}`] : []),
    `${style.bold('Source')}\n${meta.source}`,
    [style.bold('Silence it'), ...waysToSilence(meta.id, style), wrap(WHERE_TO_SILENCE, width)].join('\n'),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

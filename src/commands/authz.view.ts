/** An AuthzReport in each of its formats. */
import type { AuthzPolicy, Condition, Verdict } from '../model/authz.ts';
import { type AuthzReport, authzDocument } from '../reporters/authz-document.ts';
import { printableLine } from '../terminal/printable.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { wrap } from '../terminal/wrap.ts';
import { writeYaml } from '../text/yaml-write.ts';
import type { Context } from './define.ts';
import { notReadLine } from './describe.view.ts';

/** More rules of a policy than this are counted, unless all are asked for. */
const MOST_RULES = 6;

export function renderAuthz(report: AuthzReport, format: string, { host, color, verbose }: Context): string {
  if (format === 'json') return `${JSON.stringify(authzDocument(report), null, 2)}\n`;
  if (format === 'yaml') return writeYaml(authzDocument(report));
  const style = styleFor(color.out);
  const isWide = format === 'wide' || verbose;
  const width = isWide ? undefined : host.out.columns;
  const { title, policies, otherwise, notes, differences, verdict } = report.authorization;
  const paragraph = (text: string, indent = '  '): string => wrap(printableLine(text), width, indent);
  const blocks = [
    [style.bold(paragraph(title))],
    verdict ? verdictLines(verdict, style, width) : [],
    differences.map((each) => wrap(`${style.warning('difference')}  ${printableLine(each)}`, width, '            ')),
    policies.length === 0 ? ['No policy applies.'] : [policyTable(policies, { color: color.out, width })],
    ruleLines(policies, isWide, width),
    [paragraph(otherwise), ...notes.map((note) => paragraph(note)), ...notReadLine(report.notRead, width)],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function verdictLines({ is, because, options, nearest }: Verdict, style: Style, width: number | undefined): readonly string[] {
  const paint = is === 'denied' ? style.error : is === 'allowed' ? style.added : style.warning;
  const indent = ' '.repeat(is.length + 2);
  return [
    wrap(`${paint(is)}  ${printableLine(because)}`, width, indent),
    ...(options.length > 0 ? [wrap(`${indent}decided by ${options.join(', ')}`, width, `${indent}  `)] : []),
    ...nearest.flatMap(({ policy, rule, conditions }) => [
      wrap(`${indent}${style.dim(is === 'denied' ? 'nearest:' : 'open:')} rule ${rule} of ${nameOf(policy)}`, width, `${indent}  `),
      ...conditions.map((condition) => wrap(`${indent}  ${conditionText(condition)}`, width, `${indent}    `)),
    ]),
  ];
}

const conditionText = ({ field, because }: Condition): string => printableLine(`${field}: ${because}`);

function policyTable(policies: readonly AuthzPolicy[], look: { readonly color: boolean; readonly width: number | undefined }): string {
  const isJudged = policies.some(({ rules }) => rules.some(({ is }) => is !== undefined));
  const isAsked = policies.some(({ isInProxy }) => isInProxy !== undefined);
  const rows = policies.map(({ policy, action, scope, enforcedBy, isDryRun, isInProxy, rules }) =>
    [
      `${action}${isDryRun ? ' (dry run)' : ''}`,
      nameOf(policy).slice(policy.kind.length + 1),
      scope,
      enforcedBy,
      ...(isAsked ? [isInProxy === undefined ? '-' : isInProxy ? 'yes' : 'no'] : []),
      ...(isJudged ? [matchText(rules)] : [String(rules.length)]),
    ].map(printableLine),
  );
  const head = ['ACTION', 'POLICY', 'APPLIES TO', 'ENFORCED BY', ...(isAsked ? ['IN PROXY'] : []), isJudged ? 'MATCHES' : 'RULES'];
  return table(rows, { head, ...look, flexible: [1, 2, 3] });
}

function matchText(rules: AuthzPolicy['rules']): string {
  const hit = rules.find(({ is }) => is === 'yes');
  if (hit) return `rule ${hit.number}`;
  return rules.some(({ is }) => is === 'open') ? 'perhaps' : 'no';
}

/** Policies of other kinds that stand in several places are told once. */
function ruleLines(policies: readonly AuthzPolicy[], isWide: boolean, width: number | undefined): readonly string[] {
  const told = new Set<string>();
  return policies.flatMap(({ policy, rules, remarks }) => {
    const name = nameOf(policy);
    if (told.has(`${name} ${remarks.join()}`)) return [];
    told.add(`${name} ${remarks.join()}`);
    const shown = isWide ? rules : rules.slice(0, MOST_RULES);
    const more = rules.length - shown.length;
    return [
      printableLine(name),
      ...shown.map(({ number, text }) => wrap(`  ${number}  ${printableLine(text)}`, width, '     ')),
      ...(more > 0 ? [`     and ${more} more; -o wide shows them.`] : []),
      ...remarks.map((remark) => wrap(`     ${printableLine(remark)}`, width, '     ')),
    ];
  });
}

const nameOf = ({ kind, namespace, name }: AuthzPolicy['policy']): string => `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;

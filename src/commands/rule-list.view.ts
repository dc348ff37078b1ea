/** `analyze --list-rules`: every rule, as a table or as JSON. */
import type { Rule } from '../model/rule.ts';
import { table } from '../terminal/table.ts';
import type { Context } from './define.ts';
import type { OutputTarget } from './outputs.ts';

export async function ruleList(rules: readonly Rule[], outputs: readonly OutputTarget[], { host, color }: Context): Promise<string> {
  if (outputs.some((output) => output.format === 'json')) {
    const listed = rules.map(({ meta }) => ({
      rule: meta.id,
      aliases: meta.aliases,
      severity: meta.severity,
      meshes: meta.meshes ?? [],
      summary: meta.summary,
      docs: meta.source,
    }));
    return `${JSON.stringify({ apiVersion: 'meshctl.dev/v1', kind: 'RuleList', rules: listed }, undefined, 2)}\n`;
  }
  const rows = rules.map(({ meta }) => [meta.id, meta.aliases.join(' '), meta.severity, meta.summary]);
  return `${table(rows, { head: ['RULE', 'ALIASES', 'SEVERITY', 'WHAT IT CHECKS'], color: color.out, width: host.out.columns })}\n`;
}

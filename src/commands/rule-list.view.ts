/** `analyze --list-rules`: every rule, as a table for people or as a document for programs. */
import { MeshctlError } from '../errors.ts';
import type { Rule, RuleMeta } from '../model/rule.ts';
import { styleFor } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { visibleWidth } from '../terminal/width.ts';
import { wrap } from '../terminal/wrap.ts';
import { writeYaml } from '../text/yaml-write.ts';
import type { Context } from './define.ts';
import { writeOutput } from './files.ts';
import type { OutputTarget } from './outputs.ts';

interface ListLook {
  readonly color: boolean;
  readonly width: number | undefined;
}

type ListFormat = (rules: readonly Rule[], look: ListLook) => string;

const FORMATS: Readonly<Record<string, ListFormat>> = {
  text: listText,
  json: (rules) => `${JSON.stringify(listDocument(rules), undefined, 2)}\n`,
  yaml: (rules) => writeYaml(listDocument(rules)),
};

/**
 * Writes what goes to files.
 * @returns what goes to standard output
 * @throws MeshctlError E_USAGE for formats of findings
 */
export async function ruleList(rules: readonly Rule[], outputs: readonly OutputTarget[], { host, color }: Context): Promise<string> {
  let shown = '';
  for (const { format, file } of outputs) {
    const list = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
    if (!list) throw new MeshctlError('E_USAGE', `Rules cannot be listed as ${format}.`, { hint: 'List them as text, json or yaml.' });
    const toFile = file !== undefined;
    const text = list(rules, { color: color.out && !toFile, width: toFile ? undefined : host.out.columns });
    if (toFile) await writeOutput(file, text, host);
    else shown += text;
  }
  return shown;
}

function listDocument(rules: readonly Rule[]): unknown {
  const listed = rules.map(({ meta }) => ({
    rule: meta.id,
    aliases: meta.aliases,
    severity: meta.severity,
    meshes: meta.meshes ?? [],
    fixable: meta.fixable === true,
    onRequest: meta.isOnRequest === true,
    summary: meta.summary,
    docs: meta.source,
  }));
  return { apiVersion: 'meshctl.dev/v1', kind: 'RuleList', rules: listed };
}

/** A table where it fits; else a paragraph for each rule, because an id that is cut off can be neither copied nor read. */
function listText(rules: readonly Rule[], { color, width }: ListLook): string {
  const rows = rules.map(({ meta }) => [meta.id, meta.aliases.join(' '), meta.severity, fixText(meta), summaryText(meta)]);
  const wide = table(rows, { head: ['RULE', 'ALIASES', 'SEVERITY', 'FIX', 'WHAT IT CHECKS'], color });
  if (width === undefined || wide.split('\n').every((line) => visibleWidth(line) <= width)) return `${wide}\n`;
  const style = styleFor(color);
  const paragraphs = rules.map(({ meta }) => {
    const { id, aliases, severity } = meta;
    const title = [style.bold(id), style[severity](severity), ...[...aliases, fixText(meta)].filter(Boolean).map(style.dim)].join('  ');
    return `${title}\n${wrap(`  ${summaryText(meta)}`, width, '  ')}`;
  });
  return `${paragraphs.join('\n')}\n`;
}

const summaryText = ({ summary, isOnRequest }: RuleMeta): string => (isOnRequest ? `${summary} (on request)` : summary);

const fixText = ({ fixable }: RuleMeta): string => (fixable ? '--fix' : '');

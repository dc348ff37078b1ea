/** Values as lines of block YAML, in the layout of the document that they are put into. */
import { isBody } from '../model/body.ts';
import { isEqual } from './equal.ts';
import { flowText } from './yaml-scalars.ts';
import type { YamlNode, YamlTree } from './yaml-tree.ts';
import { writeFlowYaml, writeYaml } from './yaml-write.ts';

export interface Layout {
  /** Columns by which a mapping stands right of its key. */
  readonly step: number;
  /** Columns by which the dashes of a list stand right of its key. */
  readonly listStep: number;
  readonly newline: '\n' | '\r\n';
}

/** What follows a key or a dash: text on its line, and lines below it, indented from its column. */
export interface Lines {
  readonly head: string;
  readonly body: readonly string[];
}

/** Most manifests, and kubectl, indent by two and put the dashes of a list below the first letter of its key. */
const USUAL = { step: 2, listStep: 0 };

/** The layout of a document, by its first mapping inside a mapping and its first list. */
export function layoutOf({ root, source }: YamlTree): Layout {
  const column = (offset: number): number => offset - source.lastIndexOf('\n', offset - 1) - 1;
  let step: number | undefined;
  let listStep: number | undefined;
  const look = (node: YamlNode): void => {
    if (step !== undefined && listStep !== undefined) return;
    if (node.is === 'list') for (const item of node.items) look(item.node);
    if (node.is !== 'mapping' || node.isFlow) return;
    for (const { start, node: value } of node.entries) {
      const deeper = column(value.contentStart) - column(start);
      if (value.is === 'mapping' && !value.isFlow) step ??= deeper;
      if (value.is === 'list' && !value.isFlow) listStep ??= deeper;
      look(value);
    }
  };
  look(root);
  return { step: step ?? USUAL.step, listStep: listStep ?? USUAL.listStep, newline: source.includes('\r\n') ? '\r\n' : '\n' };
}

/** @param value behind a key, or behind a dash */
export function linesOf(value: unknown, layout: Layout, behind: 'key' | 'dash'): Lines {
  if (isBody(value) && !isEqual(value, {})) {
    const lines = mappingLines(value, layout);
    return behind === 'key' ? { head: '', body: indented(lines, layout.step) } : compact(lines);
  }
  if (Array.isArray(value) && value.length > 0) {
    const lines = value.flatMap((item) => itemLines(item, layout));
    return behind === 'key' ? { head: '', body: indented(lines, layout.listStep) } : compact(lines);
  }
  const [head = '', ...body] = writeYaml({ k: value }).slice('k: '.length).replace(/\n$/, '').split('\n');
  // A block that keeps all line ends at its end would take those of the document for its own.
  return /^[|>]\d?\+/.test(head) ? { head: flowText(value), body: [] } : { head, body };
}

function mappingLines(value: object, layout: Layout): readonly string[] {
  return Object.entries(value).flatMap(([key, entry]) => (entry === undefined ? [] : entryLines(key, entry, layout)));
}

export function entryLines(key: string, value: unknown, layout: Layout): readonly string[] {
  const { head, body } = linesOf(value, layout, 'key');
  return [`${keyText(key)}:${head === '' ? '' : ` ${head}`}`, ...body];
}

export function itemLines(value: unknown, layout: Layout): readonly string[] {
  const { head, body } = linesOf(value, layout, 'dash');
  return [`- ${head}`, ...body];
}

function compact([head = '', ...rest]: readonly string[]): Lines {
  return { head, body: indented(rest, 2) };
}

/** Lines without text stay empty: inside a block of text blanks would count. */
export function indented(lines: readonly string[], columns: number): readonly string[] {
  const pad = ' '.repeat(columns);
  return lines.map((line) => (line === '' ? '' : pad + line));
}

/** As YAML 1.1 needs it: `"on"`, `"012"`. */
export function keyText(key: string): string {
  return writeFlowYaml({ [key]: 0 }).slice(1, -': 0}'.length);
}

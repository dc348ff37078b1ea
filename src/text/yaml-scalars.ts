/** Values on one line: in the quotes of the text that they replace, and inside brackets. */
import type { YamlNode } from './yaml-tree.ts';
import { writeFlowYaml } from './yaml-write.ts';

/** Another text in the quotes of the one before; undefined where it must be written otherwise. */
export function scalarLike(node: YamlNode, value: unknown): string | undefined {
  if (node.is !== 'scalar' || typeof value !== 'string' || /[^\x20-\x7e]/.test(value)) return undefined;
  if (node.style === 'double') return JSON.stringify(value);
  if (node.style === 'single') return `'${value.replaceAll("'", "''")}'`;
  return undefined;
}

export function flowText(value: unknown): string {
  return writeFlowYaml([value]).slice(1, -1);
}

export function flowEntry(key: string, value: unknown): string {
  return writeFlowYaml({ [key]: value }).slice(1, -1);
}

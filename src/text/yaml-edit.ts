/**
 * Changes of a value as changes of the YAML text it was read from: what stays the same keeps its
 * characters, with comments, quotes, anchors and order.
 */
import { isEqual } from './equal.ts';
import { applyEdits } from './text-edits.ts';
import { parseYaml, YamlProblem } from './yaml.ts';
import { yamlChanges } from './yaml-changes.ts';
import { layoutOf } from './yaml-lines.ts';
import { type YamlTree, yamlTree } from './yaml-tree.ts';
import { writeYaml } from './yaml-write.ts';

/**
 * The text of a document that means `after`. It is read again to make sure; where the smallest
 * change would not do, a larger part is written anew, and in the end all of it.
 * @param text a document that `parseYaml` reads as `before`
 */
export function editYaml(text: string, before: unknown, after: unknown): string {
  if (isEqual(before, after)) return text;
  const tree = yamlTree(text);
  if (!tree) return rewritten(text, after);
  let limit = Number.POSITIVE_INFINITY;
  for (;;) {
    const { text: edited, deepest } = attempt(text, tree, before, after, limit);
    if (edited !== undefined && means(edited, after)) return edited;
    if (limit === 0) return rewritten(text, after);
    limit = Math.min(deepest, limit) - 1;
    if (limit < 0) limit = 0;
  }
}

/** The text with the smallest change that makes it mean `after`; undefined where more would have to be written anew. */
export function editYamlInPlace(text: string, before: unknown, after: unknown): string | undefined {
  if (isEqual(before, after)) return text;
  const tree = yamlTree(text);
  const edited = tree && attempt(text, tree, before, after, Number.POSITIVE_INFINITY).text;
  return edited !== undefined && means(edited, after) ? edited : undefined;
}

interface Attempt {
  readonly text: string | undefined;
  /** Levels below the root at which something was changed. */
  readonly deepest: number;
}

function attempt(text: string, tree: YamlTree, before: unknown, after: unknown, limit: number): Attempt {
  const { edits, deepest } = yamlChanges(tree, layoutOf(tree), before, after, limit);
  return { text: applyEdits(text, edits, tree.written), deepest };
}

export function means(text: string, wanted: unknown): boolean {
  try {
    return isEqual(parseYaml(text), wanted);
  } catch (error) {
    if (error instanceof YamlProblem) return false;
    throw error;
  }
}

/** Comments above the document are about it, however it is written. */
function rewritten(text: string, after: unknown): string {
  const above = /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*/.exec(text)?.[0] ?? '';
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  return above + writeYaml(after).replaceAll('\n', newline);
}

/** The comments of a YAML text. */
import type { YamlNode, YamlTree } from './yaml-tree.ts';

/** In the order of the text, each from its `#` to the end of its line. */
export function yamlComments({ root, source }: YamlTree): readonly string[] {
  const comments: string[] = [];
  let begin = 0;
  const look = (end: number): void => {
    for (const { 0: comment, index } of source.slice(begin, end).matchAll(/#[^\r\n]*/g)) {
      // Behind a text that is not in quotes it needs a blank.
      if (/^$|\s/.test(source.slice(Math.max(0, begin + index - 1), begin + index))) comments.push(comment.trimEnd());
    }
    begin = Math.max(begin, end);
  };
  const pass = ({ start, end }: { readonly start: number; readonly end: number }): void => {
    look(start);
    begin = Math.max(begin, end);
  };
  const visit = (node: YamlNode): void => {
    if (node.is === 'list') for (const item of node.items) visit(item.node);
    else if (node.is === 'mapping') {
      for (const entry of node.entries) {
        pass({ start: entry.start, end: entry.keyEnd });
        visit(entry.node);
      }
    } else pass({ start: node.contentStart, end: node.end });
  };
  visit(root);
  look(source.length);
  return comments;
}

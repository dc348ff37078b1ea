/** An example of a rule as people read it: a line that goes on and on, such as one with a large body, is cut. */
export function exampleText(yaml: string): string {
  const lines = yaml.trim().split('\n');
  return lines.map((line) => (line.length <= LONGEST_LINE ? line : `${line.slice(0, HEAD)}… (${line.length} characters)`)).join('\n');
}

const LONGEST_LINE = 200;
const HEAD = 80;

/** The changes that `--fix` would make, as SARIF has them: places in the file, and what comes there instead. */
import type { Finding } from '../model/finding.ts';
import type { DocumentPlace } from '../model/resource.ts';
import { editDocument, editsBelow } from '../text/document-edit.ts';
import { type LineIndex, lineIndex } from '../text/lines.ts';
import { artifact } from './sarif-locations.ts';

/** Each fix reads its document again, so that thousands of them, or a few in a huge list, would take minutes. */
const MOST_CHARACTERS = 5_000_000;
const LEAST_FOR_EACH = 2_000;

/** @returns for one finding after the other its `fixes`; none where it has none, or the report has had its share */
export function sarifFixes(): (finding: Finding) => readonly object[] {
  let read = 0;
  let last: { readonly text: string; readonly index: LineIndex } | undefined;
  const placesIn = (text: string): LineIndex => {
    if (last?.text !== text) last = { text, index: lineIndex(text) };
    return last.index;
  };
  return ({ edits, fix, resource: { origin } }) => {
    if (!edits || !origin) return [];
    const { document, source } = origin;
    read += Math.max(document.end - document.start, LEAST_FOR_EACH);
    const change = read > MOST_CHARACTERS ? undefined : changeOf(document, editsBelow(document.path, edits));
    if (!change) return [];
    const { place } = placesIn(document.text);
    const [start, end] = [place(change.start), place(change.end)];
    const deletedRegion = { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
    const replacement = { deletedRegion, ...(change.text !== '' && { insertedContent: { text: change.text } }) };
    return [
      {
        ...(fix !== undefined && { description: { text: fix } }),
        artifactChanges: [{ artifactLocation: artifact(source), replacements: [replacement] }],
      },
    ];
  };
}

/** True inside a line end or a character of two units, neither of which can be taken apart. */
function isPair(text: string, at: number): boolean {
  return /^(?:\r\n|[\ud800-\udbff][\udc00-\udfff])$/.test(text.slice(Math.max(0, at - 1), at + 1));
}

/** One replacement that covers all that changes; undefined when the text cannot be edited. */
function changeOf({ text, start, end }: DocumentPlace, edits: NonNullable<Finding['edits']>) {
  const before = text.slice(start, end);
  const after = editDocument(before, edits);
  if (after === undefined || after === before) return undefined;
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  if (isPair(before, head)) head--;
  if (isPair(before, before.length - tail)) tail--;
  return { start: start + head, end: start + before.length - tail, text: after.slice(head, after.length - tail) };
}

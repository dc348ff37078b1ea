/** The changes that `--fix` would make, each as one place in the file and what comes there instead. */
import type { Finding } from '../model/finding.ts';
import type { DocumentPlace } from '../model/resource.ts';
import { editDocument, editsBelow } from '../text/document-edit.ts';
import { type LineIndex, lineIndex } from '../text/lines.ts';
import type { TextEdit } from '../text/text-edits.ts';

export interface FixChange {
  readonly source: string;
  readonly start: ChangePlace;
  /** Exclusive; `start` for an insertion. */
  readonly end: ChangePlace;
  /** Empty where something is only taken out. */
  readonly text: string;
}

/** Counted from 1, columns in UTF-16 units. */
interface ChangePlace {
  readonly line: number;
  readonly column: number;
  /** The line up to here. */
  readonly before: string;
}

/** Each fix reads its document again, so that thousands of them, or a few in a huge list, would take minutes. */
const MOST_CHARACTERS = 5_000_000;
const LEAST_FOR_EACH = 2_000;

/** @returns for one finding after the other its change; none where it has none, or the report has had its share */
export function fixChanges(): (finding: Finding) => FixChange | undefined {
  let read = 0;
  let last: { readonly text: string; readonly index: LineIndex } | undefined;
  const indexOf = (text: string): LineIndex => {
    if (last?.text !== text) last = { text, index: lineIndex(text) };
    return last.index;
  };
  return ({ edits, resource: { origin } }) => {
    if (!edits || !origin) return undefined;
    const { document, source } = origin;
    read += Math.max(document.end - document.start, LEAST_FOR_EACH);
    const change = read > MOST_CHARACTERS ? undefined : changeOf(document, editsBelow(document.path, edits));
    if (!change) return undefined;
    const index = indexOf(document.text);
    return { source, start: placeIn(index, change.start), end: placeIn(index, change.end), text: change.text };
  };
}

function placeIn(index: LineIndex, offset: number): ChangePlace {
  const { line, column } = index.place(offset);
  return { line, column, before: index.line(line).text.slice(0, column - 1) };
}

/** One replacement that covers all that changes; undefined when the text cannot be edited. */
function changeOf({ text, start, end }: DocumentPlace, edits: NonNullable<Finding['edits']>): TextEdit | undefined {
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
  return withinLines(text, { start: start + head, end: start + before.length - tail, text: after.slice(head, after.length - tail) });
}

/** True inside a line end or a character of two units, neither of which can be taken apart. */
function isPair(text: string, at: number): boolean {
  return /^(?:\r\n|[\ud800-\udbff][\udc00-\udfff])$/.test(text.slice(Math.max(0, at - 1), at + 1));
}

/** Behind the last line end there is no line to name: what changes there starts with the line end before, and leaves its own. */
function withinLines(text: string, edit: TextEdit): TextEdit {
  const [own = ''] = /\r?\n$/.exec(text) ?? [];
  const from = edit.start - own.length;
  const [gone, put] = [own + text.slice(edit.start, edit.end), own + edit.text];
  const isLast = edit.end === text.length && own !== '' && text.slice(Math.max(0, from), edit.start) === own;
  if (!isLast || !gone.endsWith(own) || !put.endsWith(own)) return edit;
  return { start: from, end: edit.end - own.length, text: put.slice(0, -own.length) };
}

/** Findings with edits → the texts of their files with these edits made, and what had to be left. */

import { collide, type FieldEdit } from '../model/field-edit.ts';
import type { Finding } from '../model/finding.ts';
import { groupBy } from '../model/maps.ts';
import type { DocumentPlace } from '../model/resource.ts';
import { editDocument, editsBelow } from '../text/document-edit.ts';
import { hasTemplateActions } from '../text/template-actions.ts';
import { applyEdits, type TextEdit } from '../text/text-edits.ts';

export interface SourceFix {
  readonly source: string;
  readonly before: string;
  readonly after: string;
  readonly fixed: readonly Finding[];
  /** Findings that cannot be mended by changing this text. Those that must wait for another edit are in neither list. */
  readonly left: readonly Unfixed[];
}

export interface Unfixed {
  readonly finding: Finding;
  /** Goes behind "…, because". */
  readonly reason: string;
}

interface Fixable {
  readonly finding: Finding;
  readonly document: DocumentPlace;
  /** From the root of the document. */
  readonly edits: readonly FieldEdit[];
}

/** One for each source that has findings with edits. Of edits that collide the first is made; fixing again makes the next. */
export function fixSources(findings: readonly Finding[]): readonly SourceFix[] {
  return [...groupBy(findings.flatMap(fixable), ({ finding }) => finding.resource.origin?.source ?? '')].map(([source, entries]) =>
    fixSource(source, entries),
  );
}

/** The findings with only those edits that may be made where they are. */
export function withPossibleEdits(findings: readonly Finding[]): readonly Finding[] {
  const reasons = new Map<string, string | undefined>();
  return findings.map((finding) => {
    const text = finding.edits && finding.resource.origin?.document.text;
    if (text === undefined) return finding;
    const { source } = finding.resource.origin ?? { source: '' };
    if (!reasons.has(source)) reasons.set(source, reasonToLeave(text));
    return reasons.get(source) === undefined ? finding : { ...finding, edits: undefined };
  });
}

function fixable(finding: Finding): readonly Fixable[] {
  const document = finding.resource.origin?.document;
  return document && finding.edits ? [{ finding, document, edits: editsBelow(document.path, finding.edits) }] : [];
}

function fixSource(source: string, entries: readonly Fixable[]): SourceFix {
  const before = entries[0]?.document.text ?? '';
  const reason = reasonToLeave(before);
  if (reason !== undefined) return { source, before, after: before, fixed: [], left: entries.map(({ finding }) => ({ finding, reason })) };
  const documents = [...groupBy(entries, ({ document }) => document.start)].sort(([left], [right]) => left - right);
  const results = documents.map(([, inDocument]) => fixDocument(inDocument));
  // They do not overlap.
  const after = applyEdits(before, results) ?? before;
  return { source, before, after, fixed: results.flatMap(({ fixed }) => fixed), left: results.flatMap(({ left }) => left) };
}

/** What the text of a document becomes. */
interface DocumentFix extends TextEdit {
  readonly fixed: readonly Finding[];
  readonly left: readonly Unfixed[];
}

function fixDocument(entries: readonly Fixable[]): DocumentFix {
  // Edits of different objects never collide, and a list may hold thousands of them.
  const chosen = [...groupBy(entries, ({ document }) => document.path.join('/')).values()].flatMap(withoutCollisions);
  const { text = '', start = 0, end = 0 } = entries[0]?.document ?? {};
  return { start, end, ...made(text.slice(start, end), chosen) };
}

function withoutCollisions(entries: readonly Fixable[]): readonly Fixable[] {
  const chosen: Fixable[] = [];
  for (const entry of entries) {
    const collides = (other: FieldEdit): boolean => entry.edits.some((edit) => collide(edit, other));
    if (!chosen.some(({ edits }) => edits.some(collides))) chosen.push(entry);
  }
  return chosen;
}

/** Where all at once will not do, one half after the other, down to the edits that are to blame. */
function made(text: string, entries: readonly Fixable[]): Pick<DocumentFix, 'text' | 'fixed' | 'left'> {
  const findings = entries.map(({ finding }) => finding);
  const all = editDocument(
    text,
    entries.flatMap(({ edits }) => edits),
  );
  if (all !== undefined) return { text: all, fixed: findings, left: [] };
  if (entries.length <= 1) return { text, fixed: [], left: findings.map((finding) => ({ finding, reason: UNSAFE })) };
  const middle = entries.length >> 1;
  const first = made(text, entries.slice(0, middle));
  const second = made(first.text, entries.slice(middle));
  return { text: second.text, fixed: [...first.fixed, ...second.fixed], left: [...first.left, ...second.left] };
}

const UNSAFE = 'a comment or the form of the text would be lost';

function reasonToLeave(text: string): string | undefined {
  if (hasTemplateActions(text)) return 'the file is a template';
  if (isGenerated(text)) return 'the file is generated; change what it is made from';
  return undefined;
}

/** As its first comments tell, or the line by which helm names the template of each of its manifests. */
function isGenerated(text: string): boolean {
  const head = /^(?:\uFEFF)?(?:[ \t]*(?:#[^\n]*|---[ \t]*)?\r?(?:\n|$))*/.exec(text)?.[0] ?? '';
  const isMarked = /@generated\b/.test(head) || (/generated/i.test(head) && /\bdo not (?:edit|modify|change)\b/i.test(head));
  return isMarked || /^# Source: \S+\/templates\/\S+\s*$/m.test(text);
}

/** What `analyze --fix` changed, left and would change, for people. */
import { groupBy } from '../model/maps.ts';
import { nameOf, placeText } from '../reporters/places.ts';
import { printableLine } from '../terminal/printable.ts';
import { styleFor } from '../terminal/style.ts';
import { wrap } from '../terminal/wrap.ts';
import { splitDocuments } from '../text/documents.ts';
import { unifiedDiffOf } from '../text/unified-diff.ts';
import { count } from '../text/words.ts';
import type { FixedSource, FixResult } from './analyze.fix.ts';
import { limited } from './analyze.notices.ts';
import type { FixMode } from './analyze.plan.ts';
import type { Context } from './define.ts';
import { contextFor, sourceDiff } from './diff.view.ts';

/** @returns lines for standard error */
export function fixNotices(
  { sources, left, unwritten }: Omit<FixResult<unknown>, 'analyzed'>,
  mode: FixMode,
  { quiet, verbose, host }: Context,
): string {
  const failures = unwritten.map(({ source, reason }) => `Not fixed: ${source} ${reason}.`);
  const done = mode === 'write' ? 'Fixed' : 'Would fix';
  const unfixed = left.map(({ finding, reason }) => {
    const { rule, position, resource } = finding;
    return `Not fixed: ${rule} of ${nameOf(resource)}${position ? ` at ${placeText(position)}` : ''}, because ${reason}.`;
  });
  const fixes = sources.reduce((sum, { fixed }) => sum + fixed.length, 0);
  const lines = quiet
    ? failures
    : [
        ...sources.map((source) => `${done} ${source.source}: ${rulesOf(source)}.`),
        ...limited(unfixed, 'findings that cannot be fixed', verbose),
        ...failures,
        fixes === 0
          ? `${done} nothing: ${left.length + failures.length === 0 ? 'no finding has a fix that is safe to make' : 'see above'}.`
          : `${done} ${count(fixes, 'finding')} in ${count(sources.length, 'file')}.`,
      ];
  return lines.map((line) => `${wrap(printableLine(line), host.err.columns, '  ')}\n`).join('');
}

/** `family/one (2), family/other`. */
function rulesOf({ fixed }: FixedSource): string {
  return [...groupBy(fixed, ({ rule }) => rule)]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([rule, findings]) => (findings.length === 1 ? rule : `${rule} (${findings.length})`))
    .join(', ');
}

/** In the form that `patch` and `git apply -p0` take. */
export function fixDiff(sources: readonly FixedSource[], { color }: Context): string {
  const style = styleFor(color.out);
  return [...sources]
    .sort((left, right) => (left.source < right.source ? -1 : 1))
    .map(({ source, before, after }) =>
      sourceDiff({ before: source, after: source }, unifiedDiffOf(partsOf(before, after), { line: 0, context: contextFor(before) }), style),
    )
    .join('');
}

/** Document by document, as a fix stays within one. */
function partsOf(before: string, after: string): readonly { readonly before: string; readonly after: string }[] {
  const [old, fresh] = [before, after].map(documentTexts);
  if (!old || !fresh || old.length !== fresh.length) return [{ before, after }];
  return old.map((text, index) => ({ before: text, after: fresh[index] ?? '' }));
}

/** Each from the line on which it begins up to the next; what stands above the first belongs to it. */
function documentTexts(text: string): readonly string[] {
  const starts = splitDocuments(text).map(({ offset }) => text.lastIndexOf('\n', offset - 1) + 1);
  return starts.map((start, index) => text.slice(index === 0 ? 0 : start, starts[index + 1]));
}

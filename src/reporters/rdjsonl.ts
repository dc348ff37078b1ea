/**
 * reviewdog's diagnostics, one JSON object a line.
 * @see https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
 */
import type { Finding, InputError } from '../model/finding.ts';
import type { Resource, Span } from '../model/resource.ts';
import type { Severity } from '../model/rule.ts';
import { type FixChange, fixChanges } from './fix-changes.ts';
import { clusterPath, nameOf, repositoryPath, startOf } from './places.ts';
import type { Reporter } from './report.ts';

const SEVERITIES: Readonly<Record<Severity, string>> = { error: 'ERROR', warning: 'WARNING', info: 'INFO' };

const SOURCE = { name: 'meshctl' };

export const rdjsonl: Reporter = ({ findings, errors }) => {
  const changeOf = fixChanges();
  const diagnostics = [...errors.map(ofError), ...findings.map((finding) => ofFinding(finding, changeOf(finding)))];
  return diagnostics.map((diagnostic) => `${JSON.stringify(diagnostic)}\n`).join('');
};

function ofFinding(finding: Finding, change: FixChange | undefined): unknown {
  const { rule, docs, severity, message, fix, resource, position, related } = finding;
  const places = related.flatMap((other) => relatedLocation(other) ?? []);
  return {
    message: fix === undefined ? message : `${message} ${fix}`,
    location: position ? { path: repositoryPath(position.source), range: rangeOf(position, resource) } : { path: clusterPath(resource) },
    severity: SEVERITIES[severity],
    source: SOURCE,
    code: { value: rule, url: docs },
    ...(change && { suggestions: [suggestionOf(change)] }),
    ...(places.length > 0 && { relatedLocations: places }),
  };
}

function ofError({ source, line, column, message }: InputError): unknown {
  const start = { line, ...(column !== undefined && { column }) };
  return {
    message,
    location: { path: repositoryPath(source), ...(line !== undefined && { range: { start } }) },
    severity: SEVERITIES.error,
    source: SOURCE,
    code: { value: 'input-not-read' },
  };
}

function relatedLocation(resource: Resource): unknown {
  const start = startOf(resource);
  return start && { message: nameOf(resource), location: { path: repositoryPath(start.source), range: { start: { line: start.line } } } };
}

/** What `--fix` would write; the text is there even when it is empty, as it is for what goes. */
function suggestionOf({ start, end, text }: FixChange): unknown {
  const place = ({ line, before }: FixChange['start']): object => ({ line, column: bytesOf(before) + 1 });
  return { range: { start: place(start), end: place(end) }, text };
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** Columns count bytes of UTF-8 here, and the end is exclusive as everywhere. */
function rangeOf({ line, column, endLine, endColumn }: Span, { origin }: Resource): unknown {
  const columnIn = (number: number, units: number): number => {
    const [text = ''] = origin?.lines(number, number) ?? [];
    // Columns beyond the text that is known are of spaces.
    return bytesOf(text.slice(0, units - 1)) + Math.max(0, units - 1 - text.length) + 1;
  };
  return { start: { line, column: columnIn(line, column) }, end: { line: endLine, column: columnIn(endLine, endColumn) } };
}

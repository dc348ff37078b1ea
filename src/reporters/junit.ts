/**
 * JUnit's XML as Jenkins and GitLab read it: a suite for each file, a passing case for each clean
 * object, because a run without cases counts as a failure there.
 */
import type { AnalysisReport, Finding, InputError, NotChecked } from '../model/finding.ts';
import { groupBy } from '../model/maps.ts';
import type { Resource } from '../model/resource.ts';
import { styleFor } from '../terminal/style.ts';
import { pathText } from '../text/field-path.ts';
import { codeFrame } from './frame.ts';
import { nameOf, placeText, repositoryPath } from './places.ts';
import type { Reporter } from './report.ts';
import { attributes, cdata } from './xml.ts';

interface Case {
  readonly suite: string;
  readonly classname: string;
  readonly name: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped';
  readonly type?: string;
  readonly message?: string;
  readonly details?: string;
}

/** Not the name of any file. */
const CLUSTER = '(cluster)';
const NOT_CHECKED = '(not checked)';

export const junit: Reporter = (report) => {
  const cases = distinct([...resourceCases(report), ...report.errors.map(errorCase), ...report.notChecked.map(notCheckedCase)]);
  const suites = groupBy(cases, ({ suite }) => suite);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'meshctl', ...totals(cases), skipped: undefined, time: 0 })}>`,
    ...[...suites].sort(([left], [right]) => (left < right ? -1 : 1)).flatMap(([name, inside]) => suiteLines(name, inside)),
    '</testsuites>',
    '',
  ].join('\n');
};

function resourceCases({ resources, findings, suppressed }: AnalysisReport): readonly Case[] {
  const cases = new Map<Resource, Case[]>(resources.filter((resource) => !resource.assumed).map((resource) => [resource, []]));
  const add = (resource: Resource, entry: Case): void => void cases.set(resource, [...(cases.get(resource) ?? []), entry]);
  for (const finding of findings) add(finding.resource, findingCase(finding));
  for (const { finding, by } of suppressed) add(finding.resource, suppressedCase(finding, by));
  return [...cases].flatMap(([resource, own]) => (own.length > 0 ? own : [cleanCase(resource)]));
}

function subjectOf(resource: Resource): Pick<Case, 'suite' | 'classname' | 'file' | 'line'> {
  const file = resource.origin && repositoryPath(resource.origin.source);
  return { suite: file ?? CLUSTER, classname: nameOf(resource), file, line: resource.origin?.line };
}

const cleanCase = (resource: Resource): Case => ({ ...subjectOf(resource), name: 'no findings', outcome: 'passed' });

/** An `info` fails nothing, so that it shows without turning the build red. */
function findingCase(finding: Finding): Case {
  const { severity, message } = finding;
  const outcome = severity === 'info' ? 'skipped' : 'failure';
  return { ...findingSubject(finding), outcome, type: severity, message, details: detailsOf(finding) };
}

const suppressedCase = (finding: Finding, by: string): Case => ({
  ...findingSubject(finding),
  outcome: 'skipped',
  message: `Suppressed by ${by}: ${finding.message}`,
});

function findingSubject({ resource, rule, path = [], position }: Finding): Pick<Case, 'suite' | 'classname' | 'name' | 'file' | 'line'> {
  const subject = subjectOf(resource);
  return { ...subject, name: [rule, pathText(path)].join(' ').trim(), line: position?.line ?? subject.line };
}

function detailsOf(finding: Finding): string {
  const { position, resource, message, fix, related, docs } = finding;
  return [
    ...(position ? [placeText(position)] : []),
    nameOf(resource),
    message,
    ...codeFrame(finding, { style: styleFor(false), width: undefined }),
    ...(fix === undefined ? [] : [`fix: ${fix}`]),
    ...related.map((other) => `related: ${nameOf(other)}`),
    docs,
  ].join('\n');
}

function errorCase({ source, line, column, message }: InputError): Case {
  const file = repositoryPath(source);
  const details = `${placeText({ source, line, column })}\n${message}`;
  return { suite: file, classname: file, name: 'input is readable', file, line, outcome: 'error', type: 'input', message, details };
}

function notCheckedCase({ rule, reason }: NotChecked): Case {
  return { suite: NOT_CHECKED, classname: NOT_CHECKED, name: rule, outcome: 'skipped', message: reason };
}

/** GitLab takes cases of one name for one case, so the second gets a number. */
function distinct(cases: readonly Case[]): readonly Case[] {
  const seen = new Map<string, number>();
  return cases.map((entry) => {
    const key = JSON.stringify([entry.suite, entry.classname, entry.name]);
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return times === 1 ? entry : { ...entry, name: `${entry.name} (${times})` };
  });
}

function totals(cases: readonly Case[]): Readonly<Record<'tests' | 'failures' | 'errors' | 'skipped', number>> {
  const of = (outcome: Case['outcome']): number => cases.filter((entry) => entry.outcome === outcome).length;
  return { tests: cases.length, failures: of('failure'), errors: of('error'), skipped: of('skipped') };
}

function suiteLines(name: string, cases: readonly Case[]): readonly string[] {
  return [
    `  <testsuite${attributes({ name, ...totals(cases), time: 0, package: 'meshctl' })}>`,
    ...cases.map((entry) => `    ${caseElement(entry)}`),
    '  </testsuite>',
  ];
}

function caseElement({ classname, name, file, line, outcome, type, message, details }: Case): string {
  const open = `<testcase${attributes({ classname, name, file, line, time: 0 })}`;
  if (outcome === 'passed') return `${open}/>`;
  // JUnit's schema gives a skipped case a message and nothing else.
  if (outcome === 'skipped') return `${open}><skipped${attributes({ message })}/></testcase>`;
  return `${open}><${outcome}${attributes({ type, message })}>${cdata(details ?? '')}</${outcome}></testcase>`;
}

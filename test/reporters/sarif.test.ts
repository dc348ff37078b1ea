import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { FieldEdit } from '../../src/model/field-edit.ts';
import type { AnalysisReport } from '../../src/model/finding.ts';
import { sarif } from '../../src/reporters/sarif.ts';
import { editDocument } from '../../src/text/document-edit.ts';
import { lineIndex } from '../../src/text/lines.ts';
import {
  broken,
  clean,
  merged,
  oneError,
  plainLook,
  RULE,
  reportOf,
  route,
  service,
  suppressedBy,
  unchecked,
  withFinding,
} from './reports.ts';

/** As far as the tests read it. */
interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly locations: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: unknown };
  }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string; readonly help: { readonly markdown: string } }[] } };
  readonly results: readonly Result[];
  readonly invocations: readonly unknown[];
}

/** The schema is of draft 4, which differs from draft 7 in the name of `$id` alone as far as it is used here. */
function officialSchema(): object {
  const path = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
  const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(path, 'utf8'));
  return schema;
}

const isValid = new Ajv({ allErrors: true, strict: false, validateFormats: false, unicodeRegExp: false }).compile(officialSchema());

const runOf = (report: AnalysisReport): Run => JSON.parse(sarif(report, plainLook)).runs[0];
const uriOf = (source: string): unknown =>
  runOf(reportOf(route('reviewz'), { source })).results[0]?.locations[0]?.physicalLocation.artifactLocation;
const fingerprintOf = (report: AnalysisReport): string | undefined => runOf(report).results[0]?.partialFingerprints['meshctl/v2'];

const live = reportOf(route('reviewz'), { live: true });
const related = withFinding(oneError, { related: [...oneError.resources, ...live.resources] });
const suppressed = suppressedBy('annotation meshctl.dev/ignore of VirtualService shop/reviews', oneError);
const unknownRule = withFinding(oneError, { rule: 'suppression-needed', aliases: [] });

/** The text after the one replacement of a fix. */
function applied(text: string, fixes: unknown): string {
  const [fix] = fixes as readonly { readonly artifactChanges: readonly { readonly replacements: readonly Replacement[] }[] }[];
  const [replacement] = fix?.artifactChanges[0]?.replacements ?? [];
  if (!replacement) throw new Error('no replacement');
  const { startLine, startColumn, endLine, endColumn } = replacement.deletedRegion;
  const { line } = lineIndex(text);
  const [start, end] = [line(startLine).start + startColumn - 1, line(endLine).start + endColumn - 1];
  for (const place of [start, end]) expect(text.slice(place - 1, place + 1)).not.toMatch(/^(?:\r\n|[\ud800-\udbff][\udc00-\udfff])$/);
  return text.slice(0, start) + (replacement.insertedContent?.text ?? '') + text.slice(end);
}

const HOST = ['spec', 'http', 0, 'route', 0, 'destination', 'host'] as const;

interface Replacement {
  readonly deletedRegion: Readonly<Record<'startLine' | 'startColumn' | 'endLine' | 'endColumn', number>>;
  readonly insertedContent?: { readonly text: string };
}

describe('sarif', () => {
  it.each(Object.entries({ clean, oneError, live, related, broken, unchecked, suppressed, unknownRule }))(
    'follows the official schema: %s',
    (_, report) => {
      isValid(JSON.parse(sarif(report, plainLook)));
      expect(isValid.errors).toBeNull();
    },
  );

  it('brings the fixes of findings, as places in the file', () => {
    const edited = (edits: readonly FieldEdit[]): AnalysisReport => withFinding(oneError, { edits });
    const report = edited([{ is: 'set', path: HOST, value: 'reviews' }]);
    isValid(JSON.parse(sarif(report, plainLook)));
    expect(isValid.errors).toBeNull();
    expect(runOf(report).results[0]?.['fixes']).toEqual([
      {
        description: { text: 'Did you mean "reviews"?' },
        artifactChanges: [
          {
            artifactLocation: { uri: 'shop.yaml', uriBaseId: '%SRCROOT%' },
            replacements: [{ deletedRegion: { startLine: 8, startColumn: 38, endLine: 8, endColumn: 39 }, insertedContent: { text: 's' } }],
          },
        ],
      },
    ]);
    expect(runOf(edited([{ is: 'remove', path: ['spec', 'none'] }])).results[0]).not.toHaveProperty('fixes');
    expect(runOf(suppressedBy('baseline', report)).results[0]).not.toHaveProperty('fixes');
  });

  it.each<[string, string, FieldEdit]>([
    ['a line end', route('reviewz').replaceAll('\n', '\r\n'), { is: 'set', path: ['spec', 'priority'], value: 1 }],
    ['a line that goes', route('reviewz').replaceAll('\n', '\r\n'), { is: 'remove', path: ['spec', 'hosts'] }],
    ['a character of two units', route('"\u{1f600}"'), { is: 'set', path: HOST, value: '\u{1f601}' }],
    ['the second unit of another', route('"\u{1f600}"'), { is: 'set', path: HOST, value: '\u{1fa00}' }],
    ['a text that repeats itself', route('"aab"'), { is: 'set', path: HOST, value: 'aaab' }],
  ])('takes %s not apart', (_, text, edit) => {
    const [result] = runOf(withFinding(reportOf(text), { edits: [edit] })).results;
    expect(applied(text, result?.['fixes'])).toBe(editDocument(text, [edit]));
  });

  it('would not pass that schema with a result without a message', () => {
    const log = JSON.parse(sarif(oneError, plainLook));
    delete log.runs[0].results[0].message;
    expect(isValid(log)).toBe(false);
  });

  it('places a result by line, column and field', () => {
    expect(runOf(oneError).results).toEqual([
      {
        ruleId: RULE,
        ruleIndex: 0,
        level: 'error',
        message: {
          text: 'Host "reviewz" is not a service that namespace "shop" can see (looked for "reviewz.shop.svc.cluster.local"). Did you mean "reviews"?',
        },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'shop.yaml', uriBaseId: '%SRCROOT%' },
              region: { startLine: 8, startColumn: 32, endLine: 8, endColumn: 39 },
            },
            logicalLocations: [
              {
                name: 'spec.http[0].route[0].destination.host',
                fullyQualifiedName: 'shop/VirtualService/reviews.spec.http[0].route[0].destination.host',
                kind: 'member',
              },
            ],
          },
        ],
        partialFingerprints: { 'meshctl/v2': expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    ]);
  });

  it('describes every rule of the run, with examples and the names it has elsewhere', () => {
    const [rule] = runOf(clean).tool.driver.rules;
    expect(rule).toMatchObject({
      id: RULE,
      name: 'DestinationHostExists',
      shortDescription: { text: 'Every destination of a VirtualService is a known service.' },
      helpUri: 'https://istio.io/latest/docs/reference/config/analysis/ist0101/',
      defaultConfiguration: { level: 'error' },
      properties: { tags: ['istio-routing', 'istio', 'IST0101', 'KIA1101'], precision: 'high', 'problem.severity': 'error' },
    });
    expect(rule?.help.markdown).toMatch(
      /\*\*Why:\*\* .+```yaml\n.*host: reviewz.*```.+```yaml\n.*host: reviews\..*\*\*Source:\*\* <https:/s,
    );
  });

  it('knows the rules of findings that no rule of the run made', () => {
    const run = runOf(unknownRule);
    expect(run.tool.driver.rules.map(({ id }) => id)).toEqual([RULE, 'suppression-needed']);
    expect(run.results[0]?.ruleIndex).toBe(1);
  });

  it('writes relative addresses for GitHub, and absolute ones as files', () => {
    const base = { uriBaseId: '%SRCROOT%' };
    expect(uriOf('./deploy/../a b/ü#?%.yaml')).toEqual({ uri: 'a%20b/%C3%BC%23%3F%25.yaml', ...base });
    expect(uriOf('deploy\\shop.yaml')).toEqual({ uri: 'deploy/shop.yaml', ...base });
    expect(uriOf('../c:d.yaml')).toEqual({ uri: '../c%3Ad.yaml', ...base });
    expect(uriOf('/srv/a b.yaml')).toEqual({ uri: 'file:///srv/a%20b.yaml' });
    expect(uriOf('C:\\srv\\a.yaml')).toEqual({ uri: 'file:///C:/srv/a.yaml' });
  });

  it('gives results of a cluster a location too', () => {
    const [result] = runOf(live).results;
    expect(result?.locations[0]).toMatchObject({
      physicalLocation: { artifactLocation: { uri: 'cluster/networking.istio.io/VirtualService/shop/reviews' }, region: { startLine: 1 } },
      logicalLocations: [{ kind: 'member' }],
    });
    expect(result?.partialFingerprints['primaryLocationLineHash']).toMatch(/^[0-9a-f]{16}:1$/);
  });

  it('numbers related locations', () => {
    const [result] = runOf(related).results;
    expect(result?.['relatedLocations']).toMatchObject([
      { id: 1, message: { text: 'VirtualService shop/reviews' }, physicalLocation: { region: { startLine: 1 } } },
      { id: 2, message: { text: 'Service shop/reviews' }, physicalLocation: { region: { startLine: 10 } } },
      { id: 3, logicalLocations: [{ fullyQualifiedName: 'shop/VirtualService/reviews', kind: 'resource' }] },
    ]);
  });

  it.each([
    ['annotation meshctl.dev/ignore of VirtualService shop/reviews', 'inSource'],
    ['comment at shop.yaml:8: a reason', 'inSource'],
    ["--suppress 'istio-annotation/*'", 'external'],
    ['baseline old.json', 'external'],
  ])('tells what suppresses a result: %s', (by, kind) => {
    expect(runOf(suppressedBy(by, oneError)).results[0]?.['suppressions']).toEqual([{ kind, justification: by }]);
    expect(runOf(oneError).results[0]).not.toHaveProperty('suppressions');
  });

  it('notifies of input that was not read and of rules that were not checked', () => {
    expect(runOf(clean).invocations).toEqual([{ executionSuccessful: true, toolExecutionNotifications: [] }]);
    expect(runOf(merged(broken, unchecked)).invocations).toEqual([
      {
        executionSuccessful: false,
        toolExecutionNotifications: [
          {
            level: 'error',
            message: { text: 'The key "a" stands twice in this mapping.' },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: 'broken.yaml', uriBaseId: '%SRCROOT%' },
                  region: { startLine: 2, startColumn: 1 },
                },
              },
            ],
          },
          {
            level: 'note',
            message: {
              text: `${RULE} was not checked. The input holds no Service in namespace "shop". Add them, or pass --complete if there are none.`,
            },
            associatedRule: { id: RULE, index: 0 },
          },
        ],
      },
    ]);
  });

  it('calls an info a note', () => {
    expect(runOf(reportOf(route('reviewz'), { severity: 'info' })).results[0]?.level).toBe('note');
  });
});

describe('a fingerprint', () => {
  const two = (first: string, second: string): AnalysisReport =>
    reportOf(`${route(first)}        - destination: { host: ${second} }\n---\n${service('reviews')}`);
  const all = (report: AnalysisReport): readonly string[] =>
    runOf(report).results.map((result) => result.partialFingerprints['meshctl/v2'] ?? '');

  it('stays when lines move, the file is renamed or the order of a list changes', () => {
    const moved = reportOf(`# a comment\n\n${route('reviewz')}---\n${service('reviews')}`, { source: 'other.yaml' });
    expect(fingerprintOf(moved)).toBe(fingerprintOf(oneError));
    expect([...all(two('a', 'b'))].sort()).toEqual([...all(two('b', 'a'))].sort());
  });

  it('stays when items without names are inserted above', () => {
    const other = '    - match: [{ uri: { prefix: /new } }]\n      route: [{ destination: { host: reviews } }]\n';
    const inserted = reportOf(`${route('reviewz').replace('  http:\n', `  http:\n${other}`)}---\n${service('reviews')}`);
    expect(inserted.findings[0]?.path?.[2]).toBe(1);
    expect(fingerprintOf(inserted)).toBe(fingerprintOf(oneError));
  });

  it('stays when the message or the severity changes', () => {
    expect(fingerprintOf(withFinding(oneError, { message: 'Another wording.', severity: 'info' }))).toBe(fingerprintOf(oneError));
  });

  it('differs by rule, object, field and value', () => {
    const others = [
      oneError,
      withFinding(oneError, { rule: 'x/y' }),
      withFinding(oneError, { path: ['spec'] }),
      reportOf(route('ratingz')),
      reportOf(route('reviewz').replace('namespace: shop', 'namespace: test')),
    ];
    expect(new Set(others.map(fingerprintOf)).size).toBe(others.length);
  });

  it('is distinct for findings that are alike, and a suppression of one does not change the other', () => {
    const twice = two('a', 'a');
    const [first, second] = all(twice);
    expect(first).not.toBe(second);
    const [finding, other] = twice.findings;
    const suppressedFirst = {
      ...twice,
      findings: other ? [other] : [],
      suppressed: finding ? [{ finding, by: 'baseline' }] : [],
    };
    expect(all(suppressedFirst)).toEqual([second, first]);
  });
});

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { AnalysisReport } from '../../src/model/finding.ts';
import { json } from '../../src/reporters/json.ts';
import { yaml } from '../../src/reporters/yaml.ts';
import { parseYaml } from '../../src/text/yaml.ts';
import { broken, clean, merged, oneError, plainLook, RULE, reportOf, route, suppressedBy, unchecked, withFinding } from './reports.ts';

const schema = JSON.parse(readFileSync(new URL('../../schemas/output/analysis-report.json', import.meta.url), 'utf8'));
const isValid = new Ajv2020({ allErrors: true }).compile(schema);

const nameless = reportOf(route('reviewz').replace(', namespace: shop', ''));
const related = withFinding(oneError, {
  related: oneError.resources,
  fix: undefined,
  path: ['metadata', 'annotations', 'a.b/c', 0, 'x-y'],
});
const live = reportOf(route('reviewz'), { live: true, severity: 'info' });
const fixable = withFinding(oneError, { edits: [{ is: 'remove', path: ['spec', 'hosts'] }] });
const all = merged(oneError, clean, broken, unchecked, related, live, nameless, suppressedBy('baseline', oneError));

const cases: Readonly<Record<string, AnalysisReport>> = { all, clean, oneError, broken, unchecked, live, fixable };

/** As far as the tests read it. */
interface Document {
  readonly findings: readonly {
    readonly path?: string;
    readonly resource: object;
    readonly related?: readonly object[];
    readonly position?: object;
  }[];
  readonly [key: string]: unknown;
}

const written = (report: AnalysisReport): Document => JSON.parse(json(report, plainLook));

describe('json', () => {
  it('is the AnalysisReport of the design, keys in their order', () => {
    expect(json(merged(oneError, broken, unchecked), plainLook)).toBe(
      `${JSON.stringify(
        {
          apiVersion: 'meshctl.dev/v1',
          kind: 'AnalysisReport',
          summary: { errors: 1, warnings: 0, infos: 0, fixable: 0, suppressed: 0, resources: 3, files: 3 },
          findings: [
            {
              rule: RULE,
              aliases: ['IST0101', 'KIA1101'],
              severity: 'error',
              message: 'Host "reviewz" is not a service that namespace "shop" can see (looked for "reviewz.shop.svc.cluster.local").',
              fix: 'Did you mean "reviews"?',
              docs: 'https://istio.io/latest/docs/reference/config/analysis/ist0101/',
              resource: { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', namespace: 'shop', name: 'reviews' },
              path: 'spec.http[0].route[0].destination.host',
              position: { source: 'shop.yaml', line: 8, column: 32 },
            },
          ],
          notChecked: [
            { rule: RULE, reason: 'The input holds no Service in namespace "shop". Add them, or pass --complete if there are none.' },
          ],
          errors: [{ source: 'broken.yaml', line: 2, column: 1, message: 'The key "a" stands twice in this mapping.' }],
        },
        null,
        2,
      )}\n`,
    );
  });

  it.each(Object.entries(cases))('follows its schema: %s', (_, report) => {
    isValid(written(report));
    expect(isValid.errors).toBeNull();
  });

  it('quotes the keys of a path that are no plain names', () => {
    expect(written(related).findings[0]?.path).toBe('metadata.annotations["a.b/c"][0].x-y');
  });

  it('gives related objects with their places', () => {
    expect(written(related).findings[0]?.related?.[1]).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      namespace: 'shop',
      name: 'reviews',
      position: { source: 'shop.yaml', line: 10, column: 1 },
    });
  });

  it('leaves out a namespace that nobody wrote, and the place of an object of a cluster', () => {
    expect(written(nameless).findings[0]?.resource).toEqual({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      name: 'reviews',
    });
    expect(written(live).findings[0]).not.toHaveProperty('position');
  });

  it('marks what --fix mends, and counts it', () => {
    expect(written(fixable)).toMatchObject({ summary: { errors: 1, fixable: 1 }, findings: [{ fixable: true }] });
    expect(written(oneError).findings[0]).not.toHaveProperty('fixable');
  });

  it('counts suppressed findings and shows none of them', () => {
    const document = written(suppressedBy('baseline', oneError));
    expect(document).toMatchObject({ summary: { errors: 0, suppressed: 1 }, findings: [] });
  });

  it('leaves objects out of the count that were only assumed', () => {
    const resources = oneError.resources.map((resource) => ({ ...resource, assumed: true }));
    expect(written({ ...oneError, resources })).toMatchObject({ summary: { resources: 0 } });
  });
});

describe('yaml', () => {
  it.each(Object.entries(cases))('says the same as json: %s', (_, report) => {
    expect(parseYaml(yaml(report, plainLook))).toEqual(written(report));
  });

  it('keeps the order of keys and folds no text', () => {
    const text = yaml(withFinding(oneError, { message: 'word '.repeat(50).trim() }), plainLook);
    expect(text).toMatch(/^apiVersion: meshctl\.dev\/v1\nkind: AnalysisReport\nsummary:\n {2}errors: 1\n/);
    expect(text).toContain(`    message: ${'word '.repeat(50).trim()}\n`);
  });

  it('quotes what YAML 1.1 would read as something else', () => {
    const messages = ['yes', 'on', '012', '1e3', '~', 'a: b', '# x', '- y', '\u0007bell', 'line\nline', ' ', '1:30'];
    const report = { ...clean, notChecked: messages.map((reason) => ({ rule: 'no', reason })) };
    expect(parseYaml(yaml(report, plainLook))).toEqual(written(report));
  });
});

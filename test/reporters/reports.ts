/** Small reports, made by the real reader and the real engine. */
import { runRules } from '../../src/analysis/engine.ts';
import { readText } from '../../src/gather/read.ts';
import type { AnalysisReport, Finding } from '../../src/model/finding.ts';
import type { Resource } from '../../src/model/resource.ts';
import { resourceSet } from '../../src/model/resource-set.ts';
import type { Severity } from '../../src/model/rule.ts';
import type { Look } from '../../src/reporters/report.ts';
import { destinationHostExists as rule } from '../../src/rules/istio-routing/destination-host-exists.ts';

export const RULE = rule.meta.id;

export const plainLook: Look = { color: false, width: undefined, version: '1.2.3', rules: [rule] };

export interface Options {
  readonly source?: string;
  readonly complete?: boolean;
  readonly severity?: Severity;
  /** As if the objects had been read from a cluster. */
  readonly live?: boolean;
}

/** What the rule about destination hosts reports for one text. */
export function reportOf(
  yaml: string,
  { source = 'shop.yaml', complete = true, severity = 'error', live = false }: Options = {},
): AnalysisReport {
  const { resources: read, errors } = readText(yaml, source, { namespace: 'default', namespaceGiven: false });
  const resources = live ? read.map(({ origin: _, ...resource }): Resource => resource) : read;
  const { findings, notChecked } = runRules([{ rule, severity }], resourceSet(resources, { complete }));
  return { findings, suppressed: [], notChecked, errors, resources, files: live ? 0 : 1 };
}

/** The first finding of a report changed, for what the rule itself never says. */
export function withFinding(report: AnalysisReport, change: Partial<Finding>): AnalysisReport {
  const [first, ...rest] = report.findings;
  return { ...report, findings: first ? [{ ...first, ...change }, ...rest] : [] };
}

export function merged(...reports: readonly AnalysisReport[]): AnalysisReport {
  return {
    findings: reports.flatMap((report) => report.findings),
    suppressed: reports.flatMap((report) => report.suppressed),
    notChecked: reports.flatMap((report) => report.notChecked),
    errors: reports.flatMap((report) => report.errors),
    resources: reports.flatMap((report) => report.resources),
    files: reports.reduce((sum, report) => sum + report.files, 0),
  };
}

/** The same findings, suppressed. */
export function suppressedBy(by: string, report: AnalysisReport): AnalysisReport {
  return { ...report, findings: [], suppressed: report.findings.map((finding) => ({ finding, by })) };
}

export const service = (name: string): string => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec:
  ports: [{ name: http, port: 9080 }]
`;

/** The text stands on line 8, from column 32 on. */
export const route = (host: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: ${host} }
`;

/** One error on shop.yaml:8:32. */
export const oneError = reportOf(`${route('reviewz')}---\n${service('reviews')}`);

export const clean = reportOf(`${route('reviews')}---\n${service('reviews')}`);

export const broken = reportOf('a: 1\na: 2\n', { source: 'broken.yaml' });

export const unchecked = reportOf(route('reviewz'), { source: 'alone.yaml', complete: false });

/** The `AnalysisReport` document of `-o json` and `-o yaml`; its schema is schemas/output/analysis-report.json. */
import type { AnalysisReport, AnalyzedCluster, Finding, InputError } from '../model/finding.ts';
import { type Position, type Resource, shortKind } from '../model/resource.ts';
import { pathText } from '../text/field-path.ts';
import { startOf } from './places.ts';
import { summaryOf } from './summary.ts';

/** Keys stand in the order in which they are written. */
export function documentOf(report: AnalysisReport): unknown {
  return {
    apiVersion: 'meshctl.dev/v1',
    kind: 'AnalysisReport',
    summary: summaryOf(report),
    ...(report.clusters && { clusters: report.clusters.map(clusterEntry) }),
    findings: report.findings.map(findingEntry),
    notChecked: report.notChecked.map(({ rule, reason }) => ({ rule, reason })),
    errors: report.errors.map(errorEntry),
  };
}

const clusterEntry = ({ context, name, primary, error }: AnalyzedCluster): unknown => ({
  context,
  ...(name !== undefined && { name }),
  primary,
  ...(error !== undefined && { error }),
});

function findingEntry({ rule, aliases, severity, message, fix, edits, docs, resource, path, position, related }: Finding): unknown {
  return {
    rule,
    aliases,
    severity,
    message,
    ...(fix !== undefined && { fix }),
    ...(edits && { fixable: true }),
    docs,
    resource: reference(resource),
    ...(path !== undefined && path.length > 0 && { path: pathText(path) }),
    ...(position && { position: positionEntry(position) }),
    ...(related.length > 0 && { related: related.map(relatedEntry) }),
  };
}

/** A namespace that was only assumed is left out: nobody wrote it. */
function reference({ apiVersion, kind, namespace, namespaceGiven, name, cluster }: Resource): object {
  const within = { ...(namespaceGiven && namespace !== '' && { namespace }) };
  return { apiVersion, kind: shortKind(kind), ...within, name, ...(cluster !== undefined && { cluster }) };
}

function relatedEntry(resource: Resource): unknown {
  const start = startOf(resource);
  return { ...reference(resource), ...(start && { position: positionEntry(start) }) };
}

const positionEntry = ({ source, line, column }: Position): unknown => ({ source, line, column });

function errorEntry({ source, line, column, message }: InputError): unknown {
  return { source, ...(line !== undefined && { line }), ...(column !== undefined && { column }), message };
}

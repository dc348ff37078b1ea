/**
 * SARIF 2.1.0, with what GitHub's code scanning demands beyond the standard.
 *
 * No `automationDetails`: one given here would win over the `category` of the upload step, and the
 * jobs of a matrix would overwrite each other's results.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
import type { AnalysisReport, Finding, InputError, NotChecked } from '../model/finding.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { type FixChange, fixChanges } from './fix-changes.ts';
import { nameOf } from './places.ts';
import type { Look, Reporter } from './report.ts';
import { artifact, BASE_ID, inputLocation, locationOf, relatedLocation } from './sarif-locations.ts';
import { LEVELS, type RuleDescriptor, ruleDescriptors } from './sarif-rules.ts';

export const sarif: Reporter = (report, look) => `${JSON.stringify(sarifLog(report, look), null, 2)}\n`;

function sarifLog(report: AnalysisReport, { version, rules }: Look): unknown {
  const all = [...report.findings, ...report.suppressed.map(({ finding }) => finding)];
  const descriptors = ruleDescriptors(rules, all);
  const indexes = new Map(descriptors.map(({ id }, index) => [id, index]));
  const fingerprints = fingerprintsOf(all);
  const changeOf = fixChanges();
  const result = (finding: Finding, by?: string): unknown =>
    resultOf(finding, {
      index: indexes.get(finding.rule),
      fingerprint: fingerprints.get(finding) ?? '',
      by,
      fixes: by === undefined ? fixesOf(finding, changeOf(finding)) : [],
    });
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: driver(version, descriptors) },
        originalUriBaseIds: { [BASE_ID]: { description: { text: 'The directory in which meshctl ran.' } } },
        columnKind: 'utf16CodeUnits',
        invocations: [invocation(report, indexes)],
        results: [...report.findings.map((finding) => result(finding)), ...report.suppressed.map(({ finding, by }) => result(finding, by))],
      },
    ],
  };
}

function driver(version: string, rules: readonly RuleDescriptor[]): unknown {
  return { name: 'meshctl', semanticVersion: version, rules };
}

function invocation({ errors, notChecked }: AnalysisReport, indexes: ReadonlyMap<string, number>): unknown {
  const notifications = [...errors.map(errorNotification), ...notChecked.map((entry) => notCheckedNotification(entry, indexes))];
  return { executionSuccessful: errors.length === 0, toolExecutionNotifications: notifications };
}

function errorNotification(error: InputError): unknown {
  return { level: 'error', message: { text: error.message }, locations: [inputLocation(error)] };
}

function notCheckedNotification({ rule, reason }: NotChecked, indexes: ReadonlyMap<string, number>): unknown {
  const index = indexes.get(rule);
  return {
    level: 'note',
    message: { text: `${rule} was not checked. ${reason}` },
    associatedRule: { id: rule, ...(index !== undefined && { index }) },
  };
}

interface Context {
  readonly index: number | undefined;
  readonly fingerprint: string;
  readonly fixes: readonly object[];
  /** What suppresses the finding. */
  readonly by: string | undefined;
}

function resultOf(finding: Finding, { index, fingerprint, by, fixes }: Context): unknown {
  const { rule, severity, message, fix, related, position } = finding;
  return {
    ruleId: rule,
    ...(index !== undefined && { ruleIndex: index }),
    level: LEVELS[severity],
    message: { text: fix === undefined ? message : `${message} ${fix}` },
    locations: [locationOf(finding)],
    ...(related.length > 0 && { relatedLocations: related.map((resource, id) => relatedLocation(resource, id + 1, nameOf(resource))) }),
    partialFingerprints: {
      // GitHub's upload computes this one from the file, and warns at each finding that has another.
      ...(!position && { primaryLocationLineHash: `${fingerprint.slice(0, 16)}:1` }),
      'meshctl/v2': fingerprint,
    },
    ...(fixes.length > 0 && { fixes }),
    ...(by !== undefined && { suppressions: [{ kind: suppressionKind(by), justification: by }] }),
  };
}

function fixesOf({ fix }: Finding, change: FixChange | undefined): readonly object[] {
  if (!change) return [];
  const { source, start, end, text } = change;
  const deletedRegion = { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
  const replacement = { deletedRegion, ...(text !== '' && { insertedContent: { text } }) };
  return [
    {
      ...(fix !== undefined && { description: { text: fix } }),
      artifactChanges: [{ artifactLocation: artifact(source), replacements: [replacement] }],
    },
  ];
}

/** Annotations and comments stand in the objects themselves; the rest is told from outside. */
function suppressionKind(by: string): 'inSource' | 'external' {
  return /^(?:an? |the )?(?:annotation|comment)\b/i.test(by) ? 'inSource' : 'external';
}

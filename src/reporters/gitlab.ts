/**
 * GitLab's Code Quality report. Entries of equal fingerprint are merged without a word, so each is distinct.
 * @see https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 */
import type { Finding, InputError } from '../model/finding.ts';
import type { Severity } from '../model/rule.ts';
import { sha256 } from '../text/hash.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { clusterPath, repositoryPath } from './places.ts';
import type { Reporter } from './report.ts';

const SEVERITIES: Readonly<Record<Severity, string>> = { error: 'critical', warning: 'major', info: 'info' };

export const gitlab: Reporter = ({ findings, suppressed, errors }) => {
  const fingerprints = fingerprintsOf([...findings, ...suppressed.map(({ finding }) => finding)]);
  const entries = [...errors.map(errorEntry), ...findings.map((finding) => findingEntry(finding, fingerprints.get(finding) ?? ''))];
  return `${JSON.stringify(entries, null, 2)}\n`;
};

function findingEntry({ rule, severity, message, fix, resource, position }: Finding, fingerprint: string): unknown {
  return {
    description: fix === undefined ? message : `${message} ${fix}`,
    check_name: rule,
    fingerprint,
    severity: SEVERITIES[severity],
    location: { path: position ? repositoryPath(position.source) : clusterPath(resource), lines: { begin: position?.line ?? 1 } },
  };
}

function errorEntry({ source, line = 1, message }: InputError, index: number, all: readonly InputError[]): unknown {
  const path = repositoryPath(source);
  const earlier = all.slice(0, index).filter((error) => error.source === source && error.message === message).length;
  return {
    description: message,
    check_name: 'input-not-read',
    fingerprint: sha256(JSON.stringify(['input-not-read', path, message, earlier])),
    severity: SEVERITIES.error,
    location: { path, lines: { begin: line } },
  };
}

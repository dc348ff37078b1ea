/**
 * Checkstyle's XML, which Jenkins, reviewdog and many editors read.
 * @see https://github.com/checkstyle/checkstyle/blob/master/src/site/xdoc/writinglisteners.xml
 */
import type { AnalysisReport } from '../model/finding.ts';
import { groupBy } from '../model/maps.ts';
import type { Severity } from '../model/rule.ts';
import { clusterPath, repositoryPath } from './places.ts';
import type { Reporter } from './report.ts';
import { attributes } from './xml.ts';

interface Entry {
  readonly file: string;
  readonly line: number;
  readonly column?: number | undefined;
  readonly severity: Severity;
  readonly message: string;
  readonly source: string;
}

export const checkstyle: Reporter = (report) => {
  const files = groupBy(entriesOf(report), ({ file }) => file);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<checkstyle version="4.3">',
    ...[...files].flatMap(([name, entries]) => [`  <file${attributes({ name })}>`, ...entries.map(errorElement), '  </file>']),
    '</checkstyle>',
    '',
  ].join('\n');
};

function entriesOf({ findings, errors }: AnalysisReport): readonly Entry[] {
  return [
    ...errors.map(
      ({ source, line = 1, column, message }): Entry => ({
        ...{ file: repositoryPath(source), line, column },
        ...{ severity: 'error', message, source: 'meshctl.input-not-read' },
      }),
    ),
    ...findings.map(
      ({ position, resource, severity, message, fix, rule }): Entry => ({
        file: position ? repositoryPath(position.source) : clusterPath(resource),
        line: position?.line ?? 1,
        column: position?.column,
        severity,
        message: fix === undefined ? message : `${message} ${fix}`,
        source: `meshctl.${rule}`,
      }),
    ),
  ];
}

function errorElement({ line, column, severity, message, source }: Entry): string {
  return `    <error${attributes({ line, column, severity, message, source })}/>`;
}

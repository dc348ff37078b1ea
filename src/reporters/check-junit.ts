/** Checks as JUnit's XML: a suite for each category, a case for each check. A warning passes, with its words as output. */
import type { CheckOutcome, CheckReport } from '../model/check.ts';
import { groupBy } from '../model/maps.ts';
import { friendlyName } from '../model/resource.ts';
import { attributes, cdata } from './xml.ts';

export function checkJunit({ outcomes }: CheckReport): string {
  const suites = [...groupBy(outcomes, ({ check }) => check.category)];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'meshctl check', ...totals(outcomes), skipped: undefined })}>`,
    ...suites.flatMap(([category, group]) => [
      `  <testsuite${attributes({ name: category, ...totals(group), package: 'meshctl' })}>`,
      ...group.map((outcome) => `    ${caseElement(outcome)}`),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function totals(outcomes: readonly CheckOutcome[]): Readonly<Record<'tests' | 'failures' | 'errors' | 'skipped' | 'time', number>> {
  const of = (status: string): number => outcomes.filter(({ result }) => result.is === status).length;
  const time = outcomes.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  return { tests: outcomes.length, failures: of('failed'), errors: 0, skipped: of('skipped'), time };
}

function caseElement({ check, result, durationMs }: CheckOutcome): string {
  const open = `<testcase${attributes({ classname: check.category, name: check.id, time: durationMs / 1000 })}`;
  const { is, reason = '', hint, affected = [] } = result;
  if (is === 'ok') return `${open}/>`;
  if (is === 'skipped') return `${open}><skipped${attributes({ message: reason })}/></testcase>`;
  const details = [
    reason,
    ...affected.map(({ resource, detail }) => `${friendlyName(resource)}${detail === undefined ? '' : `: ${detail}`}`),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ].join('\n');
  if (is === 'warning') return `${open}><system-out>${cdata(`warning: ${details}`)}</system-out></testcase>`;
  return `${open}><failure${attributes({ type: 'failed', message: reason })}>${cdata(details)}</failure></testcase>`;
}

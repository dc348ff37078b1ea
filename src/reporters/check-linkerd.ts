/** Checks in the form in which Linkerd's extensions answer `linkerd check`. What was skipped is left out, as Linkerd does. */
import type { CheckOutcome, CheckReport, CheckStatus } from '../model/check.ts';
import { groupBy } from '../model/maps.ts';
import { friendlyName } from '../model/resource.ts';

const RESULTS: Readonly<Record<Exclude<CheckStatus, 'skipped'>, string>> = { ok: 'success', warning: 'warning', failed: 'error' };

/** @see https://github.com/linkerd/linkerd2/blob/main/EXTENSIONS.md#check */
export function checkLinkerd({ outcomes }: CheckReport): string {
  const categories = groupBy(
    outcomes.filter(({ result }) => result.is !== 'skipped'),
    ({ check }) => `meshctl-${check.category}`,
  );
  const document = {
    success: !outcomes.some(({ result }) => result.is === 'failed'),
    categories: [...categories].map(([categoryName, group]) => ({ categoryName, checks: group.map(entry) })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function entry({ check, result: { is, reason = '', hint, affected = [] } }: CheckOutcome): object {
  const lines = [
    reason,
    ...affected.map(({ resource, detail }) => `\t* ${friendlyName(resource)}${detail === undefined ? '' : `: ${detail}`}`),
    ...(hint === undefined ? [] : [hint]),
  ];
  return {
    description: `${check.title} (${check.id})`,
    ...(check.docs === undefined ? {} : { hint: check.docs }),
    ...(is === 'ok' ? {} : { error: lines.join('\n') }),
    result: is === 'skipped' ? undefined : RESULTS[is],
  };
}

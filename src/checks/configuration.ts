/** What `meshctl analyze` says, in short. */
import type { Check } from '../model/check.ts';
import { concerns } from '../model/check-scope.ts';
import { quotedRef } from '../model/resource.ts';
import { count } from '../text/words.ts';

/** As many findings as fit on a screen beside the other checks; `analyze` tells the rest. */
const SHOWN = 5;

export const configurationAnalyzed: Check = {
  id: 'configuration/analyzed',
  category: 'configuration',
  title: 'Analysis finds no error and no warning in the configuration.',
  why: 'The mesh does what its configuration says: an error there sends requests astray, or lets through what should be refused.',
  needs: ['kubernetes/api-reachable'],
  run: async (facts) => {
    const { findings: all, gaps } = await facts.analysis();
    const findings = all.filter(({ resource }) => concerns(facts, resource));
    const [errors, warnings] = (['error', 'warning'] as const).map((severity) =>
      findings.filter((finding) => finding.severity === severity),
    );
    const command = `meshctl analyze ${facts.namespace === undefined ? '-A' : `-n ${facts.namespace}`}`;
    const unread = gaps.length === 0 ? '' : ` ${count(gaps.length, 'kind')} could not be read, so that not everything was judged.`;
    if (errors?.length === 0 && warnings?.length === 0) {
      if (gaps.length > 0) return { is: 'warning', reason: unread.trim(), hint: `Run "${command} -v" to see which.` };
      return { is: 'ok' };
    }
    const shown = [...(errors ?? []), ...(warnings ?? [])].slice(0, SHOWN);
    const [first] = shown;
    return {
      is: errors?.length === 0 ? 'warning' : 'failed',
      reason: `${count(errors?.length ?? 0, 'error')} and ${count(warnings?.length ?? 0, 'warning')}.${unread}`,
      hint: `${first ? `${quotedRef(first.resource)}: ${first.fix ?? 'Look at it first.'} ` : ''}Run "${command}"${shown.length < findings.length ? ' for all findings' : ''}; "meshctl explain ${first?.rule}" tells more about the first.`,
      affected: shown.map(({ resource, rule, message }) => ({ resource, detail: `${rule}: ${message}` })),
    };
  },
};

/** Decisions where nothing is let in that no policy allows. */
import type { AuthzPolicy, Decision, Verdict } from './authz.ts';
import { optionsOf } from './truth.ts';

const nameOf = ({ policy: { kind, namespace, name } }: AuthzPolicy): string => `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;

export const verdict = (is: Decision, because: string, more: Partial<Verdict> = {}): Verdict => ({
  is,
  because,
  options: [],
  nearest: [],
  ...more,
});

/** @param where what follows "nothing": `at port 8080` */
export function allowedByAny(policies: readonly AuthzPolicy[], where: string): Verdict {
  const found = policies.flatMap((policy) => policy.rules.map((rule) => ({ policy, rule })));
  const nearest = (each: readonly (typeof found)[number][]): Verdict['nearest'] =>
    each.map(({ policy, rule }) => ({ policy: policy.policy, rule: rule.number, conditions: rule.unmet }));
  const hit = found.find(({ rule }) => rule.is === 'yes');
  if (hit)
    return verdict('allowed', `${nameOf(hit.policy)} authorizes it: ${hit.rule.text}.`, {
      by: { policy: hit.policy.policy, rule: hit.rule.number },
    });
  const open = found.filter(({ rule }) => rule.is === 'open');
  if (open.length > 0) {
    const names = [...new Set(open.map(({ policy }) => nameOf(policy)))].join(', ');
    return verdict('depends', `${names} may authorize it, by what was not told of the request.`, {
      options: optionsOf(open.flatMap(({ rule }) => rule.unmet)),
      nearest: nearest(open),
    });
  }
  const missed = [...found].sort((left, right) => left.rule.unmet.length - right.rule.unmet.length);
  return verdict(
    'denied',
    found.length === 0 ? `Nothing authorizes anybody ${where}.` : `None of what authorizes clients ${where} is for this one.`,
    {
      nearest: nearest(missed.slice(0, 1)),
    },
  );
}

/** One answer for several cases of which nobody said which it is. */
export function agreed(cases: readonly { readonly title: string; readonly verdict: Verdict }[], option: string): Verdict {
  const [first] = cases;
  if (!first) return verdict('denied', 'Nothing is served here.');
  if (cases.every((each) => each.verdict.is === first.verdict.is)) return first.verdict;
  const told = cases.map(({ title, verdict: own }) => `${title}: ${own.is}`).join(', ');
  const options = new Set([option, ...cases.flatMap((each) => each.verdict.options)]);
  return verdict('depends', `It is not the same everywhere (${told}).`, {
    options: [...options].sort(),
    nearest: cases.flatMap((each) => each.verdict.nearest),
  });
}

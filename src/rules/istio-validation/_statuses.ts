import { numberAt } from '../../model/body.ts';
import type { Body } from '../../model/resource.ts';
import type { Flaw } from './_flaws.ts';

/** A status that Envoy can answer with; istiod lets 600 pass too. */
export function* statusFlaws(owner: Body, field: string): Iterable<Flaw> {
  const status = numberAt(owner, field);
  if (status === undefined || (status >= 200 && status <= 600)) return;
  yield { path: [field], message: `Status ${status} is not a final status of HTTP.`, fix: 'Write a status from 200 to 599.' };
}

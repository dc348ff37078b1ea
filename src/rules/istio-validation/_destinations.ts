import { has, itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, FieldPath } from '../../model/resource.ts';
import { type Flaw, under } from './_flaws.ts';
import { hostProblem, isDnsLabel } from './_names.ts';
import { isPort } from './_ports.ts';

/** A destination of any route, with its own path in the object. */
export interface Destination {
  readonly destination: Body;
  readonly path: FieldPath;
}

/** Of all routes and mirrors of a VirtualService. */
export function destinationsOf(body: Body): readonly Destination[] {
  const routes = (['http', 'tls', 'tcp'] as const).flatMap((protocol) => itemsAt(body, 'spec', protocol));
  return routes.flatMap(({ item, path }) => [
    ...[...itemsAt(item, 'route'), ...itemsAt(item, 'mirrors')].map((each) => ({
      destination: objectAt(each.item, 'destination'),
      path: [...path, ...each.path, 'destination'],
    })),
    { destination: objectAt(item, 'mirror'), path: [...path, 'mirror'] },
  ]);
}

/** What istiod refuses in a destination. A missing host is for structural validation. */
export function* destinationFlaws({ destination, path }: Destination): Iterable<Flaw> {
  const host = stringAt(destination, 'host');
  const problem = host === undefined ? undefined : host === '*' ? 'a wildcard alone names no service' : hostProblem(host);
  if (problem) {
    yield {
      path: [...path, 'host'],
      message: `Destination host "${host}" is not valid: ${problem}.`,
      fix: 'Write the name of a Service, such as "reviews" or "reviews.prod.svc.cluster.local".',
    };
  }
  const subset = stringAt(destination, 'subset');
  if (subset && !isDnsLabel(subset)) yield* under([...path, 'subset'], subsetNameFlaws(subset));
  if (!has(destination, 'port') || destination['port'] === null) return;
  // No number counts as 0.
  const number = numberAt(destination, 'port', 'number') ?? (has(destination, 'port', 'number') ? undefined : 0);
  if (number === undefined || isPort(number)) return;
  yield {
    path: [...path, 'port', 'number'],
    message: `Port ${number} of destination "${host ?? ''}" is not between 1 and 65535.`,
    fix: 'Write the number of a port of the Service, or remove port.',
  };
}

export function* subsetNameFlaws(name: string): Iterable<Flaw> {
  if (name === '')
    yield { path: [], message: 'The name of a subset is empty.', fix: 'Give the subset a name of letters, digits and dashes.' };
  else if (!isDnsLabel(name)) {
    yield { path: [], message: `Subset name "${name}" is not a DNS label.`, fix: 'Use at most 63 letters, digits and dashes.' };
  }
}

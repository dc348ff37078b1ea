import { objectAt, stringAt } from '../../model/body.ts';
import type { Body } from '../../model/resource.ts';
import { isIpAddress, UNIX } from './_addresses.ts';
import type { Flaw } from './_flaws.ts';
import { nameProblem } from './_names.ts';

/** What is wrong with the address of an endpoint. Sockets are for the schema to judge. */
export function* endpointAddressFlaws(endpoint: Body, mayBeName: boolean): Iterable<Flaw> {
  const address = stringAt(endpoint, 'address');
  if (!address || address.startsWith(UNIX) || isIpAddress(address)) return;
  if (!mayBeName) {
    yield {
      path: ['address'],
      message: `"${address}" is not an IP address, which resolution STATIC needs.`,
      fix: 'Write an IP address, or use resolution DNS.',
    };
    return;
  }
  const problem = nameProblem(address);
  if (problem)
    yield {
      path: ['address'],
      message: `"${address}" is neither an IP address nor a DNS name: ${problem}.`,
      fix: 'Write an IP address or a full DNS name.',
    };
}

/** Ports of an endpoint that its ServiceEntry does not have. */
export function* endpointPortFlaws(endpoint: Body, ports: ReadonlySet<string>): Iterable<Flaw> {
  for (const name of Object.keys(objectAt(endpoint, 'ports'))) {
    if (ports.has(name)) continue;
    yield {
      path: ['ports', name],
      part: 'key',
      message: `The ServiceEntry has no port named "${name}".`,
      fix: 'Use the name of one of its ports.',
    };
  }
}

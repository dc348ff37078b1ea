import { protocolNamed } from '../../mesh/istio/protocol.ts';
import { numberAt, stringAt } from '../../model/body.ts';
import type { Body, FieldPath } from '../../model/resource.ts';
import type { Flaw } from './_flaws.ts';
import { isDnsLabel } from './_names.ts';

export const isPort = (number: number): boolean => Number.isInteger(number) && number >= 1 && number <= 65_535;

/** A port number that must be there; what is no number is for structural validation. */
export function* portFlaws(owner: Body, ...path: FieldPath): Iterable<Flaw> {
  const number = numberAt(owner, ...path);
  if (number === undefined || isPort(number)) return;
  yield { path, message: `Port ${number} is not between 1 and 65535.`, fix: 'Write the number of a port.' };
}

/** The same for a field in which 0 stands for no port. */
export function* optionalPortFlaws(owner: Body, ...path: FieldPath): Iterable<Flaw> {
  if (numberAt(owner, ...path) !== 0) yield* portFlaws(owner, ...path);
}

const PROTOCOLS = 'HTTP, HTTPS, HTTP2, GRPC, GRPC-WEB, TLS, TCP, MONGO, REDIS or MYSQL';

/** @param optional the proxy may detect the protocol */
export function* protocolFlaws(port: Body, optional: boolean): Iterable<Flaw> {
  const protocol = stringAt(port, 'protocol');
  if (protocol === undefined || (optional && protocol === '') || protocolNamed(protocol)) return;
  yield { path: ['protocol'], message: `"${protocol}" is not a protocol that Istio knows.`, fix: `Write ${PROTOCOLS}.` };
}

export function* portNameFlaws(port: Body): Iterable<Flaw> {
  const name = stringAt(port, 'name');
  if (name === undefined || isDnsLabel(name)) return;
  yield { path: ['name'], message: `Port name "${name}" is not a DNS label.`, fix: 'Use at most 63 letters, digits and dashes.' };
}

/** Gateways and Sidecars listen on the port itself. */
export function* targetPortFlaws(port: Body): Iterable<Flaw> {
  const target = numberAt(port, 'targetPort');
  if (!target) return;
  yield {
    path: ['targetPort'],
    part: 'key',
    message: `Field targetPort (${target}) has no meaning here: the proxy listens on the port itself.`,
    fix: 'Remove targetPort.',
  };
}

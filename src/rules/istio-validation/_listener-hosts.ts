/** Hosts of listeners, which say for whose services they stand: `namespace/host`. */
import { isIpAddress } from './_addresses.ts';
import { hostProblem, isDnsLabel, isPartialWildcard } from './_names.ts';

/** What is wrong with a host of a Gateway. */
export function gatewayHostProblem(written: string): string | undefined {
  const slash = written.indexOf('/');
  if (slash < 0) return dnsProblem(written, true);
  const namespace = written.slice(0, slash);
  const known = namespace === '*' || namespace === '.' || isDnsLabel(namespace);
  return namespaceProblem(namespace, known) ?? dnsProblem(written.slice(slash + 1), true);
}

/** What is wrong with a host of a Sidecar, where a namespace after "~" is one to leave out. */
export function egressHostProblem(written: string): string | undefined {
  const slash = written.indexOf('/');
  if (slash < 0) return 'it has no namespace';
  const namespace = written.slice(0, slash);
  const bare = namespace.replace(/^~/, '');
  const known = bare === '' || bare === '*' || bare === '.' || isDnsLabel(bare);
  return namespaceProblem(namespace, known) ?? dnsProblem(written.slice(slash + 1), false);
}

function namespaceProblem(namespace: string, known: boolean): string | undefined {
  if (namespace === '') return 'its namespace is empty';
  return known ? undefined : `"${namespace}" is no namespace`;
}

function dnsProblem(host: string, mayBeAddress: boolean): string | undefined {
  if (host === '') return 'it is empty';
  if (host === '*') return undefined;
  if (isPartialWildcard(host)) return 'a wildcard stands for whole labels, as in "*.example.com"';
  // Istiod asks for a dot before it asks for an address, so that none of IPv6 passes.
  if (!host.includes('.')) return isIpAddress(host) ? 'istiod takes an address of IPv6 for a short name' : 'it is a short name';
  return mayBeAddress && isIpAddress(host) ? undefined : hostProblem(host);
}

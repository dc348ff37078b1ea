/** Host names as Istio reads them. */
import { getOrInsert } from '../../model/maps.ts';

/**
 * The full name of a host written in a VirtualService, DestinationRule or Sidecar. Only a name
 * without dots is short for a service of the same namespace; `reviews.prod` is a full name to
 * Istio, as is any wildcard.
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination
 */
export function fullHost(host: string, namespace: string, clusterDomain: string): string {
  return host === '' || host.includes('.') || host.includes('*') ? host : `${host}.${namespace}.svc.${clusterDomain}`;
}

export function isWildcard(host: string): boolean {
  return host.startsWith('*');
}

/** True when the two host patterns have a name in common: `*.com` and `foo.com`, `*` and `*.com`. */
export function hostsOverlap(left: string, right: string): boolean {
  return hostCovers(left, right) || hostCovers(right, left);
}

/** True when every name that matches `inner` also matches `outer`. `*.foo.com` does not cover `foo.com`. */
export function hostCovers(outer: string, inner: string): boolean {
  if (!isWildcard(outer)) return outer === inner;
  const suffix = outer.slice(1);
  return isWildcard(inner) ? inner.length >= outer.length && inner.slice(1).endsWith(suffix) : inner.endsWith(suffix);
}

/** The parts of a cluster-internal service name, or undefined for any other host. */
export function serviceOfHost(host: string, clusterDomain: string): { readonly name: string; readonly namespace: string } | undefined {
  const suffix = `.svc.${clusterDomain}`;
  if (!host.endsWith(suffix)) return undefined;
  const [name, namespace, ...more] = host.slice(0, -suffix.length).split('.');
  return name && namespace && more.length === 0 ? { name, namespace } : undefined;
}

/** Values filed under host names, of which any may be a wildcard. */
export interface HostIndex<T> {
  /** Values of that very name. */
  named(host: string): readonly T[];
  /** Values whose host covers the given one, name by name: that very name first, then ever shorter wildcards. */
  covering(host: string): Iterable<readonly T[]>;
}

export function hostIndex<T>(entries: Iterable<readonly [host: string, value: T]>): HostIndex<T> {
  const byHost = new Map<string, T[]>();
  const wildcardLengths = new Set<number>();
  for (const [host, value] of entries) {
    getOrInsert(byHost, host, () => []).push(value);
    if (isWildcard(host)) wildcardLengths.add(host.length);
  }
  // A wildcard may start inside a label (`*bar.com`), so its length, not a dot, says where to cut.
  const longestFirst = [...wildcardLengths].sort((left, right) => right - left);
  return {
    named: (host) => byHost.get(host) ?? [],
    *covering(host) {
      const exact = byHost.get(host);
      if (exact) yield exact;
      const letters = isWildcard(host) ? host.length - 1 : host.length;
      for (const length of longestFirst) {
        if (length - 1 > letters) continue;
        const wildcard = `*${host.slice(host.length - length + 1)}`;
        const found = wildcard === host ? undefined : byHost.get(wildcard);
        if (found) yield found;
      }
    },
  };
}

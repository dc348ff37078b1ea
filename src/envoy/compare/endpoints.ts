/**
 * Endpoints by their addresses. Envoy makes the dump of them anew from the hosts that it has: localities are put
 * together, weights of localities are only there where they count, and each host's health is its own finding.
 */
import type { Body } from '../../model/resource.ts';
import { addressText, body, items, number, text } from '../fields.ts';
import { canonical } from './canonical.ts';

/** Envoy's own numbers where none is sent. */
const OVERPROVISIONING = 140;
const WEIGHT = 1;

/** @param assignment a ClusterLoadAssignment */
export function comparableEndpoints(assignment: Body): object {
  const hosts = new Map<string, object>();
  for (const group of items(assignment, 'endpoints')) {
    const place = { locality: localityText(group), priority: number(group, 'priority') ?? 0 };
    for (const host of items(group, 'lb_endpoints')) {
      const address = addressText(body(host, 'endpoint', 'address'));
      // Of an address that is there twice Envoy keeps the first.
      if (address !== undefined && !hosts.has(address)) hosts.set(address, { ...place, ...hostOf(host) });
    }
  }
  const factor = number(assignment, 'policy', 'overprovisioning_factor') ?? OVERPROVISIONING;
  return {
    endpoints: Object.fromEntries([...hosts].sort(([left], [right]) => (left < right ? -1 : 1))),
    ...(factor === OVERPROVISIONING ? {} : { overprovisioning_factor: factor }),
  };
}

function hostOf(host: Body): object {
  const metadata = body(host, 'metadata');
  const name = text(host, 'endpoint', 'hostname');
  return {
    load_balancing_weight: number(host, 'load_balancing_weight') ?? WEIGHT,
    ...(name === undefined ? {} : { hostname: name }),
    ...(metadata ? { metadata: canonical(metadata) } : {}),
  };
}

const localityText = (group: Body): string =>
  ['region', 'zone', 'sub_zone'].flatMap((part) => text(group, 'locality', part) ?? []).join('/');

/** The name by which the endpoints of a cluster are asked for; undefined when they are not. */
export function endpointsNameOf(cluster: Body): string | undefined {
  if (text(cluster, 'type') !== 'EDS') return undefined;
  return text(cluster, 'eds_cluster_config', 'service_name') ?? text(cluster, 'name');
}

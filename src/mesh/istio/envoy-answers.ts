/** What the Envoy of a pod says of itself, as far as it answers. */
import { clusterRow } from '../../envoy/clusters.ts';
import { readConfigDump } from '../../envoy/config-dump.ts';
import { endpointsOfClusters, endpointsOfDump } from '../../envoy/endpoints.ts';
import { listenerRow } from '../../envoy/listeners.ts';
import { routeRows } from '../../envoy/routes.ts';
import { secretRows } from '../../envoy/secrets.ts';
import { MeshctlError } from '../../errors.ts';
import type { Facts } from '../../model/check.ts';
import type { ClusterRow, EndpointRow, ListenerRow, RouteRow, SecretRow } from '../../model/proxy-config.ts';
import { quotedRef, type Resource } from '../../model/resource.ts';
import { jsonValue } from '../../text/json-value.ts';

export interface EnvoyConfig {
  readonly listeners: readonly ListenerRow[];
  readonly routes: readonly RouteRow[];
  readonly clusters: readonly ClusterRow[];
  readonly endpoints: readonly EndpointRow[];
  readonly secrets: readonly SecretRow[];
}

export type Asked<T> = { readonly is: 'told'; readonly value: T } | { readonly is: 'silent'; readonly because: string };

const ADMIN_PORT = 15_000;

/** Its configuration, and how its endpoints fare. */
export async function askEnvoy(pod: Resource, facts: Facts): Promise<Asked<EnvoyConfig>> {
  const [dumped, fares] = await Promise.all([
    askJson(pod, ADMIN_PORT, '/config_dump?include_eds', facts),
    askJson(pod, ADMIN_PORT, '/clusters?format=json', facts),
  ]);
  if (dumped.is === 'silent') return dumped;
  try {
    const dump = readConfigDump(dumped.value);
    return {
      is: 'told',
      value: {
        listeners: dump.listeners.map(listenerRow),
        routes: dump.routes.flatMap(routeRows),
        clusters: dump.clusters.map(clusterRow),
        endpoints: fares.is === 'told' ? endpointsOfClusters(fares.value) : endpointsOfDump(dump),
        secrets: dump.secrets.flatMap(secretRows),
      },
    };
  } catch (error) {
    if (error instanceof MeshctlError) return silent(pod, error.message);
    throw error;
  }
}

const silent = (pod: Resource, why: string): { readonly is: 'silent'; readonly because: string } => ({
  is: 'silent',
  because: `The proxy of ${quotedRef(pod)} could not be asked: ${why}`,
});

/** Failures of the cluster itself are no answer of the proxy, and end nothing here: the configuration stands without it. */
export async function askJson(pod: Resource, port: number, path: string, facts: Facts): Promise<Asked<unknown>> {
  try {
    const answer = await facts.ask(pod, port, path);
    if (!answer) return silent(pod, `nothing answers on port ${port}.`);
    if (answer.status !== 200) return silent(pod, `it answers ${path} with ${answer.status}.`);
    const value = jsonValue(answer.body);
    return value === undefined ? silent(pod, `it answers ${path} with what is no JSON.`) : { is: 'told', value };
  } catch (error) {
    if (error instanceof MeshctlError) return silent(pod, error.message);
    throw error;
  }
}

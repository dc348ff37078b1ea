/** The parts of a proxy's configuration by their names; apart from what shows them, so that the help loads little. */

/** With the short forms that istioctl has. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  clusters: ['cluster', 'c', 'cds'],
  listeners: ['listener', 'l', 'lds'],
  routes: ['route', 'r', 'rds'],
  endpoints: ['endpoint', 'ep', 'eds'],
  secrets: ['secret', 's', 'sds'],
  bootstrap: ['b'],
  ecds: ['ec', 'extensions'],
  log: ['o', 'logging'],
  stats: ['stat', 'envoy-stats', 'es'],
  all: ['a'],
  workloads: ['workload', 'w'],
  services: ['service', 'svc'],
  policies: ['policy', 'p', 'pol'],
  certificates: ['certificate', 'cert', 'certs'],
  identity: ['id'],
  connections: ['connection', 'conn', 'cons'],
};

export const PART_NAMES: readonly string[] = Object.keys(NAMES);

/** @returns undefined for a name that no part has */
export function partNamed(name: string): string | undefined {
  return PART_NAMES.find((part) => part === name || NAMES[part]?.includes(name));
}

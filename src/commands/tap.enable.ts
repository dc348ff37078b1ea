/** What a tap adds to the cluster, for as long as it runs, and what earlier taps have left. */
import { MeshctlError } from '../errors.ts';
import { meshes } from '../mesh/index.ts';
import { objectAt, stringMapAt } from '../model/body.ts';
import type { Cluster } from '../model/cluster.ts';
import { friendlyName, type Ref, type Resource } from '../model/resource.ts';
import { TAP_LABEL, type TapAddition, type TapChange } from '../model/tap.ts';

/** A run that was killed cannot take its filter away; after this time anybody's next run does. */
const LEASE_MS = 3_600_000;
const REMOVAL_MS = 10_000;

/** Meshes whose proxies can be given a tap filter. */
export const changeable = (): readonly string[] => meshes.filter(({ tap }) => changeOf(tap)).map(({ title }) => title);

/** @returns what would be added that all of the pods can be tapped; undefined where their mesh has no way, or they have nothing in common */
export function additionFor(pods: readonly Resource[]): TapAddition | undefined {
  const [first] = pods;
  const mesh = first && meshes.find(({ proxyOf }) => proxyOf?.(first));
  return changeOf(mesh?.tap)?.objectFor(pods);
}

const changeOf = (sources: (typeof meshes)[number]['tap']): TapChange | undefined => sources?.find(({ change }) => change)?.change;

/** Its label tells from the first moment on who it belongs to, and until when. */
export async function add(cluster: Cluster, { body, kind, namespace, name }: TapAddition, now: number, signal: AbortSignal): Promise<void> {
  const metadata = objectAt(body, 'metadata');
  const labels = { ...stringMapAt(metadata, 'labels'), [TAP_LABEL]: String(Math.ceil((now + LEASE_MS) / 1000)) };
  await cluster.apply({ kind, namespace, name, body: { ...body, metadata: { ...metadata, labels } } }, { force: true, signal });
}

/** How often the label is written anew while a tap goes on. */
export const RENEWAL_MS = LEASE_MS / 2;

/** Also when the run is being ended, so that it has a time limit of its own. */
export async function remove(cluster: Cluster, object: Ref): Promise<void> {
  await cluster.delete(object, { signal: AbortSignal.timeout(REMOVAL_MS) });
}

export interface LeftOver {
  readonly object: Resource;
  /** False while the run that made it may still be going on. */
  readonly isExpired: boolean;
}

/** @param namespace all of them when absent */
export async function leftOver(
  cluster: Cluster,
  namespace: string | undefined,
  now: number,
  signal: AbortSignal,
): Promise<readonly LeftOver[]> {
  const kinds = [...new Set(meshes.flatMap(({ tap }) => changeOf(tap)?.kind ?? []))];
  const found: LeftOver[] = [];
  for (const kind of kinds) {
    for await (const page of cluster.list(kind, { namespace, labelSelector: TAP_LABEL, signal }))
      for (const object of page) found.push({ object, isExpired: !(Number(object.labels[TAP_LABEL]) * 1000 > now) });
  }
  return found;
}

/** Takes away what runs before have left in the namespace. Who may not look has left nothing there either. */
export async function removeExpired(cluster: Cluster, namespace: string, now: number, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const expired = (await leftOver(cluster, namespace, now, signal)).filter(({ isExpired }) => isExpired);
    for (const { object } of expired) await cluster.delete(object, { signal });
    return expired.map(({ object }) => friendlyName(object));
  } catch (error) {
    if (error instanceof MeshctlError) return [];
    throw error;
  }
}

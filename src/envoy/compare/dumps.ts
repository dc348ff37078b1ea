/** Two config dumps of one proxy: what its control plane would send now, and what it has. */
import type { ResourceDifference, TypeComparison } from '../../model/proxy-difference.ts';
import type { Body } from '../../model/resource.ts';
import { isEqual } from '../../text/equal.ts';
import { type ConfigDump, type Entry, readConfigDump } from '../config-dump.ts';
import { text } from '../fields.ts';
import { canonical } from './canonical.ts';
import { fieldDifferences } from './differences.ts';
import { comparableEndpoints, endpointsNameOf } from './endpoints.ts';
import { comparableExtension, extensionName } from './extensions.ts';
import { comparableSecret } from './secrets.ts';

export interface CompareOptions {
  /** Whether the control plane sends a secret of such a name; no secrets are compared without it. */
  readonly sendsSecret?: ((name: string) => boolean) | undefined;
}

interface Kind {
  readonly type: Exclude<keyof ConfigDump, 'bootstrap'>;
  readonly xds: string;
  readonly nameOf: (resource: Body) => string;
  readonly comparable: (entry: Entry) => unknown;
}

const named = (field: string) => (resource: Body) => text(resource, field) ?? '';
const whole = ({ resource }: Entry): unknown => canonical(withoutType(resource));

/** What it is an Any of says its list already. */
const withoutType = ({ '@type': _type, ...rest }: Body): Body => rest;

const KINDS: readonly Kind[] = [
  { type: 'clusters', xds: 'CDS', nameOf: named('name'), comparable: whole },
  { type: 'listeners', xds: 'LDS', nameOf: named('name'), comparable: whole },
  { type: 'routes', xds: 'RDS', nameOf: named('name'), comparable: whole },
  { type: 'endpoints', xds: 'EDS', nameOf: named('cluster_name'), comparable: ({ resource }) => comparableEndpoints(resource) },
  { type: 'secrets', xds: 'SDS', nameOf: named('name'), comparable: comparableSecret },
  { type: 'extensions', xds: 'ECDS', nameOf: extensionName, comparable: comparableExtension },
];

/**
 * What stands in the bootstrap is no control plane's, and left out.
 * @param intended dump that the control plane makes
 * @throws MeshctlError E_DUMP when one of both is no config dump
 */
export function compareDumps(intended: unknown, actual: unknown, options: CompareOptions = {}): readonly TypeComparison[] {
  const [wanted, held] = [readConfigDump(intended), readConfigDump(actual)];
  return KINDS.map((kind) => {
    const skipped = reasonToSkip(kind, held, options);
    if (skipped !== undefined) return { type: kind.type, xds: kind.xds, compared: 0, differences: [], skipped };
    const counts = countsFor(kind, [wanted, held], options);
    const entriesOf = (dump: ConfigDump): readonly Entry[] =>
      dump[kind.type].filter(({ state, resource }) => state !== 'static' && state !== 'draining' && counts(kind.nameOf(resource)));
    return compareKind(kind, entriesOf(wanted), entriesOf(held));
  });
}

function reasonToSkip({ type }: Kind, held: ConfigDump, { sendsSecret }: CompareOptions): string | undefined {
  if (type === 'secrets' && !sendsSecret) return 'The control plane does not tell which secrets it would send.';
  if (type !== 'endpoints' || held.endpoints.length > 0) return undefined;
  const needed = held.clusters.some(({ resource, state }) => state !== 'static' && endpointsNameOf(resource) !== undefined);
  return needed ? 'The dump of the proxy holds no endpoints: it was not asked for with /config_dump?include_eds.' : undefined;
}

/** Which names count. Envoy has endpoints for clusters of every type, and secrets from its agent; only some are sent. */
function countsFor({ type }: Kind, dumps: readonly ConfigDump[], { sendsSecret }: CompareOptions): (name: string) => boolean {
  if (type === 'secrets') return (name) => sendsSecret?.(name) ?? false;
  if (type !== 'endpoints') return () => true;
  const sent = new Set(dumps.flatMap(({ clusters }) => clusters.flatMap(({ resource }) => endpointsNameOf(resource) ?? [])));
  return (name) => sent.has(name);
}

/** The states that a resource is in: one works, another may wait, and one that was never taken on is there with its error alone. */
interface Held {
  active?: Entry;
  warming?: Entry;
  error?: string | undefined;
}

function compareKind({ type, xds, nameOf, comparable }: Kind, wanted: readonly Entry[], entries: readonly Entry[]): TypeComparison {
  const intended = new Map(wanted.map((entry) => [nameOf(entry.resource), entry]));
  const held = heldByName(entries, nameOf);
  const names = [...new Set([...intended.keys(), ...held.keys()])].sort();
  const differences = names.flatMap((name): readonly ResourceDifference[] => {
    const mine = held.get(name);
    const entry = mine?.active ?? mine?.warming;
    const more = { ...(mine?.error === undefined ? {} : { error: mine.error }), ...(mine?.warming ? { isWarming: true } : {}) };
    const own = intended.get(name);
    if (!own) return entry ? [{ name, change: 'surplus', ...more, fields: [] }] : [];
    if (!entry) return [{ name, change: 'missing', ...more, fields: [] }];
    // What the proxy has first: it tells how names of fields are spelled.
    const [actual, wish] = [comparable(entry), comparable(own)];
    if (isEqual(wish, actual)) return [];
    const fields = fieldDifferences(wish, actual);
    return fields.length === 0 ? [] : [{ name, change: 'changed', ...more, fields }];
  });
  return { type, xds, compared: names.length, differences };
}

function heldByName(entries: readonly Entry[], nameOf: (resource: Body) => string): ReadonlyMap<string, Held> {
  const found = new Map<string, Held>();
  for (const entry of entries) {
    const name = nameOf(entry.resource);
    const held = found.get(name) ?? {};
    found.set(name, held);
    held.error ??= entry.error;
    if (isRefused(entry)) continue;
    if (entry.state === 'warming') held.warming ??= entry;
    else held.active ??= entry;
  }
  return found;
}

/** What a proxy took on carries a version; without one it is only what failed. */
const isRefused = ({ state, version, error }: Entry): boolean => state === 'refused' && error !== undefined && version === undefined;

/** Who a proxy is: versions and node, out of its bootstrap. */
import { readConfigDump } from '../envoy/config-dump.ts';
import { body, number, text } from '../envoy/fields.ts';

export interface BootstrapSummary {
  readonly node?: string | undefined;
  readonly meshVersion?: string | undefined;
  readonly envoyVersion?: string | undefined;
  readonly cluster?: string | undefined;
  readonly locality?: string | undefined;
  readonly admin?: string | undefined;
}

export function bootstrapSummary(dump: unknown): BootstrapSummary {
  const { bootstrap } = readConfigDump(dump);
  const node = body(bootstrap, 'node');
  const version = body(node, 'user_agent_build_version', 'version');
  const parts = version ? ['major_number', 'minor_number', 'patch'].map((part) => number(version, part) ?? 0) : [];
  const address = body(bootstrap, 'admin', 'address', 'socket_address');
  return {
    node: text(node, 'id'),
    meshVersion: text(node, 'metadata', 'ISTIO_VERSION') ?? text(node, 'metadata', 'version', 'kumaDp', 'version'),
    envoyVersion: parts.length > 0 ? parts.join('.') : text(node, 'user_agent_version'),
    cluster: text(node, 'cluster'),
    locality: ['region', 'zone', 'sub_zone'].flatMap((part) => text(node, 'locality', part) ?? []).join('/') || undefined,
    admin: address && `${text(address, 'address') ?? ''}:${number(address, 'port_value') ?? 0}`,
  };
}

const TITLES: readonly (readonly [key: keyof BootstrapSummary, title: string])[] = [
  ['node', 'Node'],
  ['meshVersion', 'Mesh version'],
  ['envoyVersion', 'Envoy version'],
  ['cluster', 'Cluster'],
  ['locality', 'Locality'],
  ['admin', 'Administration'],
];

export const bootstrapRows = (summary: BootstrapSummary): readonly (readonly string[])[] =>
  TITLES.flatMap(([key, title]) => (summary[key] === undefined ? [] : [[`${title}:`, summary[key]]]));

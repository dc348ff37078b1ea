/** What an Envoy's own statistics tell of its control plane. */
import type { TypeStatus } from '../model/proxy-status.ts';

export interface XdsStats {
  /** Undefined where Envoy does not tell, as without ADS. */
  readonly connected: boolean | undefined;
  readonly types: Readonly<Record<string, TypeStatus>>;
  /** Updates that were rejected since the start, by type; what a later update mended is among them. */
  readonly rejected: Readonly<Record<string, number>>;
}

const PREFIXES: Readonly<Record<string, string>> = { CDS: 'cluster_manager.cds', LDS: 'listener_manager.lds' };

/** Selects what `xdsStats` reads. */
export const XDS_STATS_PATH = `/stats?filter=${encodeURIComponent('^(control_plane\\.connected_state|cluster_manager\\.cds\\.|listener_manager\\.lds\\.)')}`;

/** @param text as `/stats` writes it: `name: value`, one a line */
export function xdsStats(text: string): XdsStats {
  const values = new Map([...text.matchAll(/^([\w.]+): (\d+)$/gm)].map(([, name = '', value]) => [name, Number(value)]));
  const state = values.get('control_plane.connected_state');
  const found = Object.entries(PREFIXES).filter(([, prefix]) => values.has(`${prefix}.update_success`));
  return {
    connected: state === undefined ? undefined : state === 1,
    types: Object.fromEntries(
      found.map(([type, prefix]): [string, TypeStatus] => {
        const updatedAt = values.get(`${prefix}.update_time`) ?? 0;
        const isSent = (values.get(`${prefix}.update_success`) ?? 0) + (values.get(`${prefix}.update_rejected`) ?? 0) > 0;
        return [type, { state: isSent ? 'synced' : 'not-sent', ...(updatedAt > 0 ? { sentAt: updatedAt } : {}) }];
      }),
    ),
    rejected: Object.fromEntries(
      found.flatMap(([type, prefix]) => {
        const number = values.get(`${prefix}.update_rejected`) ?? 0;
        return number > 0 ? [[type, number]] : [];
      }),
    ),
  };
}

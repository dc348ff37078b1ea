/** Whether what the control planes sent reached the proxies. */
import type { Cluster } from './cluster.ts';
import type { MeshId } from './rule.ts';

/**
 * `synced`: the proxy has acknowledged everything. `stale`: it has not, for too long. `not-sent`: it asked for what every
 * proxy needs, and was sent none. `error`: it rejected something. `disconnected`: it runs, and no control plane knows it.
 * `unknown`: nobody could tell.
 */
export type ProxyState = 'synced' | 'stale' | 'not-sent' | 'error' | 'disconnected' | 'unknown';

/** The worst first. */
export const PROXY_STATES: readonly ProxyState[] = ['error', 'disconnected', 'stale', 'not-sent', 'unknown', 'synced'];

export interface TypeStatus {
  readonly state: 'synced' | 'stale' | 'not-sent' | 'error';
  /** Milliseconds since the epoch. */
  readonly sentAt?: number | undefined;
  /** What the proxy said when it rejected it. */
  readonly error?: string | undefined;
}

export interface ControlPlaneStatus {
  readonly mesh: MeshId;
  readonly namespace: string;
  readonly name: string;
  readonly revision?: string | undefined;
  readonly version?: string | undefined;
  /** False when it could not tell of its proxies. */
  readonly reachable: boolean;
  /** Why not, as a sentence. */
  readonly error?: string | undefined;
}

export type ProxyType = 'sidecar' | 'gateway' | 'waypoint' | 'ztunnel' | 'ingress' | 'egress';

export interface ProxyStatus {
  readonly mesh: MeshId;
  readonly namespace: string;
  readonly name: string;
  /** The cluster that it runs in, as the control plane calls it; empty where that is not known. */
  readonly cluster: string;
  readonly type: ProxyType;
  readonly version?: string | undefined;
  readonly revision?: string | undefined;
  /** Name of the control plane's pod that it is connected to. */
  readonly controlPlane?: string | undefined;
  readonly state: ProxyState;
  /** A sentence; always there unless it is synced. */
  readonly reason?: string | undefined;
  /** What to do. */
  readonly hint?: string | undefined;
  /** What else is not as it should be, each a sentence. */
  readonly warnings: readonly string[];
  /** By the field's short names: CDS, LDS, EDS, RDS, SDS, ECDS, …; with Linkerd the controllers that the proxy asks. */
  readonly types: Readonly<Record<string, TypeStatus>>;
  /** Of its identity. */
  readonly certificate?: { readonly notAfter: number } | undefined;
}

/** What one mesh tells of its proxies. */
export interface MeshProxies {
  readonly controlPlanes: readonly ControlPlaneStatus[];
  readonly proxies: readonly ProxyStatus[];
  /** What is not in the list and should be known, each a sentence. */
  readonly notices: readonly string[];
}

export interface ProxyQuestion {
  /** For what is not asked by HTTP. */
  readonly cluster: Cluster;
  /** How long an acknowledgement may take. */
  readonly staleAfterMs: number;
  /** Whether the proxies themselves are asked for their certificates where the control plane does not know them. */
  readonly asksCertificates: (proxies: number) => boolean;
  /** Leaves out pods before anything is asked of them. */
  readonly selects: (labels: Readonly<Record<string, string>>) => boolean;
}

/** The state of a proxy from those of its types; what was not sent counts for those types only that every proxy has. */
export function worstOf(types: Readonly<Record<string, TypeStatus>>, needed: readonly string[]): ProxyState {
  const states = Object.entries(types).map(
    ([type, { state }]): ProxyState => (state === 'not-sent' && !needed.includes(type) ? 'synced' : state),
  );
  return PROXY_STATES.find((state) => states.includes(state)) ?? 'synced';
}

/** What one proxy is configured with, in rows that are the same for every mesh. */

/** An object of the mesh's configuration that something comes from. */
export interface ConfigObject {
  /** `VirtualService`. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** `refused` is what the proxy never took. */
export type ConfigState = 'static' | 'active' | 'warming' | 'draining' | 'refused';

interface Dumped {
  readonly state: ConfigState;
  /** Version of the configuration that it came with; undefined for what is static. */
  readonly version?: string | undefined;
  /** RFC 3339. */
  readonly updatedAt?: string | undefined;
  /** Why the proxy refused the last change. */
  readonly error?: string | undefined;
}

export interface ClusterRow extends Dumped {
  /** As the proxy calls it: `outbound|9080|v1|reviews.shop.svc.cluster.local`. */
  readonly name: string;
  /** Host that it stands for; the name when that tells no more. */
  readonly service: string;
  readonly port?: number | undefined;
  readonly subset?: string | undefined;
  readonly direction?: string | undefined;
  /** `EDS`, `STATIC`, `ORIGINAL_DST`, … */
  readonly type: string;
  /** Of clusters whose endpoints stand in them. */
  readonly endpoints: readonly string[];
  /** `mutual TLS`, `TLS`, `plain text`, or both where the endpoint decides. */
  readonly tls: string;
  readonly from?: ConfigObject | undefined;
}

export interface EndpointRow {
  readonly address: string;
  readonly cluster: string;
  readonly status: string;
  /** False when the proxy has ejected it for its errors; undefined where that is not known. */
  readonly isEjected?: boolean | undefined;
  readonly weight: number;
  readonly priority: number;
  /** `region/zone/subzone`; empty when it has none. */
  readonly locality: string;
  /** Counters and gauges of the endpoint, where `/clusters` was asked: `rq_total`, … */
  readonly stats?: Readonly<Record<string, number>> | undefined;
}

export interface FilterRow {
  readonly name: string;
  /** In words: `HTTP`, `TCP`, `RBAC DENY`, `JWT`. */
  readonly title: string;
  /** What it does, in one line each. */
  readonly details: readonly string[];
}

export interface ChainRow {
  readonly name?: string | undefined;
  readonly match: string;
  readonly destination: string;
  readonly filters: readonly FilterRow[];
}

export interface ListenerRow extends Dumped {
  readonly name: string;
  /** `0.0.0.0:15006`. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** `HTTP`, `TCP`, `UDP`, several of them joined by `+`, or `UNKNOWN`. */
  readonly type: string;
  readonly direction?: string | undefined;
  readonly chains: readonly ChainRow[];
}

export interface RouteRow extends Dumped {
  /** Of the route configuration. */
  readonly name: string;
  readonly virtualHost: string;
  readonly domains: readonly string[];
  /** `/reviews* GET end-user=jason`. */
  readonly match: string;
  readonly path: { readonly kind: 'prefix' | 'exact' | 'regex' | 'template' | 'any'; readonly value: string };
  readonly methods: readonly string[];
  /** Clusters with their weights, in percent where there are several. */
  readonly destinations: readonly { readonly cluster: string; readonly weight?: number | undefined }[];
  /** What is answered or done instead of routing: `redirect https`, `503`. */
  readonly instead?: string | undefined;
  /** `timeout 2s`, `retries 3`, `rewrite /x`, `mirror …`. */
  readonly extras: readonly string[];
  readonly routeName?: string | undefined;
  readonly from?: ConfigObject | undefined;
}

interface CertificateFields {
  readonly serial?: string | undefined;
  readonly notBefore?: number | undefined;
  readonly notAfter?: number | undefined;
  readonly subjectAltNames: readonly string[];
  readonly trustDomain?: string | undefined;
}

export interface SecretRow extends CertificateFields {
  readonly name: string;
  readonly type: 'certificate' | 'authority' | 'other';
  readonly state: ConfigState;
  /** Path in the proxy's own container, of what is not in the configuration itself. */
  readonly file?: string | undefined;
  readonly updatedAt?: string | undefined;
  /** Certificates that it sends behind its own. */
  readonly chain?: readonly CertificateFields[] | undefined;
}

export interface ExtensionRow extends Dumped {
  readonly name: string;
  readonly type: string;
}

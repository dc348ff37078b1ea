/** What `meshctl authz` asks, and what a mesh answers. */
import type { Facts } from './check.ts';
import type { ConfigObject } from './proxy-config.ts';
import type { ResourceSet } from './resource-set.ts';
import type { Subject } from './subject.ts';

/** Who a client is. A mesh takes of it what it goes by. */
export interface Client {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Undefined: that of the mesh. */
  readonly trustDomain?: string | undefined;
  /** Labels of its pods; undefined when only its identity was given. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** As it was asked for: `Pod shop/cart-5d7`. */
  readonly title: string;
  /** Why it cannot show who it is, such as for want of a proxy; undefined when it can. */
  readonly unproven?: string | undefined;
}

/** What is undefined was not told, and may have any value. */
export interface AuthzRequest {
  /** `none`: a client without an identity of the mesh. */
  readonly from?: Client | 'none' | undefined;
  /** Address from which the connection comes, and that of the original client as trusted headers tell it. */
  readonly fromIp?: string | undefined;
  readonly remoteIp?: string | undefined;
  readonly port?: number | undefined;
  readonly method?: string | undefined;
  /** With its query. */
  readonly path?: string | undefined;
  readonly host?: string | undefined;
  readonly sni?: string | undefined;
  /** By lower-case name; one with an empty value is not sent. */
  readonly headers: ReadonlyMap<string, string>;
  /** `issuer/subject` of a valid token, or `none` for a request without one. */
  readonly requestPrincipal?: string | undefined;
  /** Claims of the token, the parts of nested ones joined by dots. */
  readonly claims: ReadonlyMap<string, readonly string[]>;
}

/** `open`: what was not told decides it. */
export type Truth = 'yes' | 'no' | 'open';

/** One thing that a rule asks of a request. */
export interface Condition {
  /** As its author knows it: `from.source.principals`. */
  readonly field: string;
  readonly is: Truth;
  /** What follows the field: what the request has, and what is asked for. */
  readonly because: string;
  /** With `open`: options that would decide it. */
  readonly options: readonly string[];
}

export interface AuthzRule {
  /** Counted from 1. */
  readonly number: number;
  /** What it matches, in words. */
  readonly text: string;
  /** Whether it matches the request; undefined without one. */
  readonly is?: Truth | undefined;
  /** Conditions that are not met, or not decided. */
  readonly unmet: readonly Condition[];
}

export interface AuthzPolicy {
  readonly policy: ConfigObject;
  /** `ALLOW`, `DENY`, `CUSTOM`, `AUDIT`. */
  readonly action: string;
  /** What it is attached to: `workload`, `namespace`, `mesh`, `Service shop/cart`. */
  readonly scope: string;
  /** `sidecar`, `ztunnel`, `waypoint shop/waypoint`. */
  readonly enforcedBy: string;
  /** What it would do is only noted. */
  readonly isDryRun: boolean;
  /** Whether the proxy that enforces it has it; undefined when it was not asked. */
  readonly isInProxy?: boolean | undefined;
  /** What is out of the ordinary about it, as a sentence. */
  readonly remarks: readonly string[];
  readonly rules: readonly AuthzRule[];
}

/** `asks`: a service outside decides. */
export type Decision = 'allowed' | 'denied' | 'depends' | 'asks';

export interface Verdict {
  readonly is: Decision;
  /** One sentence. */
  readonly because: string;
  /** Undefined where no rule decides. */
  readonly by?: { readonly policy: ConfigObject; readonly rule?: number | undefined } | undefined;
  /** Options that would decide it. */
  readonly options: readonly string[];
  /** The rule that came nearest to letting it in, or those that are undecided, with what stands in their way. */
  readonly nearest: readonly { readonly policy: ConfigObject; readonly rule: number; readonly conditions: readonly Condition[] }[];
}

export interface Authorization {
  /** Who lets in: `Pod shop/cart-5d7, as service account shop/cart`. */
  readonly title: string;
  /** In the order in which they are asked. */
  readonly policies: readonly AuthzPolicy[];
  /** What happens to a request that no policy speaks of, as a sentence. */
  readonly otherwise: string;
  /** What else one has to know, each as a sentence. */
  readonly notes: readonly string[];
  /** Differences between the configuration and the proxy, each as a sentence. */
  readonly differences: readonly string[];
  readonly verdict?: Verdict | undefined;
}

/** With `facts` undefined no proxy is asked. */
export type Authorize = (
  subject: Subject,
  resources: ResourceSet,
  asked: { readonly request: AuthzRequest | undefined; readonly facts: Facts | undefined },
) => Promise<Authorization>;

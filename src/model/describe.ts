/** What `meshctl describe` tells of a workload or a service, whatever the mesh. */
import type { Facts } from './check.ts';
import type { ConfigObject } from './proxy-config.ts';
import type { ResourceSet } from './resource-set.ts';
import type { Subject } from './subject.ts';

export interface Fact {
  /** What it is about: `port 9080`, `VirtualService shop/cart`. */
  readonly subject: string;
  /** What holds, in words. */
  readonly value: string;
  /** Objects that it comes from. */
  readonly from: readonly ConfigObject[];
  /** One thing each. */
  readonly details?: readonly string[] | undefined;
}

export interface Section {
  /** `ports`: stable. */
  readonly id: string;
  readonly title: string;
  readonly facts: readonly Fact[];
}

export interface Trouble {
  /** `istio/route-missing`: stable, or the id of the rule of analysis that found it. */
  readonly id: string;
  readonly severity: 'error' | 'warning';
  /** Configuration and proxy do not agree. */
  readonly isDifference: boolean;
  /** Full sentences. */
  readonly message: string;
  /** What to do. */
  readonly hint?: string | undefined;
  readonly objects: readonly ConfigObject[];
}

/** A proxy that was to be asked. */
export interface AskedProxy {
  readonly namespace: string;
  readonly pod: string;
  /** Why it told nothing; undefined when it did. */
  readonly silence?: string | undefined;
}

export interface Description {
  readonly sections: readonly Section[];
  readonly troubles: readonly Trouble[];
  readonly proxies: readonly AskedProxy[];
}

/** @param facts undefined when proxies are not asked, as for files */
export type Describe = (subject: Subject, resources: ResourceSet, facts: Facts | undefined) => Promise<Description>;

import type { Resource } from './resource.ts';
import type { Workload } from './workloads.ts';

/** What a question is about, and the pods behind it. */
export interface Subject {
  /** What was named: a Pod, a Deployment, a Service, … */
  readonly target: Resource;
  /** Pods, those that are ready first; in files the templates that make them. Empty for a Service without any. */
  readonly workloads: readonly Workload[];
}

/** Objects that an answer should have been based on, and was not. */
export interface NotRead {
  /** `AuthorizationPolicy`. */
  readonly kind: string;
  readonly reason: string;
}

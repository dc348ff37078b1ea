/** What the parts of a security and operations checklist that every mesh shares must know of one mesh. */
import type { Check, Facts } from '../../../model/check.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import type { ProxiedWorkload } from './proxied-workloads.ts';

export interface PostureTraits {
  /** Prefix of the ids: `istio`. */
  readonly mesh: string;
  readonly title: string;
  /** Name of the proxy's container. */
  readonly proxy: string;
  /** Sidecars and gateways. */
  workloads(facts: Facts): Promise<readonly ProxiedWorkload[]>;
  /** How the proxy's resources are set: ends the hint, as a sentence. */
  readonly proxyResources: string;
  /** How the control plane gets more than one replica and a budget: ends the hints, as a sentence. */
  readonly highAvailability: string;
  /** How sidecars do without a privileged init container, as a sentence. */
  readonly nodeAgent: string;
  /** Address of the documentation for production. */
  readonly docs: string;
  /** Kinds that `controlPlane` lists. */
  readonly controlPlaneKinds: readonly Kind[];
  /** Deployments and StatefulSets of the control plane, and of gateways that the mesh brings. */
  controlPlane(facts: Facts): Promise<readonly Resource[]>;
  /** True for the image of a container that the injector replaces by a whole one, with probes and resources. */
  isPlaceholder?(image: string): boolean;
  /** Ports that nobody outside of the cluster has any business with, and what answers there. */
  readonly adminPorts: Readonly<Record<number, string>>;
  /** Services of the mesh itself, by their labels or names. */
  isOwnService(service: Resource): boolean;
}

const API = 'kubernetes/api-reachable';
export const POD: Kind = 'core/Pod';
export const DEPLOYMENT: Kind = 'apps/Deployment';
export const NAMESPACE: Kind = 'core/Namespace';

/** What every check of a posture has in common. */
export function postureCheck(check: Omit<Check, 'category' | 'modes' | 'needs'>): Check {
  return { category: 'posture', modes: ['posture'], needs: [API], ...check };
}

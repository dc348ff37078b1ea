/**
 * What the checks that all meshes with injected sidecars share have to know of one. A mesh describes itself, takes
 * `controlPlaneChecks`, `injectionChecks`, `dataPlaneChecks` and `versionsCheck`, and adds those that are its own.
 */
import type { Check, Facts } from '../../model/check.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import type { MeshId } from '../../model/rule.ts';
import type { Evidence } from '../evidence.ts';
import { versionOfWorkload } from './images.ts';
import { type IsSidecar, type SidecarPod, sidecarPods } from './sidecars.ts';

export const DEPLOYMENT: Kind = 'apps/Deployment';
export const API = 'kubernetes/api-reachable';

export interface SidecarMesh {
  readonly id: MeshId;
  readonly title: string;
  /** Pages about installing it, about injection, and about proxies in trouble. */
  readonly docs: { readonly install: string; readonly injection: string; readonly proxies: string };
  readonly evidence: Evidence;
  /** True for the Deployment without which there is no control plane, and for its pods. */
  isCore(resource: Resource): boolean;
  /** True for every Deployment of the control plane and for their pods, the core one among them. */
  isPart(resource: Resource): boolean;
  /** How the core Deployment is told: `labelled "app=kuma-control-plane"`. */
  readonly sign: string;
  /** By the name of an entry of a webhook configuration. */
  isWebhook(name: string): boolean;
  /** Who answers the webhooks, and what to do when the API server does not trust it. */
  readonly webhookServer: { readonly name: string; readonly hint: string };
  readonly isSidecar: IsSidecar;
  /** True when the namespace is marked for injection. */
  marks(namespace: Resource): boolean;
  /** Why no webhook injects in this cluster although a control plane is there, as a sentence; undefined when one should. */
  spared?(facts: Facts): Promise<string | undefined>;
  /** What the injector decides about a pod that its webhook is asked about. */
  injects(facts: Facts): Promise<(pod: Resource, namespace: Resource) => boolean>;
}

export const existsId = ({ id }: SidecarMesh): string => `${id}/control-plane-exists`;

export async function corePlanes(mesh: SidecarMesh, facts: Facts): Promise<readonly Resource[]> {
  return (await facts.list(DEPLOYMENT)).filter((deployment) => mesh.isCore(deployment));
}

/** The version that all of the mesh's control planes have. */
export async function planeVersion(mesh: SidecarMesh, facts: Facts): Promise<string | undefined> {
  const versions = new Set((await corePlanes(mesh, facts)).map(versionOfWorkload));
  return versions.size === 1 ? [...versions][0] : undefined;
}

export const proxiesOf = (mesh: SidecarMesh, facts: Facts): Promise<readonly SidecarPod[]> => sidecarPods(facts, mesh.isSidecar);

/** The check, skipped where the mesh has no control plane, as when only its definitions are left. */
export function needingPlane(mesh: SidecarMesh, check: Check): Check {
  return {
    ...check,
    needs: [existsId(mesh), ...(check.needs ?? [])],
    run: async (facts) => {
      if ((await corePlanes(mesh, facts)).length === 0) return { is: 'skipped', reason: `There is no control plane of ${mesh.title}.` };
      return check.run(facts);
    },
  };
}

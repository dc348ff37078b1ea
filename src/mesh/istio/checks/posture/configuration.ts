/** The mesh configuration of each control plane, for checks. */
import { stringAt } from '../../../../model/body.ts';
import type { Facts } from '../../../../model/check.ts';
import type { Resource } from '../../../../model/resource.ts';
import { resourceSet } from '../../../../model/resource-set.ts';
import { CONFIG_MAP } from '../../kinds.ts';
import { type MeshConfig, meshConfig } from '../../mesh-config.ts';
import { DEFAULT_REVISION } from '../../webhooks.ts';
import { type ControlPlane, controlPlanes } from '../control-plane.ts';

export interface PlaneConfig {
  readonly plane: ControlPlane;
  readonly config: MeshConfig;
  readonly configMap: Resource;
}

/** Those whose ConfigMap exists. */
export async function planeConfigs(facts: Facts): Promise<readonly PlaneConfig[]> {
  const found: PlaneConfig[] = [];
  for (const plane of await controlPlanes(facts)) {
    const { namespace } = plane.deployment;
    const name = plane.revision === DEFAULT_REVISION ? 'istio' : `istio-${plane.revision}`;
    const configMap = await facts.get({ kind: CONFIG_MAP, namespace, name });
    if (!configMap) continue;
    const settings = { rootNamespace: namespace, revision: plane.revision };
    found.push({ plane, configMap, config: resourceSet([configMap], { settings }).derive(meshConfig) });
  }
  return found;
}

const USUAL_ROOT = 'istio-system';

/** The namespace whose policies apply to the whole mesh. */
export async function rootNamespace(facts: Facts): Promise<string> {
  const [configured] = await planeConfigs(facts);
  const [plane] = await controlPlanes(facts);
  return stringAt(configured?.config.body, 'rootNamespace') ?? plane?.deployment.namespace ?? USUAL_ROOT;
}

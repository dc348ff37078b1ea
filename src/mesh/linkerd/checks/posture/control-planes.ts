/** Linkerd's control planes and the values that they were installed with. */
import { isBody, stringAt } from '../../../../model/body.ts';
import type { Facts } from '../../../../model/check.ts';
import type { Body, Resource } from '../../../../model/resource.ts';
import { parseYamlValue } from '../../../../text/yaml.ts';
import { configRef, controlPlanes } from '../../control-planes.ts';
import { COMPONENT } from '../../kinds.ts';

export async function controlPlaneDeployments(facts: Facts): Promise<readonly Resource[]> {
  return (await controlPlanes(facts)).flatMap(({ deployments }) => [...deployments.values()]);
}

export interface Installation {
  readonly namespace: string;
  /** ConfigMap `linkerd-config`. */
  readonly resource: Resource;
  /** Chart values, without those that are default. */
  readonly values: Body;
}

export async function installations(facts: Facts): Promise<readonly Installation[]> {
  const found: Installation[] = [];
  for (const { namespace } of await controlPlanes(facts)) {
    const resource = await facts.get(configRef({ namespace }));
    const values = parseYamlValue(stringAt(resource?.body, 'data', 'values') ?? '');
    if (resource && isBody(values)) found.push({ namespace, resource, values });
  }
  return found;
}

/** Pods of the control plane and of extensions, which bring policies of their own. */
export const isLinkerdsOwn = ({ labels }: Resource): boolean =>
  labels[COMPONENT] !== undefined || labels['linkerd.io/extension'] !== undefined;

/** Linkerd's control planes and the values that they were installed with. */
import { isBody, stringAt } from '../../../../model/body.ts';
import type { Facts } from '../../../../model/check.ts';
import type { Body, Kind, Resource } from '../../../../model/resource.ts';
import { parseYamlValue } from '../../../../text/yaml.ts';
import { DEPLOYMENT } from '../../../checks/posture/traits.ts';

const COMPONENT = 'linkerd.io/control-plane-component';
export const CONFIG_MAP: Kind = 'core/ConfigMap';

const PARTS: ReadonlySet<string | undefined> = new Set(['destination', 'identity', 'proxy-injector']);

export async function controlPlaneDeployments(facts: Facts): Promise<readonly Resource[]> {
  return (await facts.list(DEPLOYMENT)).filter(({ labels }) => PARTS.has(labels[COMPONENT]));
}

export interface Installation {
  readonly namespace: string;
  /** ConfigMap `linkerd-config`. */
  readonly resource: Resource;
  /** Chart values, without those that are default. */
  readonly values: Body;
}

export async function installations(facts: Facts): Promise<readonly Installation[]> {
  const namespaces = [...new Set((await controlPlaneDeployments(facts)).map(({ namespace }) => namespace))].sort();
  const found: Installation[] = [];
  for (const namespace of namespaces) {
    const resource = await facts.get({ kind: CONFIG_MAP, namespace, name: 'linkerd-config' });
    const values = parseYamlValue(stringAt(resource?.body, 'data', 'values') ?? '');
    if (resource && isBody(values)) found.push({ namespace, resource, values });
  }
  return found;
}

/** Pods of the control plane and of extensions, which bring policies of their own. */
export const isLinkerdsOwn = ({ labels }: Resource): boolean =>
  labels[COMPONENT] !== undefined || labels['linkerd.io/extension'] !== undefined;

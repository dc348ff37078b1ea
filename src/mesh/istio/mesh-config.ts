/**
 * The mesh configuration in force: the file given by `--mesh-config`, or the ConfigMap of the
 * revision, over Istio's defaults.
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 */
import { isBody, itemsAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';
import { parseYamlValue } from '../../text/yaml.ts';
import { CONFIG_MAP, MESH_CONFIG, MESH_NETWORKS } from './kinds.ts';

export const DEFAULT_ROOT_NAMESPACE = 'istio-system';

export interface MeshConfig {
  /** What was given, without the defaults. */
  readonly body: Body;
  /** The file or ConfigMap it came from; undefined when all is default. */
  readonly resource?: Resource | undefined;
  readonly rootNamespace: string;
  readonly trustDomain: string;
  /** `OFF`, `STRICT` or `DEFAULT`. */
  readonly ingressControllerMode: string;
  readonly ingressService: string;
  readonly defaultServiceExportTo: readonly string[];
  readonly defaultVirtualServiceExportTo: readonly string[];
  readonly defaultDestinationRuleExportTo: readonly string[];
  /** Providers that write access logs where no Telemetry names one. */
  readonly defaultAccessLogging: readonly string[];
  /** Type of each extension provider by its name; the type is the field that configures it: `opentelemetry`. */
  readonly extensionProviders: ReadonlyMap<string, string>;
}

/** Name of a revision's ConfigMap: `istio`, or `istio-canary`. */
export function configMapName(base: string, revision: string | undefined): string {
  return revision === undefined || revision === 'default' ? base : `${base}-${revision}`;
}

/**
 * The ConfigMap of a revision in the namespace of the control plane.
 * @param base `istio` for the mesh configuration, `istio-sidecar-injector` for the injector's
 */
export function controlPlaneConfigMap(resources: ResourceSet, base: string, revision = resources.settings.revision): Resource | undefined {
  const namespace = resources.settings.rootNamespace ?? DEFAULT_ROOT_NAMESPACE;
  return resources.get(CONFIG_MAP, namespace, configMapName(base, revision));
}

/** A YAML document kept as text inside a ConfigMap; empty when it is absent or does not parse. */
export function embeddedYaml(configMap: Resource | undefined, key: string): Body {
  const text = stringAt(configMap?.body, 'data', key);
  if (text === undefined) return {};
  const parsed = parseYamlValue(text);
  return isBody(parsed) ? parsed : {};
}

/** A provider holds its name and one more field, which is its type. */
function providerType(provider: Body): readonly (readonly [name: string, type: string])[] {
  const name = stringAt(provider, 'name');
  const type = Object.keys(provider).find((key) => key !== 'name');
  return name === undefined || type === undefined ? [] : [[name, type]];
}

export const meshConfig: Derivation<MeshConfig> = {
  name: 'istio mesh configuration',
  build(resources) {
    const file = resources.all(MESH_CONFIG)[0];
    const configMap = controlPlaneConfigMap(resources, 'istio');
    const body = file?.body ?? embeddedYaml(configMap, 'mesh');
    const exportTo = (field: string): readonly string[] => {
      const values = stringsAt(body, field).map((entry) => entry.value);
      return values.length > 0 ? values : ['*'];
    };
    return {
      body,
      resource: file ?? configMap,
      rootNamespace: resources.settings.rootNamespace ?? stringAt(body, 'rootNamespace') ?? DEFAULT_ROOT_NAMESPACE,
      trustDomain: stringAt(body, 'trustDomain') ?? 'cluster.local',
      ingressControllerMode: stringAt(body, 'ingressControllerMode') ?? 'STRICT',
      ingressService: stringAt(body, 'ingressService') ?? 'istio-ingressgateway',
      defaultServiceExportTo: exportTo('defaultServiceExportTo'),
      defaultVirtualServiceExportTo: exportTo('defaultVirtualServiceExportTo'),
      defaultDestinationRuleExportTo: exportTo('defaultDestinationRuleExportTo'),
      defaultAccessLogging: stringsAt(body, 'defaultProviders', 'accessLogging').map((entry) => entry.value),
      extensionProviders: new Map(itemsAt(body, 'extensionProviders').flatMap(({ item }) => providerType(item))),
    };
  },
};

export interface MeshNetworks {
  readonly networks: Body;
  /** The object that holds them, and where inside it they stand; undefined when no networks are configured. */
  readonly resource?: Resource | undefined;
  /** False when the networks are text inside a ConfigMap, where single fields have no position. */
  readonly located: boolean;
}

/** The networks of a multi-network mesh, from `--mesh-networks` or the ConfigMap. */
export const meshNetworks: Derivation<MeshNetworks> = {
  name: 'istio mesh networks',
  build(resources) {
    const file = resources.all(MESH_NETWORKS)[0];
    if (file) return { networks: objectAt(file.body, 'networks'), resource: file, located: true };
    const configMap = controlPlaneConfigMap(resources, 'istio');
    return { networks: objectAt(embeddedYaml(configMap, 'meshNetworks'), 'networks'), resource: configMap, located: false };
  },
};

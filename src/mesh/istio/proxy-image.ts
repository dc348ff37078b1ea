/**
 * The image that an injector gives the sidecar of a new pod: hub, name and tag from its values, the
 * variant (`distroless`, `debug`) from the pod, from ProxyConfigs and from the mesh configuration.
 * @see https://istio.io/latest/docs/reference/config/networking/proxy-config/#ProxyImage
 */
import { has, objectAt, stringAt, stringMapAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Body } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';
import type { Workload } from '../../model/workloads.ts';
import { parseYamlValue } from '../../text/yaml.ts';
import { oldestFirst } from './age.ts';
import type { InjectorConfig } from './injector-config.ts';
import { MESH_CONFIG, PROXY_CONFIG } from './kinds.ts';
import { controlPlaneConfigMap, embeddedYaml, meshConfig } from './mesh-config.ts';

export interface InjectedImage {
  readonly image: string;
  /** The same version without a variant; equal to `image` when there is none. */
  readonly plain: string;
}

export interface ProxyImages {
  /** Undefined when the configuration does not name hub and tag, or the pod brings its own image. */
  injectedInto(workload: Workload, config: InjectorConfig): InjectedImage | undefined;
}

/** Variants that Istio publishes: a tag that ends in one gets another in its place, not behind it. */
const PUBLISHED_VARIANTS = /-(?:distroless|debug)$/;

export const proxyImages: Derivation<ProxyImages> = {
  name: 'istio proxy images',
  build(resources) {
    const typeOf = imageTypes(resources);
    return {
      injectedInto(workload, { values, revision }) {
        if (workload.annotations['sidecar.istio.io/proxyImage'] || overridesImage(workload)) return undefined;
        const global = objectAt(values, 'global');
        const variant = typeOf(workload, revision) || stringAt(global, 'variant') || '';
        const name = stringAt(global, 'proxy', 'image') || 'proxyv2';
        if (name.includes('/')) return { image: variant === '' || variant === 'default' ? name : `${name}-${variant}`, plain: name };
        const hub = stringAt(global, 'hub');
        const tag = String(global['tag'] ?? '');
        if (!hub || tag === '') return undefined;
        return { image: `${hub}/${name}:${withVariant(tag, variant)}`, plain: `${hub}/${name}:${tag}` };
      },
    };
  },
};

/** The tag of a variant such as `distroless`; the one called `default` has none. */
export function withVariant(tag: string, variant: string): string {
  if (variant === '') return tag;
  const version = tag.replace(PUBLISHED_VARIANTS, '');
  return variant === 'default' ? version : `${version}-${variant}`;
}

/** An image that the pod's own template gave for `istio-proxy` wins over the injector's, which keeps it in this annotation. */
function overridesImage({ annotations }: Workload): boolean {
  const overrides = annotated(annotations, 'proxy.istio.io/overrides');
  return ['containers', 'initContainers'].some((field) => {
    const containers = objectAt(overrides)[field];
    return (
      Array.isArray(containers) &&
      containers.some((container) => stringAt(container, 'name') === 'istio-proxy' && (stringAt(container, 'image') ?? 'auto') !== 'auto')
    );
  });
}

/** The YAML, or JSON, of an annotation. */
function annotated(annotations: Workload['annotations'], name: string): unknown {
  const text = annotations[name];
  return text === undefined ? undefined : parseYamlValue(text);
}

/**
 * The variant that is configured for a pod: for the pod itself, for workloads like it, for its
 * namespace, for the root namespace, for the mesh; the first that says something counts. Of several
 * ProxyConfigs for the same thing, istiod takes the oldest.
 */
function imageTypes(resources: ResourceSet): (workload: Workload, revision: string) => string | undefined {
  const mesh = resources.derive(meshConfig);
  const typeIn =
    (...path: string[]) =>
    (config: unknown): string | undefined =>
      stringAt(config, ...path, 'image', 'imageType') || undefined;
  const specType = typeIn('spec');
  const ofNamespace = (namespace: string): Body | undefined =>
    oldestFirst(resources.inNamespace(PROXY_CONFIG, namespace).filter(({ body }) => !has(body, 'spec', 'selector')))[0]?.body;
  const ofWorkload = ({ namespace, labels }: Workload): Body | undefined =>
    oldestFirst(
      resources.inNamespace(PROXY_CONFIG, namespace).filter(({ body }) => {
        const selector = stringMapAt(body, 'spec', 'selector', 'matchLabels');
        return Object.keys(selector).length > 0 && labelsMatch(selector, labels);
      }),
    )[0]?.body;
  const ofMesh = new Map<string, string | undefined>();
  const meshType = (revision: string): string | undefined =>
    getOrInsert(ofMesh, revision, () => {
      const configMap = resources.given(MESH_CONFIG) ? undefined : controlPlaneConfigMap(resources, 'istio', revision);
      return typeIn('defaultConfig')(configMap ? embeddedYaml(configMap, 'mesh') : mesh.body);
    });
  return (workload, revision) =>
    workload.annotations['sidecar.istio.io/proxyImageType'] ||
    specType(ofWorkload(workload)) ||
    typeIn()(annotated(workload.annotations, 'proxy.istio.io/config')) ||
    specType(ofNamespace(workload.namespace)) ||
    specType(ofNamespace(mesh.rootNamespace)) ||
    meshType(revision);
}

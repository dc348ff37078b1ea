/** What the control plane of a cluster runs with, as far as its objects tell: its own answer would need a way to its port. */
import { isBody, itemsAt, objectAt, stringAt } from '../../../model/body.ts';
import type { InjectParameters } from '../../../model/inject.ts';
import type { Body, FieldPath, Kind, Resource } from '../../../model/resource.ts';
import { parseYamlValue } from '../../../text/yaml.ts';
import { templateContainers } from '../../checks/images.ts';
import { overlay, withValue } from '../../injection/edit.ts';
import { environmentOf, isControlPlane } from '../sidecar-mesh.ts';

export interface Installed {
  readonly injector: Body;
  readonly redirection: Body;
  readonly url: string;
  /** PEM; empty when no webhook has it. */
  readonly caCert: string;
  readonly meshes: ReadonlySet<string>;
  readonly patches: readonly Body[];
}

const CONFIG_MAP: Kind = 'core/ConfigMap';
const WEBHOOKS: Kind = 'admissionregistration.k8s.io/MutatingWebhookConfiguration';

/** @returns undefined when the namespace has no control plane */
export async function installedConfiguration(
  live: NonNullable<InjectParameters['live']>,
  namespace: string,
): Promise<Installed | undefined> {
  const plane = (await live.list('apps/Deployment', namespace)).find(isControlPlane);
  if (!plane) return undefined;
  const read = environmentOf(plane);
  const file = await live.get({ kind: CONFIG_MAP, namespace, name: `${plane.name}-config` });
  const layers = [injectorOf(parseYamlValue(stringAt(file?.body, 'data', 'config.yaml') ?? '')), fromEnvironment(read)];
  const written = layers.reduce(overlay, imagesBeside(plane));
  const mapName = stringAt(written, 'transparentProxyConfigMap') ?? 'kuma-transparent-proxy-config';
  const map = await live.get({ kind: CONFIG_MAP, namespace, name: mapName });
  const redirection = parseYamlValue(stringAt(map?.body, 'data', 'config.yaml') ?? '');
  const service = read('KUMA_RUNTIME_KUBERNETES_CONTROL_PLANE_SERVICE_NAME') ?? plane.name;
  return {
    injector: written,
    redirection: isBody(redirection) ? redirection : {},
    url: `https://${service}.${namespace}:5678`,
    caCert: caIn(await live.list(WEBHOOKS)),
    meshes: new Set((await live.list('kuma.io/Mesh')).map(({ name }) => name)),
    patches: (await live.list('kuma.io/ContainerPatch', namespace)).map(({ body }) => body),
  };
}

/** The part of a control plane's configuration that injection reads; the configuration of the injector alone stays as it is. */
export function injectorOf(configuration: unknown): Body {
  if (!isBody(configuration)) return {};
  if (!isBody(configuration['runtime']) && !isBody(configuration['bootstrapServer'])) return configuration;
  const { adminPort, envoyAdminUnixSocket, readinessPort } = objectAt(configuration, 'bootstrapServer', 'params');
  const known = { adminPort, envoyAdminUnixSocket, readinessPort };
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return { ...objectAt(configuration, 'runtime', 'kubernetes', 'injector'), ...given };
}

/** Images of the release that the control plane's own is of, for one that nobody told which to use. */
function imagesBeside(plane: Resource): Body {
  const own = stringAt(templateContainers(plane)[0], 'image') ?? '';
  const sibling = (part: string): string => own.replace(/-cp(?=:[^@]+$)/, `-${part}`);
  if (sibling('dp') === own) return {};
  return { sidecarContainer: { image: sibling('dp') }, initContainer: { image: sibling('init') } };
}

/** Whoever the API server trusts to answer for the injector, proxies trust too. */
function caIn(configurations: readonly Resource[]): string {
  const bundles = configurations.flatMap(({ body }) =>
    itemsAt(body, 'webhooks').flatMap(({ item }) =>
      stringAt(item, 'name')?.endsWith('kuma-injector.kuma.io') ? [stringAt(item, 'clientConfig', 'caBundle') ?? ''] : [],
    ),
  );
  return atob(bundles.find((bundle) => bundle !== '') ?? '');
}

const RUNTIME = 'KUMA_RUNTIME_KUBERNETES_';
const INJECTOR = `${RUNTIME}INJECTOR_`;
const CONTAINERS = { SIDECAR_CONTAINER: 'sidecarContainer', INIT_CONTAINER: 'initContainer', VALIDATION_CONTAINER: 'validationContainer' };

/** Variables that the chart sets, or that its users are told of, and where their values belong. */
const VARIABLES: readonly (readonly [name: string, path: FieldPath])[] = [
  [`${INJECTOR}CNI_ENABLED`, ['cniEnabled']],
  [`${INJECTOR}SIDECAR_CONTAINER_IMAGE`, ['sidecarContainer', 'image']],
  [`${INJECTOR}SIDECAR_CONTAINER_UID`, ['sidecarContainer', 'uid']],
  [`${INJECTOR}SIDECAR_CONTAINER_DRAIN_TIME`, ['sidecarContainer', 'drainTime']],
  [`${INJECTOR}SIDECAR_CONTAINER_REDIRECT_PORT_INBOUND`, ['sidecarContainer', 'redirectPortInbound']],
  [`${INJECTOR}SIDECAR_CONTAINER_REDIRECT_PORT_OUTBOUND`, ['sidecarContainer', 'redirectPortOutbound']],
  [`${INJECTOR}SIDECAR_CONTAINER_WAIT_FOR_DATAPLANE_READY`, ['sidecarContainer', 'waitForDataplaneReady']],
  ['KUMA_INJECTOR_INIT_CONTAINER_IMAGE', ['initContainer', 'image']],
  ...Object.entries(CONTAINERS).flatMap(([name, field]) =>
    ['REQUESTS', 'LIMITS'].flatMap((side) =>
      ['CPU', 'MEMORY'].map(
        (resource) =>
          [
            `KUMA_INJECTOR_${name}_RESOURCES_${side}_${resource}`,
            [field, 'resources', side.toLowerCase(), resource.toLowerCase()],
          ] as const,
      ),
    ),
  ),
  [`${INJECTOR}BUILTIN_DNS_ENABLED`, ['builtinDNS', 'enabled']],
  [`${INJECTOR}BUILTIN_DNS_PORT`, ['builtinDNS', 'port']],
  [`${INJECTOR}OTEL_PIPE_ENABLED`, ['otelPipeEnabled']],
  [`${INJECTOR}TRANSPARENT_PROXY_CONFIGMAP_NAME`, ['transparentProxyConfigMap']],
  [`${RUNTIME}APPLICATION_PROBE_PROXY_PORT`, ['applicationProbeProxyPort']],
  ['KUMA_BOOTSTRAP_SERVER_PARAMS_ADMIN_PORT', ['adminPort']],
  ['KUMA_BOOTSTRAP_SERVER_PARAMS_READINESS_PORT', ['readinessPort']],
  ['KUMA_BOOTSTRAP_SERVER_PARAMS_ENVOY_ADMIN_UNIX_SOCKET', ['envoyAdminUnixSocket']],
];

function fromEnvironment(read: (name: string) => string | undefined): Body {
  return VARIABLES.reduce((values: Body, [name, path]) => {
    const value = read(name);
    return value === undefined ? values : withValue(values, path, value === 'true' || value === 'false' ? value === 'true' : value);
  }, {});
}

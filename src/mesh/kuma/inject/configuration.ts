/** What proxies are made of: Kuma's defaults, what the control plane runs with, and what the user says now. */
import { MeshctlError } from '../../../errors.ts';
import { isBody, objectAt, stringAt } from '../../../model/body.ts';
import type { InjectParameters } from '../../../model/inject.ts';
import type { Body } from '../../../model/resource.ts';
import { splitDocuments } from '../../../text/documents.ts';
import { parseVersion } from '../../../text/semver.ts';
import { parseYamlValue } from '../../../text/yaml.ts';
import { versionOfImage } from '../../checks/images.ts';
import { overlay } from '../../injection/edit.ts';
import { askCluster } from '../../injection/reach.ts';
import { mappingOf, settingsAt } from '../../injection/settings.ts';
import { DEFAULTS, REDIRECTION_DEFAULTS } from './defaults.ts';
import { type Installed, injectorOf, installedConfiguration } from './live-configuration.ts';

export interface Configuration {
  /** As the control plane's own, below `runtime.kubernetes.injector`. */
  readonly injector: Body;
  /** Of the ConfigMap that all pods are redirected by. */
  readonly redirection: Body;
  /** Where proxies find the control plane, and whom they believe to be it, in PEM. */
  readonly controlPlane: { readonly url: string; readonly caCert: string; readonly namespace: string };
  /** ContainerPatches by name. */
  readonly patches: ReadonlyMap<string, Body>;
  /** Those of the cluster; undefined when it was not asked. */
  readonly meshes: ReadonlySet<string> | undefined;
  /** That workloads are to join whatever their labels say. */
  readonly mesh: string | undefined;
  /** False when the cluster was asked and has no control plane there. */
  readonly isInstalled: boolean;
}

/** @throws MeshctlError E_INJECT when a setting does not fit, or a proxy cannot be made of what is known */
export async function readConfiguration(parameters: InjectParameters): Promise<Configuration> {
  const { files, settings } = parameters;
  const { 'kuma-mesh': mesh, 'control-plane-url': url, ...values } = settings;
  const namespace = parameters.controlPlaneNamespace ?? 'kuma-system';
  const asked = await askCluster(parameters, (live) => installedConfiguration(live, namespace));
  const installed = asked?.answer;
  const chart = chartConfiguration(parameters);
  const layers = [chart.injector, installed?.injector, injectorOf(written(files['injector-config'])), settingsAt(values, {})];
  const configuration: Configuration = {
    injector: layers.reduce((below: Body, above) => overlay(below, above ?? {}), DEFAULTS),
    redirection: [chart.redirection, installed?.redirection, written(files['mesh-config'])].reduce(
      (below: Body, above) => overlay(below, above ?? {}),
      REDIRECTION_DEFAULTS,
    ),
    controlPlane: {
      url: url === undefined ? (installed?.url ?? `https://kuma-control-plane.${namespace}:5678`) : String(url),
      caCert: files['ca-cert']?.text ?? installed?.caCert ?? '',
      namespace,
    },
    patches: patchesOf(parameters, installed),
    meshes: installed?.meshes,
    mesh: mesh === undefined ? undefined : String(mesh),
    isInstalled: !asked || installed !== undefined,
  };
  if (parameters.manual) {
    demandComplete(configuration);
    demandVersion(configuration);
  }
  return configuration;
}

/** A file that holds the configuration, or the ConfigMap with it. */
function written(file: InjectParameters['files'][string] | undefined): Body {
  const body = mappingOf(file);
  if (body['kind'] !== 'ConfigMap') return body;
  const inner = parseYamlValue(stringAt(body, 'data', 'config.yaml') ?? '');
  return isBody(inner) ? inner : {};
}

/** Images and redirection as the chart has them, when nobody sets values of it. */
function chartConfiguration({ chart }: InjectParameters): { readonly injector: Body; readonly redirection: Body } {
  if (!chart) return { injector: {}, redirection: {} };
  const read = (path: string): Body => {
    const file = chart.find(({ name }) => name === path);
    if (!file) throw new MeshctlError('E_INJECT', `The chart has no "${path}".`, { hint: 'Name the chart kuma.' });
    return mappingOf({ path, text: new TextDecoder().decode(file.data) });
  };
  const [about, values] = [read('Chart.yaml'), read('values.yaml')];
  const image = (name: string, fallback: string): string => {
    const given = objectAt(values, 'dataPlane', name);
    const general = objectAt(values, 'global', 'image');
    const tag = given['tag'] ?? general['tag'] ?? about['appVersion'];
    return `${String(given['registry'] ?? general['registry'] ?? 'docker.io/kumahq')}/${String(given['repository'] ?? fallback)}:${String(tag)}`;
  };
  return {
    injector: { sidecarContainer: { image: image('image', 'kuma-dp') }, initContainer: { image: image('initImage', 'kuma-init') } },
    redirection: objectAt(values, 'transparentProxy', 'configMap', 'config'),
  };
}

function patchesOf({ files }: InjectParameters, installed: Installed | undefined): ReadonlyMap<string, Body> {
  const file = files['container-patches'];
  const given = splitDocuments(file?.text ?? '')
    .map(({ text }) => parseYamlValue(text))
    .filter(isBody);
  const stranger = given.find(({ kind }) => kind !== 'ContainerPatch');
  if (file && stranger)
    throw new MeshctlError('E_INJECT', `"${file.path}" holds a ${String(stranger['kind'])} where ContainerPatches belong.`);
  return new Map([...(installed?.patches ?? []), ...given].map((patch) => [stringAt(patch, 'metadata', 'name') ?? '', patch]));
}

function demandComplete({ injector, controlPlane, isInstalled }: Configuration): void {
  const images = ['sidecarContainer', 'initContainer'].filter((part) => !stringAt(injector, part, 'image')).map((part) => `${part}.image`);
  const wanting = [...images, ...(controlPlane.caCert === '' ? ['the certificate of the control plane'] : [])];
  if (wanting.length === 0) return;
  const names = wanting.map((name) => (name.includes(' ') ? name : `"${name}"`)).join(' and ');
  throw new MeshctlError(
    'E_INJECT',
    isInstalled
      ? `The proxy of Kuma cannot be made without ${names}.`
      : `Namespace "${controlPlane.namespace}" has no control plane of Kuma, so that there is no ${names} to make a proxy with.`,
    { hint: 'Let meshctl ask the cluster, name its namespace, or give --injector-config and --ca-cert.' },
  );
}

/** Control planes before this one write other annotations and arguments, and would not understand these. */
const FIRST_MAJOR = 3;

function demandVersion({ injector }: Configuration): void {
  const version = versionOfImage(stringAt(injector, 'sidecarContainer', 'image') ?? '');
  // Builds that are no releases are versions of 0.
  const major = version === undefined ? 0 : (parseVersion(version)?.major ?? 0);
  if (major === 0 || major >= FIRST_MAJOR) return;
  throw new MeshctlError(
    'E_INJECT',
    `Kuma ${version} makes its proxies otherwise than versions from ${FIRST_MAJOR}.0 on, which alone are made manually.`,
    {
      hint: 'Leave out --manual to label the workloads for the webhook, or pass --server to see what it makes of them.',
    },
  );
}

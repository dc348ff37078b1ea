/** The injector of a running control plane: its ConfigMaps, and what else its webhook goes by. */
import { MeshctlError } from '../../../errors.ts';
import { at, itemsAt, stringAt } from '../../../model/body.ts';
import type { InjectParameters } from '../../../model/inject.ts';
import type { Resource } from '../../../model/resource.ts';
import { resourceSet } from '../../../model/resource-set.ts';
import { quotedList } from '../../../text/words.ts';
import { oldestFirst } from '../age.ts';
import { CONFIG_MAP, DEPLOYMENT, MUTATING_WEBHOOK, NODE, PROXY_CONFIG } from '../kinds.ts';
import { configMapName } from '../mesh-config.ts';
import { DEFAULT_REVISION, type InjectionWebhook, injectionWebhooks } from '../webhooks.ts';
import type { Texts } from './sources.ts';

type Cluster = NonNullable<InjectParameters['live']>;

export interface LiveInjector {
  readonly texts: Texts;
  /** Of the control plane: what a tag points to. */
  readonly revision: string;
  readonly environment: ReadonlyMap<string, string>;
  /** Undefined where they may not be read. */
  readonly nodes: readonly Resource[] | undefined;
  /** Oldest first. */
  readonly proxyConfigs: readonly Resource[];
  readonly proxyEnvironment: Readonly<Record<string, string>>;
}

const INJECTOR = 'istio-sidecar-injector';

/**
 * @param isConfigured the configuration is given otherwise, so that a cluster without a control plane is fine
 * @throws MeshctlError E_INJECT
 */
export async function readLive(cluster: Cluster, parameters: InjectParameters, isConfigured: boolean): Promise<LiveInjector> {
  const namespace = parameters.controlPlaneNamespace ?? 'istio-system';
  const wanted = parameters.revision ?? DEFAULT_REVISION;
  const webhook = webhookOf(await ifAllowed(cluster.list(MUTATING_WEBHOOK)), wanted);
  const revision = webhook?.revision ?? wanted;
  const configMap = (base: string, setting: string): Promise<Resource | undefined> =>
    cluster.get({ kind: CONFIG_MAP, namespace, name: nameFrom(parameters.settings[setting]) ?? configMapName(base, revision) });
  const injector = await configMap(INJECTOR, 'injector-config-map');
  if (!injector && !isConfigured) throw await absent(cluster, namespace, wanted);
  const mesh = await configMap('istio', 'mesh-config-map');
  const istiod = await ifAllowed(cluster.get({ kind: DEPLOYMENT, namespace, name: configMapName('istiod', revision) }));
  return {
    texts: { config: textOf(injector, 'config'), values: textOf(injector, 'values'), mesh: textOf(mesh, 'mesh') },
    revision,
    environment: environmentOf(istiod),
    nodes: await ifAllowed(cluster.list(NODE)),
    proxyConfigs: oldestFirst((await ifAllowed(cluster.list(PROXY_CONFIG))) ?? []),
    proxyEnvironment: webhook ? pathEnvironment(webhook) : {},
  };
}

const nameFrom = (setting: unknown): string | undefined => (typeof setting === 'string' && setting !== '' ? setting : undefined);

/** People who deploy workloads may often not read what belongs to the cluster or the control plane; without it the usual is taken. */
async function ifAllowed<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof MeshctlError) return undefined;
    throw error;
  }
}

/** Of a revision, or of a tag, which is a webhook for another revision. */
function webhookOf(configurations: readonly Resource[] | undefined, wanted: string): InjectionWebhook | undefined {
  const webhooks = resourceSet(configurations ?? []).derive(injectionWebhooks);
  return (
    webhooks.find(({ resource }) => resource.labels['istio.io/tag'] === wanted) ??
    webhooks.find(({ revision }) => revision === wanted) ??
    webhooks.find(({ revisionLabels }) => revisionLabels.includes(wanted))
  );
}

async function absent(cluster: Cluster, namespace: string, wanted: string): Promise<MeshctlError> {
  const names = ((await ifAllowed(cluster.list(CONFIG_MAP))) ?? []).filter(
    ({ name }) => name === INJECTOR || name.startsWith(`${INJECTOR}-`),
  );
  const others = names.map(({ name, namespace: at }) => `${name.slice(INJECTOR.length + 1) || DEFAULT_REVISION}" in namespace "${at}`);
  return new MeshctlError('E_INJECT', `Revision "${wanted}" of Istio has no injector in namespace "${namespace}".`, {
    hint:
      others.length > 0
        ? `The cluster has the revision ${quotedList(others)}.`
        : 'Install Istio, or give the files of an injector, or an istiod chart with "--chart".',
  });
}

function textOf(configMap: Resource | undefined, key: string): { readonly text: string; readonly where: string } | undefined {
  const text = stringAt(configMap?.body, 'data', key);
  return text === undefined ? undefined : { text, where: `The key "${key}" of the ConfigMap "${configMap?.name}"` };
}

function environmentOf(istiod: Resource | undefined): ReadonlyMap<string, string> {
  const containers = itemsAt(istiod?.body, 'spec', 'template', 'spec', 'containers');
  return new Map(
    containers.flatMap(({ item }) =>
      itemsAt(item, 'env').flatMap(({ item: entry }) => {
        const [name, value] = [stringAt(entry, 'name'), stringAt(entry, 'value')];
        return name === undefined || value === undefined ? [] : [[name, value] as const];
      }),
    ),
  );
}

const PARAMETERS: Readonly<Record<string, string>> = { cluster: 'ISTIO_META_CLUSTER_ID', net: 'ISTIO_META_NETWORK' };

/** The webhook of a remote cluster tells in its path whose pods it injects: `/inject/cluster/west/net/west-net`. */
function pathEnvironment({ resource, path, url }: InjectionWebhook): Readonly<Record<string, string>> {
  const service = stringAt(at(resource.body, [...path, 'clientConfig']), 'service', 'path');
  const [, , ...parts] = (service ?? (url === undefined ? '' : URL.canParse(url) ? new URL(url).pathname : ''))
    .replace(/\/$/, '')
    .split('/');
  const entries = parts.flatMap((key, index) => {
    const value = parts[index + 1];
    if (index % 2 === 1 || value === undefined) return [];
    return [[PARAMETERS[key] ?? key.toUpperCase(), value.replaceAll('--slash--', '/')] as const];
  });
  return Object.fromEntries(entries);
}

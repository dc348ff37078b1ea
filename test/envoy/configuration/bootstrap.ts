/** All of it together: one Envoy that is configured as proxies of meshes are. */
import type { Files, Setup } from '../envoy.ts';
import { extension, socket } from './any.ts';
import { dynamicClusters, endpoints, staticClusters, type Upstream } from './clusters.ts';
import { extensionConfigs } from './filters.ts';
import { dynamicListeners, scopes, staticListeners } from './listeners.ts';
import { routeConfigs } from './routes.ts';
import { dynamicSecrets, type Keys, staticSecrets } from './secrets.ts';

const node = {
  id: 'sidecar~10.244.0.7~web-5d7-x2x.shop~shop.svc.cluster.local',
  cluster: 'web.shop',
  locality: { region: 'eu', zone: 'eu-1' },
  metadata: { ISTIO_VERSION: '1.30.0', NAME: 'web-5d7-x2x', NAMESPACE: 'shop', CLUSTER_ID: 'Kubernetes', LABELS: { app: 'web' } },
};

export const admin = { address: socket('127.0.0.1', 0) };

const named = (resources: readonly object[]): readonly (readonly [string, object])[] =>
  resources.map((each) => [(each as { readonly name: string }).name, each]);

const oneByOne = (folder: string, resources: readonly (readonly [string, object])[]): Readonly<Record<string, readonly object[]>> =>
  Object.fromEntries(resources.map(([name, each]) => [`${folder}/${name}`, [each]]));

/** Static resources, and files for the rest, which can be given again with changes. */
export const wholeSetup = (keys: Keys, upstream: Upstream): Setup => ({
  bootstrap: (files: Files) => ({
    node,
    admin,
    bootstrap_extensions: [extension('envoy.bootstrap.internal_listener', 'extensions.bootstrap.internal_listener.v3.InternalListener')],
    static_resources: { listeners: staticListeners, clusters: staticClusters(upstream), secrets: staticSecrets(files, keys) },
    dynamic_resources: { lds_config: files.source('listeners'), cds_config: files.source('clusters') },
  }),
  resources: (files) => ({
    clusters: dynamicClusters(files, upstream, keys),
    listeners: dynamicListeners(files, keys),
    scopes,
    // Envoy takes one of these out of a file.
    ...oneByOne('endpoints', Object.entries(endpoints(upstream))),
    ...oneByOne('routes', named(routeConfigs)),
    ...oneByOne('secrets', named(dynamicSecrets(keys))),
    ...oneByOne('extensions', named(extensionConfigs)),
  }),
  texts: { 'tls.crt': keys.chain, 'tls.key': keys.key, 'ca.crt': keys.authority },
});

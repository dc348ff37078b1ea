/** The few ConfigMaps and Secrets of a cluster that rules need the contents of. */
import { itemsAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { LiveReads } from '../../model/mesh-adapter.ts';
import type { Ref, Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { gatewayWorkloads } from './gateway-workloads.ts';
import { CONFIG_MAP, GATEWAY, MUTATING_WEBHOOK, SECRET } from './kinds.ts';
import { DEFAULT_ROOT_NAMESPACE } from './mesh-config.ts';

const AUTHORITY_SUFFIX = '-cacert';
/** Of the mesh, and of the injector. */
const CONFIG_KEYS = ['mesh', 'meshNetworks', 'config', 'values'];

export function liveReads(resources: ResourceSet): LiveReads {
  return {
    configNamespaces: controlPlaneNamespaces(resources),
    configKeys: CONFIG_KEYS,
    objects: resources.all(GATEWAY).flatMap((gateway) => credentialRefs(gateway, resources)),
  };
}

/** Where istiod runs: its webhooks say so. */
function controlPlaneNamespaces(resources: ResourceSet): readonly string[] {
  const injectors = resources
    .all(MUTATING_WEBHOOK)
    .filter(({ name, labels }) => labels['app'] === 'sidecar-injector' || name.startsWith('istio-'));
  const served = injectors.flatMap(({ body }) =>
    itemsAt(body, 'webhooks').flatMap(({ item }) => stringAt(item, 'clientConfig', 'service', 'namespace') ?? []),
  );
  return [...new Set([resources.settings.rootNamespace ?? DEFAULT_ROOT_NAMESPACE, ...served])].sort();
}

/** What may hold a certificate of the Gateway: `shop-tls`, `shop-tls-cacert`, `configmap://shop/authority`. */
export function credentialRefs(gateway: Resource, resources: ResourceSet): readonly Ref[] {
  const written = itemsAt(gateway.body, 'spec', 'servers').flatMap(({ item }) => {
    const tls = objectAt(item, 'tls');
    const single = ['credentialName', 'caCertCredentialName'].flatMap((field) => stringAt(tls, field) || []);
    return [...single, ...stringsAt(tls, 'credentialNames').map(({ value }) => value)];
  });
  return [...new Set(written)].flatMap((reference) => {
    const [, scheme, namespace, name = ''] = /^(?:([\w-]+):\/\/)?(?:([^/]+)\/)?([^/]+)$/.exec(reference) ?? [];
    const plain = name.endsWith(AUTHORITY_SUFFIX) ? name.slice(0, -AUTHORITY_SUFFIX.length) : name;
    const names = [plain, `${plain}${AUTHORITY_SUFFIX}`];
    // ConfigMaps are not listed, so that only asking for them tells whether they exist.
    if (scheme === 'configmap') return namespace === undefined ? [] : names.map((each) => ({ kind: CONFIG_MAP, namespace, name: each }));
    const namespaces = namespace === undefined ? resources.derive(gatewayWorkloads).namespacesOf(gateway) : [namespace];
    return namespaces.flatMap((within) =>
      names
        .filter((candidate) => resources.get(SECRET, within, candidate) !== undefined)
        .map((candidate) => ({ kind: SECRET, namespace: within, name: candidate })),
    );
  });
}

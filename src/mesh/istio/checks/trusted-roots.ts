/** The authorities of the mesh, as istiod publishes them in every namespace. */
import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { type Certificate, readCertificates } from '../../../text/pem.ts';
import { CONFIG_MAP } from '../kinds.ts';
import { type ControlPlane, controlPlanes } from './control-plane.ts';

const ROOT_KEY = 'root-cert.pem';
const ROOT_CONFIG_MAP = 'istio-ca-root-cert';

export interface TrustedRoots {
  readonly configMap: Resource;
  /** Several while an authority is being replaced. */
  readonly certificates: readonly Certificate[];
}

export function rootsIn(configMap: Resource): readonly Certificate[] {
  return readCertificates(stringAt(configMap.body, 'data', ROOT_KEY) ?? '');
}

/** Name of the ConfigMap that the istiods publish; undefined when they differ, or publish a ClusterTrustBundle instead. */
export function rootConfigMapName(planes: readonly ControlPlane[]): string | undefined {
  if (planes.some(({ deployment }) => environmentOf(deployment, 'ENABLE_CLUSTER_TRUST_BUNDLE_API') === 'true')) return undefined;
  const names = new Set(planes.map(({ deployment }) => environmentOf(deployment, 'PILOT_CA_CERT_CONFIGMAP') ?? ROOT_CONFIG_MAP));
  return names.size === 1 ? [...names][0] : undefined;
}

/** What each namespace with a control plane publishes, by namespace. */
export async function rootsByNamespace(facts: Facts): Promise<ReadonlyMap<string, TrustedRoots>> {
  const planes = await controlPlanes(facts);
  const name = rootConfigMapName(planes);
  if (name === undefined) return new Map();
  const namespaces = [...new Set(planes.map(({ deployment }) => deployment.namespace))];
  const found = await Promise.all(namespaces.map((namespace) => facts.get({ kind: CONFIG_MAP, namespace, name })));
  return new Map(
    found.flatMap((configMap) => {
      const certificates = configMap ? rootsIn(configMap) : [];
      return configMap && certificates.length > 0 ? [[configMap.namespace, { configMap, certificates }] as const] : [];
    }),
  );
}

/** Value of an environment variable of istiod; undefined when it is not set, or to nothing. */
export function environmentOf({ body }: Resource, name: string): string | undefined {
  const containers = itemsAt(body, 'spec', 'template', 'spec', 'containers');
  const variables = containers.flatMap(({ item }) => itemsAt(item, 'env'));
  return stringAt(variables.find(({ item }) => item['name'] === name)?.item, 'value') || undefined;
}

/** True when certificates of the one set are accepted by whoever trusts the other: they share one, or one vouches for another. */
export function rootsMeet(left: readonly Certificate[], right: readonly Certificate[]): boolean {
  return left.some((one) => right.some((other) => one.fingerprint === other.fingerprint || one.isIssuedBy(other) || other.isIssuedBy(one)));
}

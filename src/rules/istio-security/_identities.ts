/** Which namespaces and service accounts there are, going by all objects that prove it. */
import { KUBERNETES_GATEWAY, NAMESPACE, SERVICE_ACCOUNT, WORKLOAD_ENTRY, WORKLOAD_GROUP } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { stringAt } from '../../model/body.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';
import { WORKLOAD_KINDS, type Workload, workloads } from '../../model/workloads.ts';

/** Every kind that proves a namespace. */
export const NAMESPACE_EVIDENCE: readonly Kind[] = [NAMESPACE, ...WORKLOAD_KINDS];

/** These come with every cluster. */
const BUILT_IN = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Manifests often leave it to a deployment tool to create the namespace that their workloads name. */
export const knownNamespaces: Derivation<ReadonlySet<string>> = {
  name: 'namespaces that exist',
  build(resources) {
    const declared = resources.all(NAMESPACE).map(({ name }) => name);
    const used = resources.derive(workloads).all.map(({ namespace }) => namespace);
    return new Set([...BUILT_IN, ...declared, ...used]);
  },
};

export interface ServiceAccounts {
  has(namespace: string, name: string): boolean;
  /** Namespaces where an account of that name exists. */
  namespacesOf(name: string): readonly string[];
  /** Names of the accounts of a namespace. */
  namesIn(namespace: string): readonly string[];
}

/** Every kind that proves a service account. */
export const ACCOUNT_EVIDENCE: readonly Kind[] = [
  SERVICE_ACCOUNT,
  ...NAMESPACE_EVIDENCE,
  WORKLOAD_ENTRY,
  WORKLOAD_GROUP,
  KUBERNETES_GATEWAY,
];

export const serviceAccounts: Derivation<ServiceAccounts> = {
  name: 'service accounts that exist',
  build(resources) {
    const byName = new Map<string, Set<string>>();
    const byNamespace = new Map<string, Set<string>>();
    const add = (namespace: string, name: string | undefined): void => {
      if (!name) return;
      getOrInsert(byName, name, () => new Set()).add(namespace);
      getOrInsert(byNamespace, namespace, () => new Set()).add(name);
    };
    for (const { namespace, name } of resources.all(SERVICE_ACCOUNT)) add(namespace, name);
    for (const namespace of resources.derive(knownNamespaces)) add(namespace, 'default');
    for (const workload of resources.derive(workloads).all) {
      for (const name of accountsOf(workload, resources)) add(workload.namespace, name);
    }
    for (const { namespace, body } of resources.all(WORKLOAD_ENTRY)) add(namespace, stringAt(body, 'spec', 'serviceAccount'));
    for (const { namespace, body } of resources.all(WORKLOAD_GROUP)) add(namespace, stringAt(body, 'spec', 'template', 'serviceAccount'));
    for (const gateway of resources.all(KUBERNETES_GATEWAY)) {
      for (const name of accountsOfGateway(gateway)) add(gateway.namespace, name);
    }
    return {
      has: (namespace, name) => byName.get(name)?.has(namespace) === true,
      namespacesOf: (name) => [...(byName.get(name) ?? [])].sort(),
      namesIn: (namespace) => [...(byNamespace.get(namespace) ?? [])].sort(),
    };
  },
};

function accountsOf({ podSpec, resource }: Workload, resources: ResourceSet): readonly (string | undefined)[] {
  if (!resource.assumed) return [stringAt(podSpec, 'serviceAccountName') ?? stringAt(podSpec, 'serviceAccount')];
  // Helm's chart names the account as the gateway, istioctl's profile adds an ending.
  const { ingressService } = resources.derive(meshConfig);
  return [ingressService, `${ingressService}-service-account`];
}

/** Istio creates an account for each Gateway: for a waypoint of its name, for others with the class added. */
function accountsOfGateway({ name, annotations, body }: Resource): readonly (string | undefined)[] {
  const override = annotations['gateway.istio.io/service-account'] ?? annotations['gateway.istio.io/name-override'];
  return [name, `${name}-${stringAt(body, 'spec', 'gatewayClassName')}`, override];
}

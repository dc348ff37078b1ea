import { type GatewayWorkloads, gatewayWorkloads } from '../../mesh/istio/gateway-workloads.ts';
import { CONFIG_MAP, GATEWAY, SECRET } from '../../mesh/istio/kinds.ts';
import { givenIn } from '../../model/absence.ts';
import { type Resource, shortKind } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Problem, Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS } from '../../model/workloads.ts';
import { quotedSample } from '../../text/words.ts';
import { AUTHORITY_KEYS, type Credential, contentsOf, credentialsOf, SECRET_KINDS, secretSources } from './_credentials.ts';

/** A gateway proxy gets Secrets from its own namespace, wherever the Gateway stands. */
export const credentialExists: Rule = {
  meta: {
    id: 'istio-gateway/credential-exists',
    aliases: ['IST0101'],
    analyzers: ['gateway.SecretAnalyzer'],
    severity: 'error',
    summary: "Every credential of a Gateway exists in the namespace of the gateway's workloads.",
    why: 'The proxy waits for the certificate and resets every TLS connection to the hosts of the server.',
    inputs: [GATEWAY, ...SECRET_KINDS, CONFIG_MAP, ...WORKLOAD_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings-credential_name',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: ingress }
spec:
  template:
    metadata: { labels: { istio: ingress } }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
---
apiVersion: v1
kind: Secret
metadata: { name: shop-tls, namespace: shop }
type: kubernetes.io/tls
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: ingress }
spec:
  template:
    metadata: { labels: { istio: ingress } }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
---
apiVersion: v1
kind: Secret
metadata: { name: shop-tls, namespace: ingress }
type: kubernetes.io/tls
`,
    differs:
      'Reads credentialNames, caCertCredentialName and references with a scheme, too, and knows cert-manager, Sealed Secrets and External Secrets. When the workloads live in several namespaces, one that has the Secret is enough. Modes that use no credential are left out.',
  },
  *check(resources) {
    const behind = resources.derive(gatewayWorkloads);
    for (const gateway of resources.all(GATEWAY)) {
      const missing = new Set<string>();
      for (const credential of credentialsOf(gateway)) {
        const namespaces = credential.namespace === undefined ? behind.namespacesOf(gateway) : [credential.namespace];
        // Without workloads there is no namespace to look in; that is selector-matches-workload's finding.
        if (namespaces.length === 0) continue;
        if (credential.implied && missing.has(credential.reference)) continue;
        if (namespaces.some((namespace) => isProvided(credential, namespace, resources))) continue;
        missing.add(credential.reference);
        yield {
          at: gateway,
          path: credential.path,
          ...wording(credential, namespaces, resources),
          absent: evidence(credential, namespaces, gateway, behind, resources),
        };
      }
    }
  },
};

function isProvided({ kind, names, use, implied }: Credential, namespace: string, resources: ResourceSet): boolean {
  if (kind === CONFIG_MAP) return names.some((name) => resources.get(CONFIG_MAP, namespace, name) !== undefined);
  const found = names.find((name) => resources.derive(secretSources).exists(namespace, name));
  if (found === undefined) return false;
  // A Secret named for the purpose is credential-valid's concern; the server's own may lack the authority's certificate.
  if (use === 'server' || !implied || found !== names.at(-1)) return true;
  const secret = resources.get(SECRET, namespace, found);
  const contents = secret && contentsOf(secret);
  return !contents || AUTHORITY_KEYS.some((key) => contents.keys.includes(key));
}

function wording(credential: Credential, namespaces: readonly string[], resources: ResourceSet): Pick<Problem, 'message' | 'fix'> {
  const { kind, names, implied, use } = credential;
  const name = names.at(-1) ?? '';
  const where = `${namespaces.length > 1 ? 'namespaces' : 'namespace'} ${quotedSample(namespaces)}`;
  if (implied) {
    return {
      message: `The server demands client certificates, but neither Secret "${names[0]}" nor a key "ca.crt" in Secret "${name}" tells in ${where} who signs them.`,
      fix: `Add the authority's certificate to Secret "${name}" as "ca.crt", or create Secret "${names[0]}".`,
    };
  }
  const what = `${shortKind(kind)} "${names[0]}"`;
  if (credential.namespace !== undefined) {
    return { message: `${what} does not exist in ${where}.`, fix: `Create it there, or correct "${credential.reference}".` };
  }
  const elsewhere = resources.derive(secretSources).namespacesWith(name);
  const other =
    elsewhere.length > 0 ? ` There is one in ${quotedSample(elsewhere)}, but a gateway reads Secrets of its own namespace only.` : '';
  return {
    message: `${what} does not exist in ${where}, where the Gateway's workloads run.${other}`,
    fix: `Create the Secret in that namespace, or correct ${use === 'server' ? 'credentialName' : 'caCertCredentialName'}.`,
  };
}

/** A Secret of the name in another namespace may be where the real gateway runs, as long as the gateway is only assumed. */
function evidence(
  credential: Credential,
  namespaces: readonly string[],
  gateway: Resource,
  behind: GatewayWorkloads,
  resources: ResourceSet,
): Problem['absent'] {
  if (credential.kind === CONFIG_MAP || credential.namespace !== undefined) return givenIn(resources, credential.kind, ...namespaces);
  const assumed = behind.of(gateway).every((workload) => workload.resource.assumed);
  const elsewhere = credential.names.some((name) => resources.derive(secretSources).namespacesWith(name).length > 0);
  return assumed && elsewhere ? WORKLOAD_KINDS : givenIn(resources, SECRET, ...namespaces);
}

import { AUTHORIZATION_POLICY, CONFIG_MAP, MESH_CONFIG, NAMESPACE, SERVICE_ACCOUNT } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import {
  type IdentityMatch,
  identityMatches,
  type ServiceAccountRef,
  serviceAccountOfPrincipal,
  serviceAccountOfSource,
} from '../../mesh/istio/principals.ts';
import { givenIn } from '../../model/absence.ts';
import type { Rule } from '../../model/rule.ts';
import { nearest } from '../../text/nearest.ts';
import { quotedList } from '../../text/words.ts';
import { ACCOUNT_EVIDENCE, type ServiceAccounts, serviceAccounts } from './_identities.ts';

/** `cluster.local` in a policy always means the mesh's own trust domain, whatever that is called. */
const OWN_TRUST_DOMAIN = 'cluster.local';

export const principalServiceAccountExists: Rule = {
  meta: {
    id: 'istio-security/principal-service-account-exists',
    aliases: ['KIA0106'],
    severity: 'warning',
    summary: 'Every principal that an AuthorizationPolicy names exactly belongs to a service account.',
    why: 'The entry matches no client: an ALLOW policy keeps out who was meant to get in, a DENY policy lets in who was meant to stay out.',
    inputs: [AUTHORIZATION_POLICY, ...ACCOUNT_EVIDENCE, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: from-frontend, namespace: shop }
spec:
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/shop/sa/frontend]
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: web, namespace: shop }
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: from-frontend, namespace: shop }
spec:
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/shop/sa/web]
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: web, namespace: shop }
`,
    differs:
      'Other than Kiali: an account needs no workload, conditions and serviceAccounts are checked too, patterns and principals of other trust domains are not.',
  },
  *check(resources) {
    const { trustDomain } = resources.derive(meshConfig);
    for (const policy of resources.all(AUTHORIZATION_POLICY)) {
      for (const match of identityMatches(policy)) {
        for (const { value, path } of match.values) {
          const account = accountOf(match, value, policy.namespace);
          if (!account || !isOwn(account, trustDomain)) continue;
          const accounts = resources.derive(serviceAccounts);
          if (accounts.has(account.namespace, account.name)) continue;
          yield {
            at: policy,
            path,
            message: `Service account "${account.name}" does not exist in namespace "${account.namespace}", so "${value}" ${match.negated ? 'excludes' : 'matches'} no client.`,
            fix: advice(account, accounts),
            // Every namespace has its default account; it takes the namespaces to know that this one is not there.
            absent: account.name === 'default' ? NAMESPACE : givenIn(resources, SERVICE_ACCOUNT, account.namespace),
          };
        }
      }
    }
  },
};

function accountOf({ attribute }: IdentityMatch, value: string, ownNamespace: string): ServiceAccountRef | undefined {
  if (attribute === 'principal') return serviceAccountOfPrincipal(value);
  return attribute === 'serviceAccount' ? serviceAccountOfSource(value, ownNamespace) : undefined;
}

function advice({ namespace, name }: ServiceAccountRef, accounts: ServiceAccounts): string {
  const similar = nearest(name, accounts.namesIn(namespace));
  if (similar) return `Did you mean service account "${similar}"?`;
  const elsewhere = name === 'default' ? [] : accounts.namespacesOf(name);
  return elsewhere.length > 0
    ? `Did you mean the service account of namespace ${quotedList(elsewhere)}?`
    : 'Use the service account that the pods of the client run as, or create it.';
}

function isOwn({ trustDomain }: ServiceAccountRef, own: string): boolean {
  return trustDomain === undefined || trustDomain === OWN_TRUST_DOMAIN || trustDomain === own;
}

import { DEPLOYMENT, REQUEST_AUTHENTICATION } from '../../mesh/istio/kinds.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { quotedList } from '../../text/words.ts';

const VARIABLE = 'BLOCKED_CIDRS_IN_JWKS_URIS';

/** Istiod itself fetches the keys that a RequestAuthentication points to, from wherever it stands in the network. */
export const jwksFetchesRestricted: Rule = {
  meta: {
    id: 'istio-security/jwks-fetches-restricted',
    aliases: ['IST0175'],
    analyzers: ['authn.BlockedCIDRsAnalyzer'],
    severity: 'warning',
    summary: `Istiod limits where it fetches JSON Web Key Sets from by ${VARIABLE}.`,
    why: 'Whoever may create a RequestAuthentication can make istiod send requests to internal addresses, such as the metadata service of the cloud.',
    inputs: [REQUEST_AUTHENTICATION, DEPLOYMENT],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0175/',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: customers, namespace: shop }
spec:
  jwtRules:
    - issuer: https://login.example.com
      jwksUri: https://login.example.com/.well-known/jwks.json
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: istiod, namespace: istio-system, labels: { app: istiod } }
spec:
  template:
    spec:
      containers:
        - name: discovery
          image: istio/pilot
          env:
            - { name: REVISION, value: default }
`,
    good: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: customers, namespace: shop }
spec:
  jwtRules:
    - issuer: https://login.example.com
      jwksUri: https://login.example.com/.well-known/jwks.json
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: istiod, namespace: istio-system, labels: { app: istiod } }
spec:
  template:
    spec:
      containers:
        - name: discovery
          image: istio/pilot
          env:
            - { name: BLOCKED_CIDRS_IN_JWKS_URIS, value: "169.254.0.0/16,10.0.0.0/8" }
`,
    differs:
      'A value taken from elsewhere (valueFrom) counts. A RequestAuthentication that holds all its keys inline does not, for nothing is fetched.',
  },
  *check(resources) {
    const fetching = resources.all(REQUEST_AUTHENTICATION).filter((policy) => !hasAllKeysInline(policy));
    if (fetching.length === 0) return;
    const names = fetching.map((policy) => `${policy.namespace}/${policy.name}`);
    for (const deployment of resources.all(DEPLOYMENT)) {
      if (deployment.labels['app'] !== 'istiod') continue;
      const containers = itemsAt(deployment.body, 'spec', 'template', 'spec', 'containers');
      if (containers.some(({ item }) => setsVariable(item))) continue;
      const discovery = containers.find(({ item }) => stringAt(item, 'name') === 'discovery') ?? containers[0];
      yield {
        at: deployment,
        path: [...(discovery?.path ?? ['spec', 'template', 'spec', 'containers']), 'env'],
        message: `${VARIABLE} is not set, so istiod fetches keys from any address that RequestAuthentications name (here ${quotedList(names)}).`,
        fix: 'Set it to the address ranges that istiod must not ask, such as those of internal networks and of the metadata service.',
        related: fetching,
      };
    }
  },
};

function hasAllKeysInline({ body }: Resource): boolean {
  const rules = itemsAt(body, 'spec', 'jwtRules');
  return rules.length > 0 && rules.every(({ item }) => (stringAt(item, 'jwks') ?? '') !== '');
}

function setsVariable(container: Body): boolean {
  return itemsAt(container, 'env').some(
    ({ item }) => stringAt(item, 'name') === VARIABLE && ((stringAt(item, 'value') ?? '') !== '' || 'valueFrom' in item),
  );
}

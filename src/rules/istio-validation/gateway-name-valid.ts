import { GATEWAY } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';
import { isDnsLabel } from './_names.ts';

export const gatewayNameValid: Rule = {
  meta: {
    id: 'istio-validation/gateway-name-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Gateway'],
    severity: 'error',
    summary: 'The name of a Gateway is a DNS label.',
    why: 'Istiod refuses the Gateway, so that its servers are never opened.',
    inputs: [GATEWAY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/gateway/#Gateway',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public.shop, namespace: ingress }
spec:
  selector: { app: gateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public-shop, namespace: ingress }
spec:
  selector: { app: gateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
`,
  },
  check: judging(GATEWAY, function* ({ name }): Iterable<Flaw> {
    // A name that Kubernetes has yet to make up has none of its faults.
    if (name === '' || isDnsLabel(name)) return;
    yield {
      path: ['metadata', 'name'],
      message: `Gateway name "${name}" is not a DNS label, so VirtualServices could not refer to it.`,
      fix: 'Use at most 63 letters, digits and dashes.',
    };
  }),
};

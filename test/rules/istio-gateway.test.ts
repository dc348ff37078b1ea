/** Gateways whose workloads are not in the input but assumed, which fixtures cannot say. */
import { describe, expect, it } from 'vitest';
import { runRules } from '../../src/analysis/engine.ts';
import { assumedIstioObjects } from '../../src/mesh/istio/assumed.ts';
import { resourceSet } from '../../src/model/resource-set.ts';
import { credentialExists } from '../../src/rules/istio-gateway/credential-exists.ts';
import { resourcesFrom } from '../builders.ts';

function credentialsMissing(yaml: string) {
  const given = resourcesFrom(yaml);
  const set = resourceSet([...assumedIstioObjects(resourceSet(given)), ...given]);
  const { findings, notChecked } = runRules([{ rule: credentialExists, severity: 'error' }], set);
  return { found: findings.map((finding) => finding.message), notChecked: notChecked.length };
}

const storefront = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
`;

const secret = (namespace: string, name: string): string => `
---
apiVersion: v1
kind: Secret
metadata: { name: ${name}, namespace: ${namespace} }
`;

describe('credential-exists with an assumed ingress gateway', () => {
  it('looks in the root namespace', () => {
    expect(credentialsMissing(storefront + secret('istio-system', 'shop-tls'))).toEqual({ found: [], notChecked: 0 });
    expect(credentialsMissing(storefront + secret('istio-system', 'pay-tls')).found).toHaveLength(1);
  });

  it('does not judge when the Secret is where the real gateway may run', () => {
    expect(credentialsMissing(storefront + secret('ingress', 'shop-tls'))).toEqual({ found: [], notChecked: 1 });
  });

  it('does not judge without any Secret', () => {
    expect(credentialsMissing(storefront)).toEqual({ found: [], notChecked: 1 });
  });
});

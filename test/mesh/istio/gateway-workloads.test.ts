import { describe, expect, it } from 'vitest';
import { assumedIstioObjects } from '../../../src/mesh/istio/assumed.ts';
import { gatewayWorkloads } from '../../../src/mesh/istio/gateway-workloads.ts';
import { GATEWAY } from '../../../src/mesh/istio/kinds.ts';
import { resourceSet } from '../../../src/model/resource-set.ts';
import { resourcesFrom } from '../../builders.ts';

const gateway = (name: string, selector: string): string => `
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: shop }
spec: { selector: ${selector} }
`;

const pod = (namespace: string, labels: string, spec = 'containers: []'): string => `
---
apiVersion: v1
kind: Pod
metadata: { name: ingress, namespace: ${namespace}, labels: ${labels} }
spec: { ${spec} }
`;

const service = (namespace: string, spec: string): string => `
---
apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: ${namespace} }
spec: { ${spec} }
`;

/** The derivation over a text, and a way to name its Gateways. */
function from(yaml: string, assume = false) {
  const given = resourcesFrom(yaml);
  const set = resourceSet(assume ? [...assumedIstioObjects(resourceSet(given)), ...given] : given);
  const named = (name: string) => set.get(GATEWAY, 'shop', name) ?? expect.fail(`no Gateway ${name}`);
  return { behind: set.derive(gatewayWorkloads), named };
}

describe('workloads of a Gateway', () => {
  it('are those of any namespace that carry all labels', () => {
    const { behind, named } = from(
      gateway('a', '{ app: x, tier: edge }') + pod('one', '{ app: x, tier: edge, zone: a }') + pod('two', '{ app: x }'),
    );
    expect(behind.of(named('a')).map((workload) => workload.namespace)).toEqual(['one']);
  });

  it('are all of them without a selector', () => {
    const { behind, named } = from(gateway('a', '{}') + pod('one', '{ app: x }') + pod('two', '{}'));
    expect(behind.of(named('a'))).toHaveLength(2);
  });

  it('are looked up credentials for where they run, assumed ones only in want of others', () => {
    const alone = from(gateway('a', '{ istio: ingressgateway }'), true);
    expect(alone.behind.namespacesOf(alone.named('a'))).toEqual(['istio-system']);
    const beside = from(gateway('a', '{ istio: ingressgateway }') + pod('ingress', '{ istio: ingressgateway }'), true);
    expect(beside.behind.namespacesOf(beside.named('a'))).toEqual(['ingress']);
  });
});

describe('exposure of a Gateway', () => {
  it.each([
    ['port and target port', 'selector: { app: x }, ports: [{ port: 80, targetPort: 8080 }]', [80, 8080]],
    ['a target port written as text', 'selector: { app: x }, ports: [{ port: 80, targetPort: "8080" }]', [80, 8080]],
    ['the container port that a name stands for', 'selector: { app: x }, ports: [{ port: 80, targetPort: web }]', [80, 8081]],
    ['the port alone when the name is unknown', 'selector: { app: x }, ports: [{ port: 80, targetPort: other }]', [80]],
    ['TCP ports only', 'selector: { app: x }, ports: [{ port: 80 }, { port: 443, protocol: UDP }]', [80]],
    ['nothing when another selector is meant', 'selector: { app: z }, ports: [{ port: 80 }]', []],
    ['nothing when a label is missing', 'selector: { app: x, tier: edge }, ports: [{ port: 80 }]', []],
    ['nothing without a selector', 'ports: [{ port: 80 }]', []],
    ['nothing when the selector is empty', 'selector: {}, ports: [{ port: 80 }]', []],
  ])('is %s', (_, spec, ports) => {
    const workload = pod('one', '{ app: x }', 'containers: [{ name: proxy, ports: [{ name: web, containerPort: 8081 }] }]');
    const { behind, named } = from(gateway('a', '{ app: x }') + workload + service('one', spec));
    expect([...behind.exposureOf(named('a')).ports]).toEqual(ports);
  });

  it('does not count Services of other namespaces', () => {
    const { behind, named } = from(gateway('a', '{ app: x }') + pod('one', '{ app: x }') + service('two', 'selector: { app: x }'));
    expect(behind.exposureOf(named('a')).services).toEqual([]);
  });

  it('has the ports of the assumed ingress gateway', () => {
    const { behind, named } = from(gateway('a', '{ istio: ingressgateway }'), true);
    expect([...behind.exposureOf(named('a')).ports]).toEqual([80, 8080, 443, 8443, 31400, 15443]);
  });

  it('is every port on the host network', () => {
    const { behind, named } = from(gateway('a', '{ app: x }') + pod('one', '{ app: x }', 'hostNetwork: true'));
    expect(behind.exposureOf(named('a')).everyPort).toBe(true);
  });
});

describe('selectors of Gateways', () => {
  it('meet when a workload matches both', () => {
    const { behind, named } = from(
      gateway('a', '{ app: x }') + gateway('b', '{ tier: edge }') + gateway('c', '{ app: z }') + pod('one', '{ app: x, tier: edge }'),
    );
    expect([...behind.selectorsMeeting(named('a'))].sort()).toEqual(['app=x', 'tier=edge']);
    expect([...behind.selectorsMeeting(named('c'))]).toEqual(['app=z']);
  });
});

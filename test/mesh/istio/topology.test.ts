import { describe, expect, it } from 'vitest';
import { localityFromLabels, localityLabels, splitTopology, topology } from '../../../src/mesh/istio/topology.ts';
import { workloads } from '../../../src/model/workloads.ts';
import { setFrom } from '../../builders.ts';

const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';

const node = (name: string, region: string): string => `
apiVersion: v1
kind: Node
metadata: { name: ${name}, labels: { ${REGION}: ${region} } }
`;
const pod = (spec: string, labels = ''): string => `
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web${labels} } }
spec: { ${spec} }
`;
const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } }, spec: {} } }
`;

function mayRunAt(place: Record<string, string>, ...documents: readonly string[]): boolean | undefined {
  const set = setFrom(documents.join('---'));
  const [workload] = set.derive(workloads).all;
  return workload && set.derive(topology).mayRunAt(workload, place);
}

describe('topology', () => {
  it.each([
    ['a pod runs where its node is', true, 'east', [pod('nodeName: a'), node('a', 'east')]],
    ['a pod does not run elsewhere', false, 'west', [pod('nodeName: a'), node('a', 'east'), node('b', 'west')]],
    ['a pod not yet scheduled may run on any node', true, 'west', [pod(''), node('a', 'east'), node('b', 'west')]],
    ['a template may run on any node', true, 'west', [deployment, node('a', 'east'), node('b', 'west')]],
    ['no node is in the region', false, 'north', [deployment, node('a', 'east')]],
    ['without nodes nothing is known', true, 'north', [pod('nodeName: a')]],
    ['without its node nothing is known of a pod', true, 'north', [pod('nodeName: z'), node('a', 'east')]],
    ['the label of the pod wins', true, 'north', [pod('nodeName: a', ', istio-locality: north.n1'), node('a', 'east')]],
  ])('%s', (_name, expected, region, documents) => {
    expect(mayRunAt({ [REGION]: region }, ...documents)).toBe(expected);
  });

  it('knows the host by the name of the node', () => {
    expect(mayRunAt({ 'kubernetes.io/hostname': 'a' }, pod('nodeName: a'), node('a', 'east'))).toBe(true);
    expect(mayRunAt({ 'kubernetes.io/hostname': 'b' }, pod('nodeName: a'), node('a', 'east'))).toBe(false);
  });

  it('reads the older labels of nodes', () => {
    const old = node('a', 'x').replace(REGION, 'failure-domain.beta.kubernetes.io/region');
    expect(mayRunAt({ [REGION]: 'x' }, deployment, old)).toBe(true);
  });
});

describe('splitTopology', () => {
  it('parts labels of workloads from those of places, and drops what nobody can know', () => {
    expect(splitTopology({ app: 'web', [ZONE]: 'z', 'topology.istio.io/network': 'n' })).toEqual({
      own: { app: 'web' },
      place: { [ZONE]: 'z' },
    });
  });
});

describe('localities', () => {
  it('are labels', () => {
    expect(localityLabels('east')).toEqual({ [REGION]: 'east' });
    expect(localityLabels('east/a/r1')).toEqual({ [REGION]: 'east', [ZONE]: 'a', 'topology.istio.io/subzone': 'r1' });
    expect(localityLabels('')).toEqual({});
  });

  it('may be written with dots in a label', () => {
    expect(localityFromLabels({ 'istio-locality': 'east.a' })).toEqual({ [REGION]: 'east', [ZONE]: 'a' });
    expect(localityFromLabels({ 'istio-locality': 'eu.west/a.1' })).toEqual({ [REGION]: 'eu.west', [ZONE]: 'a.1' });
    expect(localityFromLabels({})).toBeUndefined();
  });
});

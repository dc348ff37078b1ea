import { describe, expect, it } from 'vitest';
import { kubernetesChecks } from '../../src/checks/kubernetes.ts';
import type { CheckResult } from '../../src/model/check.ts';
import { factsOf } from './facts.ts';

async function result(id: string, given: { readonly version?: string; readonly objects?: string }): Promise<CheckResult | undefined> {
  const facts = factsOf(given.objects ?? '', { version: async () => given.version ?? 'v1.32.5', access: async () => [] });
  return kubernetesChecks.find((check) => check.id === `kubernetes/${id}`)?.run(facts);
}

const node = (name: string, ready: string): string => `
apiVersion: v1
kind: Node
metadata: { name: ${name} }
status:
  conditions:
    - { type: MemoryPressure, status: "False" }
    - { type: Ready, status: "${ready}", message: kubelet says ${ready} }
---`;

const definition = (plural: string, version: string, channel = 'standard', more = ''): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ${plural}.gateway.networking.k8s.io
  annotations:
    gateway.networking.k8s.io/bundle-version: ${version}
    gateway.networking.k8s.io/channel: ${channel}
    ${more}
---`;

describe('kubernetes/version-supported', () => {
  it.each([
    ['v1.32.5', 'ok'],
    ['v1.28.0', 'ok'],
    ['v1.28.3-gke.1203001', 'ok'],
    ['v1.31.4+k3s1', 'ok'],
    ['v1.27.16', 'warning'],
    ['one', 'warning'],
  ])('gives %s: %s', async (version, is) => {
    expect((await result('version-supported', { version }))?.is).toBe(is);
  });
});

describe('kubernetes/nodes-ready', () => {
  it('warns of one node, and fails for all and for none', async () => {
    expect(await result('nodes-ready', { objects: node('a', 'True') + node('b', 'Unknown') })).toMatchObject({
      is: 'warning',
      reason: '1 of 2 nodes is not ready.',
      affected: [{ resource: { name: 'b' }, detail: 'kubelet says Unknown' }],
    });
    expect((await result('nodes-ready', { objects: node('a', 'False') }))?.is).toBe('failed');
    expect((await result('nodes-ready', {}))?.is).toBe('failed');
  });
});

describe('kubernetes/gateway-api-consistent', () => {
  it('tells release, channel and owner', async () => {
    const objects = definition('gateways', 'v1.3.0') + definition('httproutes', 'v1.3.0', 'standard', 'meta.helm.sh/release-name: gw');
    expect(await result('gateway-api-consistent', { objects })).toEqual({
      is: 'ok',
      reason: '2 definitions of Gateway API v1.3.0 (standard channel), managed by "Helm release gw".',
    });
    expect((await result('gateway-api-consistent', {}))?.is).toBe('ok');
  });

  it('warns of releases or channels that are mixed', async () => {
    const objects = definition('gateways', 'v1.3.0') + definition('tcproutes', 'v1.3.0', 'experimental');
    expect(await result('gateway-api-consistent', { objects })).toMatchObject({ is: 'warning', affected: [{}, {}] });
  });
});

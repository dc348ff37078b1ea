import { describe, expect, it } from 'vitest';
import { checks } from '../../../src/mesh/istio/checks/index.ts';
import type { CheckResult } from '../../../src/model/check.ts';
import { factsOf } from '../facts.ts';

const result = async (id: string, objects: string): Promise<CheckResult | undefined> =>
  checks.find((check) => check.id === `istio/${id}`)?.run(factsOf(objects));

const pod = (finishedAt: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: istiod-1, namespace: istio-system, labels: { app: istiod } }
status:
  phase: Running
  containerStatuses:
    - name: discovery
      ready: true
      restartCount: 1
      lastState: { terminated: { reason: OOMKilled, finishedAt: "${finishedAt}" } }
`;

const deployment = (name: string, revision: string, image: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: istio-system, labels: { app: istiod, istio.io/rev: ${revision} } }
spec: { template: { spec: { containers: [{ name: discovery, image: "${image}" }] } } }
---`;

const proxy = (name: string, revision: string, version: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, annotations: { istio.io/rev: ${revision} } }
spec: { initContainers: [{ name: istio-proxy, image: "localhost:5000/proxyv2:${version}@sha256:00" }] }
---`;

describe('istio/control-plane-pods-healthy', () => {
  it('warns of a restart in the last hour, and forgets older ones', async () => {
    expect(await result('control-plane-pods-healthy', pod('2026-01-01T11:30:00Z'))).toMatchObject({
      is: 'warning',
      affected: [{ detail: 'Container "discovery" restarted (OOMKilled).' }],
    });
    expect((await result('control-plane-pods-healthy', pod('2026-01-01T10:30:00Z')))?.is).toBe('ok');
  });
});

describe('istio/control-plane-exists', () => {
  it('takes webhooks that call a URL for a control plane elsewhere', async () => {
    const webhook = `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: istio-sidecar-injector-external }
webhooks: [{ name: rev.namespace.sidecar-injector.istio.io, clientConfig: { url: "https://istiod.example.com/inject" } }]
`;
    expect(await result('control-plane-exists', webhook)).toEqual({ is: 'ok', reason: 'The control plane runs outside of this cluster.' });
    expect((await result('control-plane-ready', webhook))?.is).toBe('skipped');
    expect((await result('injection-service-ready', webhook))?.is).toBe('skipped');
  });
});

describe('istio/data-plane-versions-supported', () => {
  const planes = deployment('istiod', 'default', 'pilot:1.28.2') + deployment('istiod-canary', 'canary', 'pilot:1.30.0-distroless');

  it('compares a proxy with the control plane of its revision', async () => {
    const agreeing = proxy('a', 'default', '1.28.0-debug') + proxy('b', 'canary', '1.30.1');
    expect(await result('data-plane-versions-supported', planes + agreeing)).toEqual({ is: 'ok', reason: '2 of 2.' });
    const behind = await result('data-plane-versions-supported', planes + proxy('a', 'canary', '1.28.0'));
    expect(behind).toMatchObject({ is: 'warning', reason: '1 of 1 proxy has another version.' });
  });

  it('says what it could not compare', async () => {
    const unknown = proxy('a', 'gone', '1.28.0') + proxy('b', 'default', '1.28.0') + proxy('c', 'default', 'latest');
    expect((await result('data-plane-versions-supported', planes + unknown))?.reason).toBe(
      '1 of 3. The version of 2 more, or of their control plane, is not known.',
    );
    expect((await result('data-plane-versions-supported', planes + proxy('c', 'default', 'latest')))?.is).toBe('skipped');
  });
});

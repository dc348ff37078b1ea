/** What holds for every mesh and mode: a second injection changes nothing, and without the injection all is as it was. */
import { describe, expect, it } from 'vitest';
import { meshes } from '../../../src/mesh/index.ts';
import type { Inject, InjectParameters, InjectRequest } from '../../../src/model/inject.ts';
import { resourcesFrom } from '../../builders.ts';
import { file, parameters, requestFrom } from './requests.ts';

const MANUAL: Readonly<Record<string, InjectParameters['files']>> = {
  linkerd: { values: file('{ linkerdVersion: edge-26.8.3, identityTrustAnchorsPEM: anchors }') },
  kuma: {
    'injector-config': file('{ sidecarContainer: { image: "kuma-dp:3" }, initContainer: { image: "kuma-init:3" } }'),
    'ca-cert': file('ca'),
  },
};

const WORKLOADS = `
apiVersion: v1
kind: Pod
metadata: { name: bare, namespace: shop }
spec: { containers: [{ name: web, image: "web:1" }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, labels: { app: web } }
spec:
  template:
    metadata: { labels: { app: web }, annotations: { note: "yes" } }
    spec:
      serviceAccountName: web
      volumes: [{ name: data, emptyDir: {} }]
      initContainers: [{ name: prepare }, { name: helper, restartPolicy: Always, readinessProbe: { tcpSocket: { port: 81 } } }]
      containers:
        - name: web
          ports: [{ name: http, containerPort: 8080 }]
          livenessProbe: { httpGet: { path: /live, port: 8080 }, timeoutSeconds: 2 }
          volumeMounts: [{ name: data, mountPath: /data }]
          securityContext: { capabilities: { drop: [ALL] } }
        - { name: log, readinessProbe: { grpc: { port: 9000 } } }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly, namespace: shop }
spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: job }] } } } } }
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web }] } } }
`;

const texts = WORKLOADS.split('\n---\n');

const modes = meshes.flatMap(({ id, inject }): readonly (readonly [string, Inject, Partial<InjectParameters>])[] => {
  const files = MANUAL[id];
  // Istio's proxies have tests of their own.
  if (!inject || id === 'istio') return [];
  return [[id, inject, {}], ...(files ? [[`${id} --manual`, inject, { manual: true, files }] as const] : [])];
});

describe.each(modes)('%s', (_, inject, given) => {
  it.each(texts.map((text) => [resourcesFrom(text)[0]?.kind, text] as const))('%s', async (_kind, text) => {
    const injector = await inject.open(parameters(given));
    const request: InjectRequest = requestFrom(text);
    const { action, object } = injector.inject(request);
    expect(action).toBe(given.manual ? 'injected' : 'annotated');
    const again: InjectRequest = { ...request, object: object ?? {} };
    expect(injector.inject(again)).toMatchObject({ action: 'unchanged' });
    expect(inject.uninject(again)).toMatchObject({ action: 'uninjected' });
    expect(inject.uninject(again).object).toEqual(request.object);
    expect(inject.uninject(request).action).toBe('unchanged');
  });
});

import type { Rule } from '../../model/rule.ts';
import { workloads } from '../../model/workloads.ts';
import { AUTO_IMAGE_INPUTS, autoImages, notInjectedBecause } from './_auto-image.ts';

/** Gateways and customized sidecars leave their image to the injector; no registry has an image called `auto`. */
export const autoImageInjected: Rule = {
  meta: {
    id: 'istio-injection/auto-image-injected',
    aliases: ['IST0146'],
    analyzers: ['injection.ImageAutoAnalyzer'],
    severity: 'warning',
    summary: 'Every pod template with the proxy image "auto" is selected for injection.',
    why: 'Nobody replaces the placeholder, so the pods fail to pull the image "auto".',
    inputs: AUTO_IMAGE_INPUTS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0146/',
    since: '0.1.0',
    bad: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: edge }
spec:
  template:
    metadata:
      labels: { app: ingress }
    spec:
      containers: [{ name: istio-proxy, image: auto }]
---
apiVersion: v1
kind: Namespace
metadata: { name: edge }
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: istio-sidecar-injector }
webhooks:
  - name: object.sidecar-injector.istio.io
    objectSelector:
      matchLabels: { sidecar.istio.io/inject: "true" }
`,
    good: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: edge }
spec:
  template:
    metadata:
      labels: { app: ingress, sidecar.istio.io/inject: "true" }
    spec:
      containers: [{ name: istio-proxy, image: auto }]
---
apiVersion: v1
kind: Namespace
metadata: { name: edge }
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: istio-sidecar-injector }
webhooks:
  - name: object.sidecar-injector.istio.io
    objectSelector:
      matchLabels: { sidecar.istio.io/inject: "true" }
`,
    differs:
      'Every kind of workload counts, not only Deployments, and native sidecars too; what the injector itself refuses counts as not injected (host network, annotations, policy).',
  },
  *check(resources) {
    const whyNot = notInjectedBecause(resources);
    for (const workload of resources.derive(workloads).all) {
      if (workload.isPod) continue;
      for (const path of autoImages(workload)) {
        const found = whyNot(workload);
        if (!found) continue;
        yield {
          at: workload.resource,
          path,
          message: `The proxy image "auto" of "${workload.name}" waits for the injector to replace it, but ${found.reason}.`,
          fix: found.fix,
          ...(found.absent && { absent: found.absent }),
        };
      }
    }
  },
};

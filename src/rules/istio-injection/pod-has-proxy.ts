import { hasProxy, INJECTION_KINDS, injection, isCapturedByZtunnel } from '../../mesh/istio/injection.ts';
import type { Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS } from '../../model/workloads.ts';
import { livePods } from './_pods.ts';

/** Injection happens when a pod is created; labels that came later change nothing for pods that run already. */
export const podHasProxy: Rule = {
  meta: {
    id: 'istio-injection/pod-has-proxy',
    aliases: ['IST0103'],
    analyzers: ['injection.Analyzer'],
    severity: 'warning',
    summary: 'Every pod that injection is meant for has its sidecar.',
    why: 'The pod sends and takes traffic past the mesh: without mTLS, authorization, routing rules or telemetry.',
    inputs: [...INJECTION_KINDS, ...WORKLOAD_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0103/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: { istio-injection: enabled }
---
apiVersion: v1
kind: Pod
metadata: { name: reviews-7d9f, namespace: shop }
spec:
  containers: [{ name: reviews, image: reviews:1 }]
status: { phase: Running }
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: { istio-injection: enabled }
---
apiVersion: v1
kind: Pod
metadata: { name: reviews-7d9f, namespace: shop }
spec:
  containers:
    - { name: reviews, image: reviews:1 }
    - { name: istio-proxy, image: registry.istio.io/release/proxyv2:1.30.0 }
status: { phase: Running }
`,
    differs:
      'Revisions, tags and webhooks count, not only the label "istio-injection"; completed pods and pods captured by ztunnel are left alone (istio/istio#17771), and so is a pod of a file that does not show that it was created.',
  },
  *check(resources) {
    const { onCreation } = resources.derive(injection);
    for (const pod of livePods(resources)) {
      if (hasProxy(pod) || isCapturedByZtunnel(pod) || wasInjected(pod.annotations) || isControlPlane(pod.labels)) continue;
      const outcome = onCreation(pod);
      if (outcome.is !== 'injected') continue;
      yield {
        at: pod.resource,
        path: ['spec', 'containers'],
        part: 'key',
        message: `Pod "${pod.name}" has no sidecar, although revision "${outcome.revision}" injects such pods in namespace "${pod.namespace}"; it bypasses the mesh.`,
        fix: 'Restart its workload, or label its pods "sidecar.istio.io/inject=false" if they are meant to stay outside.',
      };
    }
  },
};

/** Not every injection template adds a container `istio-proxy`: proxyless gRPC gets none. */
function wasInjected(annotations: Readonly<Record<string, string>>): boolean {
  return annotations['sidecar.istio.io/status'] !== undefined;
}

/** istiod carries the label of its revision, which asks for injection anywhere else. */
function isControlPlane(labels: Readonly<Record<string, string>>): boolean {
  return labels['app'] === 'istiod' || labels['istio'] === 'pilot';
}

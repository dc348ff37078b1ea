import type { Rule } from '../../model/rule.ts';
import { workloads } from '../../model/workloads.ts';
import { AUTO_IMAGE_INPUTS, autoImages, type NotInjected, notInjectedBecause } from './_auto-image.ts';
import { isCreated } from './_pods.ts';

/** The injector works on pods while they are created; a pod that still has the placeholder will keep it. */
export const autoImageReplaced: Rule = {
  meta: {
    id: 'istio-injection/auto-image-replaced',
    aliases: ['IST0147'],
    analyzers: ['injection.ImageAutoAnalyzer'],
    severity: 'error',
    summary: 'No pod is left with the proxy image "auto".',
    why: 'The pod fails to pull the image "auto" and never becomes ready.',
    inputs: AUTO_IMAGE_INPUTS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0147/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Pod
metadata: { name: ingress-5c8b, namespace: edge }
spec:
  containers: [{ name: istio-proxy, image: auto }]
status: { phase: Pending }
`,
    good: `
apiVersion: v1
kind: Pod
metadata: { name: ingress-5c8b, namespace: edge }
spec:
  containers: [{ name: istio-proxy, image: registry.istio.io/release/proxyv2:1.30.0 }]
status: { phase: Running }
`,
    differs: 'A Pod of a file that does not show that it was created is judged like a template: it is in order when injection awaits it.',
  },
  *check(resources) {
    const whyNot = notInjectedBecause(resources);
    for (const pod of resources.derive(workloads).all) {
      if (!pod.isPod) continue;
      for (const path of autoImages(pod)) {
        const problem = isCreated(pod, resources) ? CREATED : whyNot(pod);
        if (!problem) continue;
        yield {
          at: pod.resource,
          path,
          message: `The proxy image "auto" of pod "${pod.name}" is a placeholder for the injector, but ${problem.reason}.`,
          fix: problem.fix,
          ...(problem.absent && { absent: problem.absent }),
        };
      }
    }
  },
};

const CREATED: NotInjected = {
  reason: 'the pod was created without injection',
  fix: 'Enable injection for the pod, by its label "sidecar.istio.io/inject=true" or for the namespace, and create it anew.',
};

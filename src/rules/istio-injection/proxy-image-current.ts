import { INJECTION_KINDS, injection, proxyContainers } from '../../mesh/istio/injection.ts';
import { MESH_CONFIG, NAMESPACE, PROXY_CONFIG } from '../../mesh/istio/kinds.ts';
import { proxyImages } from '../../mesh/istio/proxy-image.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS } from '../../model/workloads.ts';
import { quotedList } from '../../text/words.ts';
import { livePods } from './_pods.ts';

interface Outdated {
  readonly pod: Resource;
  readonly image: string;
  readonly injected: string;
  readonly revision: string;
}

/** Pods keep the proxy they were created with; an upgraded control plane reaches them only when they restart. */
export const proxyImageCurrent: Rule = {
  meta: {
    id: 'istio-injection/proxy-image-current',
    aliases: ['IST0158'],
    analyzers: ['injection.ImageAnalyzer'],
    severity: 'warning',
    summary: 'Every sidecar runs the image that its injector gives to new pods.',
    why: 'Proxies stay behind the control plane: they lack its fixes, and istiod supports only a few older versions.',
    inputs: [...INJECTION_KINDS, PROXY_CONFIG, MESH_CONFIG, ...WORKLOAD_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0158/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: { istio-injection: enabled }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-sidecar-injector, namespace: istio-system }
data:
  values: '{"global": {"hub": "registry.istio.io/release", "tag": "1.30.0", "proxy": {"image": "proxyv2"}}}'
---
apiVersion: v1
kind: Pod
metadata: { name: reviews-7d9f, namespace: shop }
spec:
  containers:
    - { name: reviews, image: reviews:1 }
    - { name: istio-proxy, image: registry.istio.io/release/proxyv2:1.29.2 }
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: { istio-injection: enabled }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-sidecar-injector, namespace: istio-system }
data:
  values: '{"global": {"hub": "registry.istio.io/release", "tag": "1.30.0", "proxy": {"image": "proxyv2"}}}'
---
apiVersion: v1
kind: Pod
metadata: { name: reviews-7d9f, namespace: shop }
spec:
  containers:
    - { name: reviews, image: reviews:1 }
    - { name: istio-proxy, image: registry.istio.io/release/proxyv2:1.30.0 }
`,
    differs:
      'Tags lead to their revision and single pods may choose one; of several ProxyConfigs the one that istiod picks counts, above the annotation "proxy.istio.io/config"; completed pods are left alone.',
  },
  *check(resources) {
    const outdated = outdatedByNamespace(resources);
    for (const namespace of resources.all(NAMESPACE)) {
      const found = outdated
        .get(keyOf(namespace.cluster, namespace.name))
        ?.sort((left, right) => (left.pod.name < right.pod.name ? -1 : 1));
      const [first] = found ?? [];
      if (!found || !first) continue;
      const names = [...new Set(found.map(({ pod }) => pod.name))];
      yield {
        at: namespace,
        path: ['metadata', 'name'],
        message: `Namespace "${namespace.name}" has pods whose proxy image is not the one injected now: ${quotedList(names, 10)}. Pod "${first.pod.name}" runs "${first.image}", while revision "${first.revision}" injects "${first.injected}".`,
        fix: 'Restart the workloads of these pods, as after any upgrade of the control plane.',
        related: found.map(({ pod }) => pod),
      };
    }
  },
};

const keyOf = (cluster: string | undefined, namespace: string): string => `${cluster ?? ''}/${namespace}`;

function outdatedByNamespace(resources: ResourceSet): Map<string, Outdated[]> {
  const { onCreation } = resources.derive(injection);
  const images = resources.derive(proxyImages);
  const outdated = new Map<string, Outdated[]>();
  for (const pod of livePods(resources)) {
    const outcome = onCreation(pod);
    if (outcome.is !== 'injected' || !outcome.config) continue;
    const expected = images.injectedInto(pod, outcome.config);
    // The right version in another variant needs no restart for the sake of an upgrade.
    const wrong =
      expected && proxyContainers(pod).find(({ image }) => image !== 'auto' && image !== expected.image && image !== expected.plain);
    if (!expected || !wrong) continue;
    const entry = { pod: pod.resource, image: wrong.image, injected: expected.image, revision: outcome.revision };
    getOrInsert(outdated, keyOf(pod.resource.cluster, pod.namespace), () => []).push(entry);
  }
  return outdated;
}

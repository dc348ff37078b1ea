/** What goes wrong only where several meshes are in one cluster. */
import { itemsAt, stringAt } from '../model/body.ts';
import type { Affected, Check, Facts } from '../model/check.ts';
import { concerns } from '../model/check-scope.ts';
import type { Body, Kind, Resource } from '../model/resource.ts';
import type { MeshId } from '../model/rule.ts';
import { count, quotedList } from '../text/words.ts';

const NAMESPACE: Kind = 'core/Namespace';
const POD: Kind = 'core/Pod';
const MUTATING_WEBHOOK: Kind = 'admissionregistration.k8s.io/MutatingWebhookConfiguration';

/** What a mesh takes for its own, as others see it. */
interface Claim {
  readonly mesh: MeshId;
  /** What the names of its webhooks end in: one that has none injects nothing, whatever is marked for it. */
  readonly webhook: string;
  /** The mark by which a namespace asks for it, and whether it stands there. Absent where only pods ask. */
  readonly mark?: readonly [key: string, isSet: (namespace: Resource) => boolean];
  isProxy(container: Body, pod: Resource): boolean;
}

const isOn = (value: string | undefined): boolean => ['enabled', 'true', 'yes', 'ingress'].includes(value?.toLowerCase() ?? '');
const named =
  (...names: readonly string[]) =>
  (container: Body): boolean =>
    names.includes(String(container['name']));

const CLAIMS: readonly Claim[] = [
  {
    mesh: 'istio',
    webhook: '.istio.io',
    mark: [
      'istio-injection',
      ({ labels }) => isOn(labels['istio-injection']) || (Boolean(labels['istio.io/rev']) && labels['istio-injection'] !== 'disabled'),
    ],
    isProxy: named('istio-proxy'),
  },
  {
    mesh: 'linkerd',
    webhook: '.linkerd.io',
    mark: ['linkerd.io/inject', ({ annotations }) => isOn(annotations['linkerd.io/inject'])],
    isProxy: named('linkerd-proxy'),
  },
  {
    mesh: 'kuma',
    webhook: '.kuma.io',
    mark: ['kuma.io/sidecar-injection', ({ labels }) => isOn(labels['kuma.io/sidecar-injection'])],
    isProxy: named('kuma-sidecar'),
  },
  { mesh: 'consul', webhook: '.consul.hashicorp.com', isProxy: ({ name }) => /^consul-dataplane(?:-|$)/.test(String(name)) },
  {
    mesh: 'osm',
    webhook: 'osm-inject.k8s.io',
    mark: [
      'openservicemesh.io/monitored-by',
      ({ labels, annotations }) =>
        labels['openservicemesh.io/monitored-by'] !== undefined && isOn(annotations['openservicemesh.io/sidecar-injection']),
    ],
    isProxy: (container, pod) => container['name'] === 'envoy' && pod.labels['osm-proxy-uuid'] !== undefined,
  },
  {
    mesh: 'appmesh',
    webhook: '.appmesh.k8s.aws',
    mark: ['appmesh.k8s.aws/sidecarInjectorWebhook', ({ labels }) => isOn(labels['appmesh.k8s.aws/sidecarInjectorWebhook'])],
    isProxy: (container) =>
      container['name'] === 'envoy' &&
      itemsAt(container, 'env').some(({ item }) => stringAt(item, 'name')?.startsWith('APPMESH_') === true),
  },
];

export const oneMeshPerWorkload: Check = {
  id: 'kubernetes/one-mesh-per-workload',
  category: 'kubernetes',
  title: 'No namespace and no pod is given sidecars by more than one mesh.',
  why: 'Each sidecar redirects the traffic of the pod to itself: together they lose requests, or the pod does not start.',
  docs: 'https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/',
  needs: ['kubernetes/api-reachable'],
  reads: [NAMESPACE, POD, MUTATING_WEBHOOK],
  run: async (facts) => {
    if (facts.meshes.length < 2) return { is: 'ok', reason: 'There is no other mesh.' };
    const claims = CLAIMS.filter(({ mesh }) => facts.meshes.includes(mesh));
    const [marked, shared] = [await markedTwice(facts, claims), await injectedTwice(facts, claims)];
    const affected = [...shared, ...marked.map(({ affected: each }) => each)];
    if (affected.length === 0) return { is: 'ok', reason: `${quotedList(facts.meshes)} keep to different namespaces.` };
    const [first] = marked;
    return {
      is: shared.length > 0 ? 'failed' : 'warning',
      reason: [
        shared.length > 0 ? `${count(shared.length, 'pod')} ${shared.length === 1 ? 'has' : 'have'} the sidecars of several meshes.` : '',
        marked.length > 0
          ? `${count(marked.length, 'namespace')} ${marked.length === 1 ? 'asks' : 'ask'} several meshes for sidecars.`
          : '',
      ]
        .filter((sentence) => sentence !== '')
        .join(' '),
      hint: first
        ? `Keep one mark on each namespace, and restart its workloads: those of "${first.affected.resource.name}" are ${quotedList(first.marks)}.`
        : 'Opt these workloads out of all meshes but one, and restart them.',
      affected,
    };
  },
};

/** Namespaces that ask several meshes which would all answer. */
async function markedTwice(
  facts: Facts,
  claims: readonly Claim[],
): Promise<readonly { readonly marks: readonly string[]; readonly affected: Affected }[]> {
  const entries = (await facts.list(MUTATING_WEBHOOK)).flatMap(({ body }) => itemsAt(body, 'webhooks'));
  const names = entries.map(({ item }) => stringAt(item, 'name') ?? '');
  const active = claims.filter(({ webhook }) => names.some((name) => name.endsWith(webhook)));
  return (await facts.list(NAMESPACE)).flatMap((namespace) => {
    const asked = active.flatMap(({ mesh, mark }) => (mark?.[1](namespace) ? [{ mesh, key: mark[0] }] : []));
    if (asked.length < 2 || !concerns(facts, namespace)) return [];
    const detail = `It asks ${quotedList(asked.map(({ mesh }) => mesh))}.`;
    return [{ marks: asked.map(({ key }) => key), affected: { resource: namespace, detail } }];
  });
}

async function injectedTwice(facts: Facts, claims: readonly Claim[]): Promise<readonly Affected[]> {
  return (await facts.scoped(POD)).flatMap((pod) => {
    if (['Succeeded', 'Failed'].includes(stringAt(pod.body, 'status', 'phase') ?? '')) return [];
    const containers = ['containers', 'initContainers'].flatMap((field) => itemsAt(pod.body, 'spec', field).map(({ item }) => item));
    const owners = claims.filter(({ isProxy }) => containers.some((container) => isProxy(container, pod)));
    return owners.length < 2 ? [] : [{ resource: pod, detail: `It has the sidecars of ${quotedList(owners.map(({ mesh }) => mesh))}.` }];
  });
}

/** Whether Linkerd's injector gives a proxy to a pod, and why not. */
import { booleanAt, itemsAt, listAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Facts } from '../../model/check.ts';
import { compileLabelSelector } from '../../model/labels.ts';
import type { Body, Resource } from '../../model/resource.ts';
import { INJECT, MUTATING_WEBHOOK } from './kinds.ts';

export interface Injector {
  /** Whether the webhook is asked about a new pod with these labels in the namespace. */
  concerns(pod: Resource, namespace: Resource): boolean;
}

const ENTRY = 'linkerd-proxy-injector.linkerd.io';

export async function injectorConfigurations(facts: Facts): Promise<readonly Resource[]> {
  const all = await facts.list(MUTATING_WEBHOOK);
  return all.filter(({ body }) => itemsAt(body, 'webhooks').some(({ item }) => stringAt(item, 'name') === ENTRY));
}

export async function injectors(facts: Facts): Promise<readonly Injector[]> {
  return (await injectorConfigurations(facts)).flatMap(({ body }) =>
    itemsAt(body, 'webhooks').flatMap(({ item }) => {
      if (stringAt(item, 'name') !== ENTRY || !seesNewPods(item)) return [];
      const inNamespace = compileLabelSelector(item['namespaceSelector']);
      const onPod = compileLabelSelector(item['objectSelector']);
      return [{ concerns: (pod: Resource, namespace: Resource) => inNamespace(namespace.labels) && onPod(pod.labels) }];
    }),
  );
}

function seesNewPods(webhook: Body): boolean {
  return itemsAt(webhook, 'rules').some(({ item }) =>
    (['operations', 'resources'] as const).every((field, index) =>
      stringsAt(item, field).some(({ value }) => value.startsWith('*') || value === ['CREATE', 'pods'][index]),
    ),
  );
}

/** `left-out`: by somebody's decision. `impossible`: somebody asked for it in vain. */
export interface Decision {
  readonly is: 'injected' | 'left-out' | 'impossible' | 'not-asked';
  /** Why it is not injected: what follows `because`. */
  readonly because?: string;
}

const WANTED: readonly string[] = ['enabled', 'ingress'];

/** Containers of other meshes, which Linkerd does not share a pod with. */
const FOREIGN: ReadonlySet<string> = new Set(['istio-proxy', 'istio-init']);

/** What the injector decides about a pod that is created now. The annotation of the pod has the last word. */
export function decide(pod: Resource, namespace: Resource, known: readonly Injector[], mountsOwnToken = true): Decision {
  const own = pod.annotations[INJECT];
  const value = own ?? namespace.annotations[INJECT];
  if (value === undefined) return { is: 'not-asked' };
  if (value === 'disabled') return { is: 'left-out', because: `${own === undefined ? 'its namespace' : 'it'} says "${INJECT}: disabled"` };
  if (!WANTED.includes(value)) return { is: 'impossible', because: `"${INJECT}: ${value}" is none of "enabled", "ingress" and "disabled"` };
  if (isStatic(pod)) return { is: 'left-out', because: 'it is a static pod, which no webhook sees' };
  if (booleanAt(pod.body, 'spec', 'hostNetwork') === true) return { is: 'left-out', because: "it is on the host's network" };
  if (!known.some((injector) => injector.concerns(pod, namespace)))
    return { is: 'left-out', because: "the injector's webhook leaves it out by labels" };
  if (hasForeignSidecar(pod)) return { is: 'impossible', because: "it has another mesh's sidecar" };
  if (!mountsOwnToken && booleanAt(pod.body, 'spec', 'automountServiceAccountToken') === false) {
    return { is: 'impossible', because: 'its automountServiceAccountToken is false, and Linkerd is installed without tokens of its own' };
  }
  return { is: 'injected' };
}

const isStatic = ({ annotations }: Resource): boolean => annotations['kubernetes.io/config.mirror'] !== undefined;

function hasForeignSidecar({ body }: Resource): boolean {
  return ['containers', 'initContainers'].some((field) =>
    listAt(body, 'spec', field).some((container) => FOREIGN.has(stringAt(container, 'name') ?? '')),
  );
}

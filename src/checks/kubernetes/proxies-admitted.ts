/** What the policies of namespaces make of pods with a sidecar. */
import { KNOWN_MESHES, type KnownMesh } from '../../mesh/checks/known-meshes.ts';
import { at, itemsAt, objectAt } from '../../model/body.ts';
import type { Affected, Check, Facts } from '../../model/check.ts';
import { concerns } from '../../model/check-scope.ts';
import { groupBy } from '../../model/maps.ts';
import { type Body, type Kind, type Resource, shortKind } from '../../model/resource.ts';
import { parseQuantity } from '../../text/quantity.ts';
import { count, quotedList } from '../../text/words.ts';
import { PRE, REACHABLE } from './api.ts';
import { NAMESPACE } from './leftovers.ts';
import { DAEMON_SET } from './network.ts';

const RESOURCE_QUOTA: Kind = 'core/ResourceQuota';
const POD: Kind = 'core/Pod';
const LIMIT_RANGE: Kind = 'core/LimitRange';

const ENFORCE = 'pod-security.kubernetes.io/enforce';
const STRICT_LEVELS: ReadonlySet<string | undefined> = new Set(['baseline', 'restricted']);

const isInjected = ({ labels, annotations }: Resource): boolean => KNOWN_MESHES.some((mesh) => mesh.injects(labels, annotations));

async function namespacesOf(facts: Facts): Promise<readonly Resource[]> {
  return (await facts.list(NAMESPACE)).filter((namespace) => concerns(facts, namespace));
}

const podSecurityPermits: Check = {
  id: 'kubernetes/pod-security-permits-proxies',
  category: 'kubernetes',
  title: 'Pod security admits the pods of namespaces that are to get sidecars.',
  why: 'The init container of a sidecar adds the capability NET_ADMIN, for which the levels "baseline" and "restricted" refuse the whole pod.',
  docs: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  modes: PRE,
  needs: [REACHABLE],
  reads: [NAMESPACE, DAEMON_SET],
  run: async (facts) => {
    const strict = (await namespacesOf(facts)).filter(({ labels }) => STRICT_LEVELS.has(labels[ENFORCE]));
    if (strict.length === 0) return { is: 'ok', reason: 'No namespace enforces a level that refuses NET_ADMIN.' };
    const agents = await facts.list(DAEMON_SET);
    const affected = strict.flatMap((namespace) => refusedIn(namespace, agents) ?? []);
    const level = ({ labels }: Resource): string => `"${labels[ENFORCE]}"`;
    if (affected.length === 0) {
      const note = `${count(strict.length, 'namespace')} ${strict.length === 1 ? 'enforces' : 'enforce'} ${[...new Set(strict.map(level))].sort().join(' or ')}`;
      return { is: 'ok', reason: `${note}: for sidecars there a mesh needs its CNI plugin.` };
    }
    return {
      is: 'warning',
      reason: `Pods with a sidecar are refused in ${count(affected.length, 'namespace')}.`,
      hint: 'Install the CNI plugin of the mesh, which redirects traffic from outside of the pods and itself needs a namespace of the level "privileged".',
      affected,
    };
  },
};

function refusedIn(namespace: Resource, agents: readonly Resource[]): Affected | undefined {
  const level = namespace.labels[ENFORCE];
  const own = agents.find(
    (agent) => agent.namespace === namespace.name && KNOWN_MESHES.some(({ nodeAgents }) => nodeAgents.includes(agent.name)),
  );
  if (own) return { resource: namespace, detail: `It enforces "${level}", which refuses the pods of DaemonSet "${own.name}".` };
  const meshes = KNOWN_MESHES.filter((mesh) => mesh.injects(namespace.labels, namespace.annotations));
  const bare = meshes.find(({ nodeAgents }) => !agents.some(({ name }) => nodeAgents.includes(name)));
  return (
    bare && { resource: namespace, detail: `It enforces "${level}", and gets sidecars of ${bare.title}, which has no CNI plugin here.` }
  );
}

interface Size {
  readonly resource: 'cpu' | 'memory';
  readonly request: string;
  readonly limit: string;
}

/** What Istio gives its sidecar unless its values or annotations say otherwise. Those of other meshes ask for less. */
const ISTIO_SIDECAR: readonly Size[] = [
  { resource: 'cpu', request: '100m', limit: '2' },
  { resource: 'memory', request: '128Mi', limit: '1Gi' },
];

const limitsPermit: Check = {
  id: 'kubernetes/limits-permit-proxies',
  category: 'kubernetes',
  title: 'Limits of namespaces leave room for sidecars.',
  why: 'A pod whose sidecar breaks a LimitRange, or for which a ResourceQuota has nothing left, is refused.',
  docs: 'https://kubernetes.io/docs/concepts/policy/limit-range/',
  modes: PRE,
  needs: [REACHABLE],
  reads: [NAMESPACE, RESOURCE_QUOTA, LIMIT_RANGE, POD],
  run: async (facts) => {
    const namespaces = (await namespacesOf(facts)).filter(isInjected);
    const [ranges, quotas] = await Promise.all([LIMIT_RANGE, RESOURCE_QUOTA].map(async (kind) => groupBy(await facts.list(kind), homeOf)));
    // What was admitted before has the resources that the mesh's own values give it, which may be others than the usual ones.
    const admitted = new Set((await facts.list(POD)).filter(hasSidecar).map(homeOf));
    const affected = namespaces.flatMap((namespace) => {
      if (admitted.has(namespace.name)) return [];
      const within = { ranges: ranges?.get(namespace.name) ?? [], quotas: quotas?.get(namespace.name) ?? [] };
      if (meshNamed('istio')?.injects(namespace.labels, namespace.annotations)) return refusalsOfIstio(within);
      return meshNamed('linkerd')?.injects(namespace.labels, namespace.annotations) ? refusalsOfLinkerd(namespace, within) : [];
    });
    const [first] = affected;
    if (!first)
      return { is: 'ok', reason: `${count(namespaces.length, 'namespace')} that ${namespaces.length === 1 ? 'gets' : 'get'} sidecars.` };
    return {
      is: 'warning',
      reason: `Pods with a sidecar are refused by ${quotedList([...new Set(affected.map(({ resource }) => `${resource.namespace}/${resource.name}`))])}, unless the mesh's values say otherwise.`,
      hint: `Widen it with "kubectl -n ${first.resource.namespace} edit ${shortKind(first.resource.kind).toLowerCase()} ${first.resource.name}", or set the resources of proxies in the mesh's values.`,
      affected,
    };
  },
};

const homeOf = ({ namespace }: Resource): string => namespace;
const meshNamed = (id: string): KnownMesh | undefined => KNOWN_MESHES.find((mesh) => mesh.id === id);

const SIDECARS: ReadonlySet<unknown> = new Set(['istio-proxy', 'linkerd-proxy']);

const hasSidecar = ({ body }: Resource): boolean =>
  ['containers', 'initContainers'].some((field) => itemsAt(body, 'spec', field).some(({ item }) => SIDECARS.has(item['name'])));

interface Limits {
  readonly ranges: readonly Resource[];
  readonly quotas: readonly Resource[];
}

const refusalsOfIstio = ({ ranges, quotas }: Limits): readonly Affected[] => [...ranges.flatMap(tooTight), ...quotas.flatMap(exhausted)];

/** Quantities are strings, but YAML also lets them be numbers. */
function quantityAt(value: unknown, field: string): { readonly text: string; readonly amount: number } | undefined {
  const found = objectAt(value)[field];
  const text = typeof found === 'number' ? String(found) : typeof found === 'string' ? found : undefined;
  const amount = text === undefined ? undefined : parseQuantity(text);
  return text === undefined || amount === undefined ? undefined : { text, amount };
}

const limitsIn = (range: Resource): readonly Body[] =>
  itemsAt(range.body, 'spec', 'limits').flatMap(({ item }) => (item['type'] === 'Container' ? [item] : []));

function tooTight(range: Resource): readonly Affected[] {
  return limitsIn(range).flatMap((item) =>
    ISTIO_SIDECAR.flatMap(({ resource, request, limit }): readonly Affected[] => {
      const most = quantityAt(item['max'], resource);
      const least = quantityAt(item['min'], resource);
      if (most && most.amount < (parseQuantity(limit) ?? 0)) {
        return [{ resource: range, detail: `It allows at most ${most.text} of ${resource}; Istio's sidecar has a limit of ${limit}.` }];
      }
      if (least && least.amount > (parseQuantity(request) ?? 0)) {
        return [{ resource: range, detail: `It demands at least ${least.text} of ${resource}; Istio's sidecar requests ${request}.` }];
      }
      return [];
    }),
  );
}

/** Names under which a quota counts what containers request and may use. */
const COUNTED: readonly (readonly [field: string, resource: Size['resource'], what: 'request' | 'limit'])[] = [
  ['requests.cpu', 'cpu', 'request'],
  ['cpu', 'cpu', 'request'],
  ['limits.cpu', 'cpu', 'limit'],
  ['requests.memory', 'memory', 'request'],
  ['memory', 'memory', 'request'],
  ['limits.memory', 'memory', 'limit'],
];

function exhausted(quota: Resource): readonly Affected[] {
  return COUNTED.flatMap(([field, resource, what]): readonly Affected[] => {
    const hard = quantityAt(at(quota.body, ['status', 'hard']), field);
    if (!hard) return [];
    const used = quantityAt(at(quota.body, ['status', 'used']), field);
    const adds = ISTIO_SIDECAR.find((size) => size.resource === resource)?.[what] ?? '0';
    if (hard.amount - (used?.amount ?? 0) >= (parseQuantity(adds) ?? 0)) return [];
    return [{ resource: quota, detail: `Of ${hard.text} for ${field}, ${used?.text ?? '0'} is used; Istio's sidecar adds ${adds}.` }];
  });
}

/** Linkerd's sidecar states no resources, unless its values or annotations do; a quota that counts them refuses what states none. */
function refusalsOfLinkerd({ annotations }: Resource, { ranges, quotas }: Limits): readonly Affected[] {
  if (Object.keys(annotations).some((key) => /^config\.linkerd\.io\/proxy-(cpu|memory)-/.test(key))) return [];
  const isDefaulted = (resource: string): boolean =>
    ranges.some((range) =>
      limitsIn(range).some((item) => quantityAt(item['default'], resource) ?? quantityAt(item['defaultRequest'], resource)),
    );
  return quotas.flatMap((quota) => {
    const fields = COUNTED.filter(([field, resource]) => quantityAt(at(quota.body, ['status', 'hard']), field) && !isDefaulted(resource));
    if (fields.length === 0) return [];
    return [{ resource: quota, detail: `It counts ${fields.map(([field]) => field).join(', ')}, and refuses a sidecar that states none.` }];
  });
}

export const proxiesAdmitted: readonly Check[] = [podSecurityPermits, limitsPermit];

/** Workloads by the names that users write, out of objects that were read already: of a cluster, or of files. */
import { EXIT, MeshctlError } from '../errors.ts';
import { isBody, stringAt, stringMapAt } from '../model/body.ts';
import { labelSelectorMatches, labelsMatch } from '../model/labels.ts';
import { type Kind, type Resource, shortKind } from '../model/resource.ts';
import type { ResourceSet } from '../model/resource-set.ts';
import type { Subject } from '../model/subject.ts';
import { type Workload, workloads } from '../model/workloads.ts';
import { nearest } from '../text/nearest.ts';
import { isReady, lookFor, type Target, targetOf } from './target-pods.ts';

const POD: Kind = 'core/Pod';
const SERVICE: Kind = 'core/Service';
const GATEWAY: Kind = 'gateway.networking.k8s.io/Gateway';

/** Where the pods of a name without a type may be found, the first that has it. */
const MEANT: readonly Kind[] = [POD, 'apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet', SERVICE];

/**
 * @param namespace of names without one
 * @throws MeshctlError E_TARGET when the objects hold none of that name, E_USAGE when the text names nothing that has pods
 */
export function targetWorkloads(text: string, namespace: string, resources: ResourceSet): Subject {
  const target = targetOf(text, namespace);
  const found = resources.get(target.kind, target.namespace, target.name) ?? unqualified(text, target, namespace, resources);
  if (!found) throw missing(target, text.includes('/'), resources);
  return { target: found, workloads: [...workloadsOf(found, resources)].sort(byReadiness) };
}

/** A name without a type is a pod's; where there is no such pod, the workload or service that is called so is meant. */
function unqualified(text: string, target: Target, namespace: string, resources: ResourceSet): Resource | undefined {
  if (text.includes('/')) return undefined;
  for (const kind of MEANT) {
    const found = resources.get(kind, target.namespace, target.name) ?? resources.get(kind, namespace, text);
    if (found) return found;
  }
  return undefined;
}

function workloadsOf(target: Resource, resources: ResourceSet): readonly Workload[] {
  const known = resources.derive(workloads);
  const own = known.inNamespace(target.namespace);
  const alive = own.filter(({ resource }) => stringAt(resource.body, 'metadata', 'deletionTimestamp') === undefined);
  const itself = own.find(({ resource }) => resource === target);
  if (itself?.isPod) return [itself];
  const selects = selectorOf(target);
  const selected = selects ? alive.filter(({ labels }) => selects(labels)) : [];
  const pods = selected.filter(({ isPod }) => isPod);
  if (pods.length > 0) return pods;
  return itself ? [itself] : selected;
}

/** @returns undefined for what selects no pods */
function selectorOf({ kind, body, name }: Resource): ((labels: Readonly<Record<string, string>>) => boolean) | undefined {
  if (kind === GATEWAY) return (labels) => labels['gateway.networking.k8s.io/gateway-name'] === name;
  if (kind === SERVICE) {
    const selector = stringMapAt(body, 'spec', 'selector');
    return Object.keys(selector).length === 0 ? undefined : (labels) => labelsMatch(selector, labels);
  }
  const selector = isBody(body['spec']) ? body['spec']['selector'] : undefined;
  return isBody(selector) ? (labels) => labelSelectorMatches(selector, labels) : undefined;
}

const rank = ({ resource, isPod }: Workload): number => (isPod && isReady(resource) ? 0 : 1);

const byReadiness = (left: Workload, right: Workload): number => rank(left) - rank(right) || (left.name < right.name ? -1 : 1);

function missing({ kind, namespace, name }: Target, isTyped: boolean, resources: ResourceSet): MeshctlError {
  const plain = shortKind(kind);
  const kinds = isTyped ? [kind] : MEANT;
  const names = kinds.flatMap((each) => resources.inNamespace(each, namespace).map((resource) => resource.name));
  const close = nearest(name, names) ?? names.find((each) => each.startsWith(`${name}-`));
  const elsewhere = kinds.flatMap((each) => resources.all(each)).find((resource) => resource.name === name);
  const unread = kinds.find((each) => resources.unread.has(each));
  return new MeshctlError(
    'E_TARGET',
    `There is no ${isTyped ? plain : 'pod, workload or service'} "${name}" in namespace "${namespace}".`,
    {
      hint: elsewhere
        ? `There is a ${shortKind(elsewhere.kind)} of that name in namespace "${elsewhere.namespace}": add -n ${elsewhere.namespace}.`
        : close
          ? `Did you mean "${close}"?`
          : (unread && resources.unread.get(unread)) ||
            (resources.whole(kind) ? undefined : 'Give the files that hold it, or name another namespace with -n.') ||
            lookFor(isTyped ? plain : 'pod', namespace),
      exit: EXIT.question,
    },
  );
}

/** What the workload controllers share: pods from templates, names, and who is ready. */
import { randomBytes } from 'node:crypto';
import { itemsAt, objectAt, stringAt, stringMapAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { Kind } from '../../model/resource.ts';
import { sha256 } from '../../text/hash.ts';
import type { Backend } from '../api/backend.ts';
import { podSpec } from '../kinds/defaults.ts';
import type { Fields, KubeObject, OwnerReference } from '../store/object.ts';

export const POD: Kind = 'core/Pod';

/** A short hash in the letters that Kubernetes uses for generated names. */
export function templateHash(template: unknown): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  const digits = sha256(JSON.stringify(template)).slice(0, 10);
  return [...digits].map((digit) => letters[Number.parseInt(digit, 16)]).join('');
}

export function randomSuffix(): string {
  return [...randomBytes(5)].map((byte) => 'bcdfghjklmnpqrstvwxz2456789'[byte % 27]).join('');
}

export function controllerReference(owner: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true };
}

/** Objects of a kind that `owner` controls; orphans that its selector matches are adopted. */
export function ownedBy(backend: Backend, kind: Kind, owner: KubeObject): readonly KubeObject[] {
  const namespace = owner.metadata.namespace ?? '';
  const selector = stringMapAt(owner, 'spec', 'selector', 'matchLabels');
  const owned = backend.store
    .dependents(owner.metadata.uid ?? '')
    .filter((ref) => ref.kind === kind)
    .flatMap((ref) => backend.store.get(kind, ref.namespace, ref.name) ?? []);
  if (owned.length > 0 || Object.keys(selector).length === 0) return owned;
  return backend.store
    .list(kind, namespace)
    .filter(
      ({ metadata }) =>
        !metadata.ownerReferences?.length && metadata.deletionTimestamp === undefined && labelsMatch(selector, metadata.labels ?? {}),
    )
    .map((object) =>
      backend.store.replace(kind, { ...object, metadata: { ...object.metadata, ownerReferences: [controllerReference(owner)] } }),
    );
}

/** A pod from a workload's template. */
export function podFrom(owner: KubeObject, name: string, labels: Readonly<Record<string, string>> = {}): KubeObject {
  const template = objectAt(owner, 'spec', 'template');
  const spec = podSpec(template['spec']);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace ?? 'default',
      labels: { ...stringMapAt(template, 'metadata', 'labels'), ...labels },
      annotations: { ...stringMapAt(template, 'metadata', 'annotations') },
      ownerReferences: [controllerReference(owner)],
    },
    spec: { serviceAccountName: 'default', serviceAccount: 'default', ...spec },
    status: { phase: 'Pending', qosClass: 'Burstable' },
  };
}

export const isReady = (pod: KubeObject): boolean =>
  itemsAt(pod, 'status', 'conditions').some(({ item }) => item['type'] === 'Ready' && item['status'] === 'True');

export const isLive = (pod: KubeObject): boolean => {
  const phase = stringAt(pod, 'status', 'phase');
  return pod.metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed';
};

/** A condition list with one condition set; its transition time changes with its status only. */
export function withCondition(conditions: readonly { readonly item: Fields }[], next: Fields, time: string): readonly Fields[] {
  const before = conditions.find(({ item }) => item['type'] === next['type'])?.item;
  const since = before && before['status'] === next['status'] ? (before['lastTransitionTime'] ?? time) : time;
  const set = { ...next, lastTransitionTime: since };
  return before ? conditions.map(({ item }) => (item === before ? set : item)) : [...conditions.map(({ item }) => item), set];
}

/** Extensions of Linkerd, each in a namespace of its own that a label tells. */
import type { Facts } from '../../model/check.ts';
import type { Resource } from '../../model/resource.ts';
import { isEnded } from '../checks/pods.ts';
import { EXTENSION, NAMESPACE, POD } from './kinds.ts';

/** @returns undefined when the extension is not installed */
export async function extensionNamespace(facts: Facts, extension: string): Promise<Resource | undefined> {
  return (await facts.list(NAMESPACE)).find(({ labels }) => labels[EXTENSION] === extension);
}

/** Pods of the extension's own components that have not ended. */
export async function extensionPods(facts: Facts, home: Resource): Promise<readonly Resource[]> {
  return (await facts.list(POD)).filter(
    (pod) => pod.namespace === home.name && pod.labels[EXTENSION] === home.labels[EXTENSION] && !isEnded(pod),
  );
}

/** Pods that controllers make: webhooks are asked about them as about anybody's. */
import { kindOf } from '../../model/resource.ts';
import { type AdmissionRequest, admit, admitBefore, isAdmissionNeeded } from '../admission/admit.ts';
import type { Backend } from '../api/backend.ts';
import { serviceNumbers, withDefaults } from '../kinds/defaults.ts';
import type { KubeObject } from '../store/object.ts';
import { POD } from './workload-parts.ts';

/** What is still to be waited for; nothing where no webhook was asked. */
export type Made = Promise<void> | undefined;

/** Waits for all of them, and fails with the first refusal. */
export function allMade(made: readonly Made[]): Made {
  const waiting = made.filter((each) => each !== undefined);
  if (waiting.length === 0) return undefined;
  return Promise.allSettled(waiting).then((results) => {
    const refused = results.find((result) => result.status === 'rejected');
    if (refused) throw refused.reason;
  });
}

/**
 * Creates a pod for its owner, at once where no webhook has to be asked.
 * @param created called once it is there
 * @returns what to wait for; it fails with an ApiProblem when the pod is refused
 */
export function makePod(backend: Backend, owner: KubeObject, pod: KubeObject, created: () => void = () => undefined): Made {
  const type = backend.registry.preferred(POD);
  if (!type) return undefined;
  const user = { username: `system:serviceaccount:kube-system:${owner.kind.toLowerCase()}-controller`, groups: ['system:authenticated'] };
  const request = { type, operation: 'CREATE', subresource: '', object: pod, previous: undefined, dryRun: false, user } as const;
  if (!backend.isOpen()) {
    backend.store.create(POD, withDefaults(type, admitBefore(backend, request), serviceNumbers([])));
    return undefined;
  }
  if (isAdmissionNeeded(backend, request)) return makeAdmitted(backend, owner, request, created);
  backend.store.create(POD, pod);
  created();
  return undefined;
}

async function makeAdmitted(backend: Backend, owner: KubeObject, request: AdmissionRequest, created: () => void): Promise<void> {
  // What webhooks leave out of the containers that they add is filled in.
  const pod = await admit(backend, request, [], (admitted) => withDefaults(request.type, admitted, serviceNumbers([])));
  const { namespace = '', name, uid } = owner.metadata;
  const now = backend.store.get(kindOf(owner.apiVersion, owner.kind), namespace, name);
  // The owner may have gone while the webhooks were asked.
  const isWanted = now?.metadata.uid === uid && now?.metadata.deletionTimestamp === undefined;
  if (!pod || !isWanted || backend.store.get(POD, namespace, pod.metadata.name)) return;
  backend.store.create(POD, pod);
  created();
}

/** What istiod says of the proxies: whether they have acknowledged what it sent. */
import { MeshctlError } from '../../../errors.ts';
import type { Facts } from '../../../model/check.ts';
import type { Fact, Trouble } from '../../../model/describe.ts';
import { quotedRef, type Resource } from '../../../model/resource.ts';
import { count } from '../../../text/words.ts';
import { proxyKey, type SyncedType, syncStatus } from '../checks/sync-status.ts';
import { named } from './scene.ts';

/** What was sent a moment ago may be on its way. */
const SETTLED_MS = 60_000;

export interface Synced {
  readonly facts: readonly Fact[];
  readonly troubles: readonly Trouble[];
}

export async function syncedState(pod: Resource, facts: Facts): Promise<Synced> {
  const types = await typesOf(pod, facts);
  if (!types)
    return {
      facts: [{ subject: 'configuration', value: 'not known to be current: no istiod tells of this proxy', from: [named(pod)] }],
      troubles: [],
    };
  const late = types.filter(({ state, sentAt }) => state === 'stale' && sentAt !== undefined && facts.now - sentAt > SETTLED_MS);
  const rejected = types.filter(({ state }) => state === 'rejected');
  const value = late.length + rejected.length === 0 ? 'has acknowledged all that istiod sent' : 'is behind what istiod sent';
  return {
    facts: types.length === 0 ? [] : [{ subject: 'configuration', value, from: [named(pod)] }],
    troubles: [
      ...(late.length === 0
        ? []
        : [
            {
              id: 'istio/configuration-stale',
              severity: 'error' as const,
              isDifference: true,
              message: `The proxy of ${quotedRef(pod)} has not acknowledged ${late.map((type) => `the ${type.type} sent ${age(facts.now - (type.sentAt ?? 0))} ago`).join(', ')}.`,
              hint: `It works with older configuration. Run "kubectl -n ${pod.namespace} logs ${pod.name} -c istio-proxy", look at its CPU and memory limits, or delete the pod to have it start anew.`,
              objects: [named(pod)],
            },
          ]),
      ...rejected.map(({ type, error }) => ({
        id: 'istio/configuration-refused',
        severity: 'error' as const,
        isDifference: true,
        message: `The proxy of ${quotedRef(pod)} refuses the ${type} that istiod sent: ${error.trim().replace(/\s+/g, ' ').slice(0, 300)}`,
        hint: 'It goes on with what it had before. An EnvoyFilter is the usual cause: mend or delete the object that brings the value.',
        objects: [named(pod)],
      })),
    ],
  };
}

/** @returns undefined when no istiod tells */
async function typesOf(pod: Resource, facts: Facts): Promise<readonly SyncedType[] | undefined> {
  try {
    const { proxies } = await syncStatus(facts, pod.namespace);
    return proxies.get(proxyKey(pod.namespace, pod.name))?.types;
  } catch (error) {
    if (error instanceof MeshctlError) return undefined;
    throw error;
  }
}

function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return minutes < 120 ? count(minutes, 'minute') : count(Math.floor(minutes / 60), 'hour');
}

/** Why a proxy is in the state that it is in, and what to do. */
import type { ProxyState, ProxyStatus, TypeStatus } from '../../model/proxy-status.ts';
import type { Resource } from '../../model/resource.ts';
import { parseVersion } from '../../text/semver.ts';
import { containerProblem, containerStatus, stuckContainers } from '../checks/pods.ts';
import { isStarting } from '../checks/sidecars.ts';
import { ofOtherVersion, saidOf } from '../proxies/words.ts';
import { asksIstiodHere, isSettled, startedAt } from './checks/expected-proxies.ts';
import { PROXY } from './checks/proxies.ts';
import type { SyncedProxy, SyncedType, SyncStatus } from './checks/sync-status.ts';

/** Control planes, as far as it matters who configures whom. */
export type Planes = readonly { readonly revision: string }[];

/** Without a time nobody can tell what is late from what is on its way. */
function isLate({ state, sentAt }: SyncedType, now: number, staleAfterMs: number): boolean {
  return state === 'stale' && (sentAt === undefined || now - sentAt > staleAfterMs);
}

export function statusOf(type: SyncedType, now: number, staleAfterMs: number): TypeStatus {
  const { state, sentAt, error } = type;
  if (state === 'rejected') return { state: 'error', sentAt, error };
  if (state === 'not-sent') return { state };
  return { state: isLate(type, now, staleAfterMs) ? 'stale' : 'synced', sentAt };
}

interface Judging {
  readonly needed: readonly string[];
  readonly staleAfterMs: number;
  readonly now: number;
}

export function reasonFor(state: ProxyState, types: readonly SyncedType[], { needed, staleAfterMs, now }: Judging): string | undefined {
  const codes = (of: readonly SyncedType[]): string => of.map(({ code }) => code).join(', ');
  if (state === 'error')
    return types
      .filter((type) => type.state === 'rejected')
      .map(({ code, error }) => `It rejects ${code}: ${saidOf(error)}`)
      .join(' ');
  if (state === 'stale') return `It has not acknowledged ${codes(types.filter((type) => isLate(type, now, staleAfterMs)))}.`;
  if (state === 'not-sent')
    return `istiod has not sent it ${codes(types.filter((type) => type.state === 'not-sent' && needed.includes(type.code)))}.`;
  return undefined;
}

export function hintFor(state: ProxyState, { namespace, name }: Pick<SyncedProxy, 'namespace' | 'name'>): string | undefined {
  if (state === 'error')
    return `"meshctl proxy-status ${name}.${namespace}" shows what it lacks; an EnvoyFilter is the usual cause of what a proxy rejects: "meshctl analyze".`;
  if (state === 'stale')
    return `"kubectl -n ${namespace} logs ${name} -c ${PROXY}", and its CPU and memory limits; a new pod starts with current configuration.`;
  return state === 'not-sent' ? `Look in istiod's log for what it says of "${name}.${namespace}".` : undefined;
}

/** Proxies may be one minor version older than their control plane while it is upgraded. */
export function versionsApart(version: string | undefined, plane: string | undefined): readonly string[] {
  const [own, other] = [parseVersion(version ?? ''), parseVersion(plane ?? '')];
  if (!own || !other || own.major !== other.major || own.minor === other.minor) return [];
  const apart = other.minor - own.minor;
  if (apart === 1) return [];
  return [ofOtherVersion(version, plane)];
}

export function whyUnknown(pod: Resource, status: SyncStatus, planes: Planes, now: number): Pick<ProxyStatus, 'state' | 'reason' | 'hint'> {
  const problem = containerProblem(PROXY, containerStatus(pod, PROXY));
  const logs = `kubectl -n ${pod.namespace} logs ${pod.name} -c ${PROXY}`;
  if (problem !== undefined && Number.isNaN(startedAt(pod)) && isStarting(pod, now) && !stuckContainers(pod).length)
    return { state: 'unknown', reason: 'Its pod is starting.' };
  if (problem !== undefined && Number.isNaN(startedAt(pod)))
    return { state: 'disconnected', reason: problem, hint: `"kubectl -n ${pod.namespace} describe pod ${pod.name}" tells why.` };
  if (planes.length === 0) return { state: 'unknown', reason: 'No istiod could be asked.' };
  if (!asksIstiodHere(pod, planes))
    return { state: 'unknown', reason: 'It uses a control plane that does not run in this cluster, or no longer.' };
  if (!status.isWhole) return { state: 'unknown', reason: 'Not every istiod could be asked.' };
  if (status.told === 0)
    return {
      state: 'disconnected',
      reason: 'No istiod that could configure it is ready.',
      hint: '"meshctl check" tells what is wrong with istiod.',
    };
  if (!isSettled(pod, now)) return { state: 'unknown', reason: 'Its proxy has just started, and no istiod knows it yet.' };
  const hint = `"${logs}" tells why it does not reach istiod on port 15012; a NetworkPolicy, or a certificate of another authority, are the usual causes.`;
  return { state: 'disconnected', reason: 'No istiod knows its proxy.', hint };
}

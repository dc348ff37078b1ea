/** Whether the proxies have what their control plane sent them, by what istiod says. */
import type { Affected, Check, CheckResult, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { count } from '../../../text/words.ts';
import { containerStatus } from '../../checks/pods.ts';
import { POD } from '../kinds.ts';
import { CONTROL_PLANE_EXISTS, controlPlanes } from './control-plane.ts';
import { asksIstiodHere, isListed, isSettled, stillMissing } from './expected-proxies.ts';
import { NONE_READY } from './istiod-answers.ts';
import { PROXY, proxyPods } from './proxies.ts';
import { type SyncedProxy, type SyncedType, type SyncStatus, syncStatus } from './sync-status.ts';

const DOCS = 'https://istio.io/latest/docs/ops/diagnostic-tools/proxy-cmd/';

/** A busy proxy answers within seconds. */
const STALE_MS = 60_000;

const configurationAccepted: Check = {
  id: 'istio/data-plane-configuration-accepted',
  category: 'data-plane',
  title: 'No proxy has rejected configuration of its control plane.',
  why: 'A proxy that rejects configuration goes on with what it had before: changes do not reach it, those that close a hole among them.',
  settles: true,
  docs: DOCS,
  needs: [CONTROL_PLANE_EXISTS],
  reads: [POD],
  run: (facts) =>
    judged(facts, 'rejected', {
      reason: (number, all) => `${number} of ${all} ${number === 1 ? 'has' : 'have'} rejected configuration.`,
      detail: ({ type, error }) => `It rejects ${type}: ${oneLine(error)}`,
      hint: 'The words of the proxy tell which value it does not take; an EnvoyFilter is the usual cause. Run "meshctl analyze -A", and mend or delete the object that brings the value.',
    }),
};

const configurationCurrent: Check = {
  id: 'istio/data-plane-configuration-current',
  category: 'data-plane',
  title: 'Every proxy has acknowledged what its control plane sent last.',
  why: 'A proxy that does not answer works with old configuration: it sends requests to endpoints that are gone, and misses new policies.',
  settles: true,
  docs: DOCS,
  needs: [CONTROL_PLANE_EXISTS],
  reads: [POD],
  run: (facts) =>
    judged(facts, 'stale', {
      reason: (number, all) => `${number} of ${all} ${number === 1 ? 'has' : 'have'} not acknowledged what istiod sent.`,
      detail: ({ type, sentAt = facts.now }) => `It has not acknowledged the ${type} sent ${age(facts.now - sentAt)} ago.`,
      hint: 'Look at its log, and at its CPU and memory limits; then delete the pod, so that a new one starts with current configuration.',
    }),
};

interface Words {
  readonly reason: (number: number, all: string) => string;
  readonly detail: (type: SyncedType) => string;
  readonly hint: string;
}

async function judged(facts: Facts, state: SyncedType['state'], { reason, detail, hint }: Words): Promise<CheckResult> {
  const status = await syncStatus(facts);
  const untold = nothingTold(status);
  if (untold) return untold;
  const proxies = [...status.proxies.values()].filter(({ namespace }) => facts.namespace === undefined || namespace === facts.namespace);
  const affected = proxies.flatMap((proxy) => {
    const types = proxy.types.filter((type) => type.state === state && isLate(type, facts.now));
    return types.length === 0 ? [] : [{ resource: podOf(proxy), detail: types.map(detail).join(' ') }];
  });
  const [first] = affected;
  if (!first) return { is: 'ok', reason: `${proxiesOf(proxies.length)}.` };
  const { namespace, name } = first.resource;
  return {
    is: 'failed',
    reason: reason(affected.length, proxiesOf(proxies.length)),
    hint: `Run "kubectl -n ${namespace} logs ${name} -c ${PROXY}". ${hint}`,
    affected,
  };
}

/** Without a time nobody can tell what is late from what is on its way. */
function isLate({ state, sentAt }: SyncedType, now: number): boolean {
  return state === 'rejected' || (sentAt !== undefined && now - sentAt > STALE_MS);
}

function podOf({ namespace, name }: SyncedProxy): Affected['resource'] {
  return { apiVersion: 'v1', kind: POD, namespace, name };
}

function nothingTold({ told, isWhole }: SyncStatus): CheckResult | undefined {
  if (told > 0) return undefined;
  if (isWhole) return { is: 'skipped', reason: NONE_READY };
  return {
    is: 'skipped',
    reason: 'No istiod tells what it knows of its proxies.',
    hint: 'Run "meshctl check --only istio/control-plane-answers": the same port tells the state of proxies at /debug/syncz.',
  };
}

const oneLine = (text: string): string => {
  const line = text.trim().replace(/\s+/g, ' ');
  if (line.length > MOST_WORDS) return `${line.slice(0, MOST_WORDS)}…`;
  return line.endsWith('.') ? line : `${line}.`;
};
const MOST_WORDS = 300;

function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 120) return count(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? count(hours, 'hour') : count(Math.floor(hours / 24), 'day');
}

const proxiesConnected: Check = {
  id: 'istio/data-plane-proxies-connected',
  category: 'data-plane',
  title: 'Every proxy that runs is connected to a control plane.',
  why: 'A proxy that is not connected gets no changes, and its certificate runs out within a day.',
  settles: true,
  docs: DOCS,
  needs: [CONTROL_PLANE_EXISTS],
  reads: [POD],
  run: async (facts) => {
    const status = await syncStatus(facts);
    const untold = nothingTold(status);
    if (untold) return untold;
    if (!status.isWhole) return { is: 'skipped', reason: 'Not every istiod told which proxies it is connected to.' };
    const expected = await expectedPods(facts);
    const missing = await stillMissing(
      facts,
      expected.filter((pod) => !isListed(status, pod)),
    );
    const [first] = missing;
    if (!first) return { is: 'ok', reason: `${expected.length} of ${expected.length}.` };
    return {
      is: 'failed',
      reason: `${missing.length} of ${proxiesOf(expected.length)}: no istiod of this cluster is connected to it.`,
      hint: `Run "kubectl -n ${first.namespace} logs ${first.name} -c ${PROXY}" for why it cannot reach istiod on port 15012; a NetworkPolicy, or a certificate of another authority, are the usual causes.`,
      affected: missing.map((resource) => ({ resource, detail: 'No istiod knows its proxy.' })),
    };
  },
};

const proxiesOf = (number: number): string => `${number} ${number === 1 ? 'proxy' : 'proxies'}`;

/** Pods whose proxies are settled and belong to an istiod of this cluster. */
async function expectedPods(facts: Facts): Promise<readonly Resource[]> {
  const planes = await controlPlanes(facts);
  return (await proxyPods(facts)).flatMap(({ pod }) =>
    containerStatus(pod, PROXY)?.['ready'] === true && isSettled(pod, facts.now) && asksIstiodHere(pod, planes) ? [pod] : [],
  );
}

export const proxySyncChecks: readonly Check[] = [proxiesConnected, configurationAccepted, configurationCurrent];

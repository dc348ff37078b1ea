/** Kuma's proxies as its control plane knows them: a Dataplane is what a proxy is to do, an insight how it fares. */
import { booleanAt, itemsAt } from '../../../model/body.ts';
import type { Affected, Check, Facts } from '../../../model/check.ts';
import type { Ref, Resource } from '../../../model/resource.ts';
import { count } from '../../../text/words.ts';
import { containerStatus } from '../../checks/pods.ts';
import { needingPlane, proxiesOf } from '../../checks/sidecar-mesh.ts';
import { isStarting, POD } from '../../checks/sidecars.ts';
import { type Answers, type Connection, connectionOf, DATAPLANE, DATAPLANE_INSIGHT, endedAt } from '../insights.ts';
import { kumaMesh, ofThisCluster, SIDECAR } from '../sidecar-mesh.ts';
import { DEFINITIONS_SERVED } from './control-plane.ts';

const keyOf = ({ namespace, name }: Pick<Ref, 'namespace' | 'name'>): string => `${namespace}/${name}`;
const byKey = (resources: readonly Resource[]): ReadonlyMap<string, Resource> => new Map(resources.map((each) => [keyOf(each), each]));

/** Pods whose proxy has run for a while, so that it should be connected. Those of other trouble are told by other checks. */
async function settledPods(facts: Facts): Promise<readonly Resource[]> {
  return (await proxiesOf(kumaMesh, facts))
    .map(({ pod }) => pod)
    .filter((pod) => containerStatus(pod, SIDECAR)?.['ready'] === true && !isStarting(pod, facts.now));
}

/** Zone proxies have objects of other kinds. */
const isZoneProxy = ({ annotations, labels }: Resource): boolean =>
  ['kuma.io/ingress', 'kuma.io/egress'].some((key) => annotations[key] === 'enabled') ||
  labels['k8s.kuma.io/zone-proxy-type'] !== undefined;

const podsRegistered = needingPlane(kumaMesh, {
  id: 'kuma/data-plane-pods-registered',
  category: 'data-plane',
  title: 'Every pod with a proxy has its Dataplane, and every Dataplane its pod.',
  why: 'A proxy without a Dataplane gets no configuration; a Dataplane without a pod is an endpoint that nobody answers at.',
  docs: 'https://kuma.io/docs/latest/production/dp-config/dpp-on-kubernetes/',
  settles: true,
  needs: [DEFINITIONS_SERVED],
  reads: [POD, DATAPLANE],
  run: async (facts) => {
    const dataplanes = await ofThisCluster(facts, DATAPLANE);
    const known = byKey(dataplanes);
    const pods = byKey(await facts.scoped(POD));
    const unknown = (await settledPods(facts)).filter((pod) => !isZoneProxy(pod) && !known.has(keyOf(pod)));
    const orphans = dataplanes.filter((dataplane) => !pods.has(keyOf(dataplane)));
    const [first] = unknown;
    if (!first && orphans.length === 0) return { is: 'ok', reason: `${count(dataplanes.length, 'Dataplane')}.` };
    return {
      is: first ? 'failed' : 'warning',
      reason: first
        ? 'Pods with a proxy have no Dataplane, so that they get no configuration.'
        : 'Dataplanes are left of pods that are gone, and get requests.',
      hint: first
        ? `Look for events of pod "${keyOf(first)}" and in the log of the control plane, such as that the Mesh of the pod does not exist.`
        : `Run "kubectl -n ${orphans[0]?.namespace} delete dataplane ${orphans[0]?.name}".`,
      affected: [
        ...unknown.map((resource) => ({ resource, detail: 'It has no Dataplane.' })),
        ...orphans.map((resource) => ({ resource, detail: 'Its pod does not exist.' })),
      ],
    };
  },
});

/** How long a proxy may take to connect again, as when the control plane restarts. */
const RECONNECTING_MS = 60_000;

const proxiesOnline = needingPlane(kumaMesh, {
  id: 'kuma/data-plane-proxies-online',
  category: 'data-plane',
  title: 'Every proxy is connected to the control plane.',
  why: 'A proxy that is not connected keeps its last configuration: it learns of no new endpoint, policy or certificate.',
  docs: 'https://kuma.io/docs/latest/production/dp-config/dpp/',
  settles: true,
  needs: [DEFINITIONS_SERVED],
  reads: [POD, DATAPLANE, DATAPLANE_INSIGHT],
  run: async (facts) => {
    const [dataplanes, insights] = [byKey(await ofThisCluster(facts, DATAPLANE)), byKey(await ofThisCluster(facts, DATAPLANE_INSIGHT))];
    const pods = (await settledPods(facts)).filter((pod) => dataplanes.has(keyOf(pod)));
    const affected = pods.flatMap((resource): readonly Affected[] => {
      const insight = insights.get(keyOf(resource));
      if (insight && connectionOf(insight)) return [];
      const ended = endedAt(itemsAt(insight?.body, 'status', 'subscriptions'));
      if (ended === undefined) return [{ resource, detail: 'Its proxy has never connected.' }];
      if (facts.now - ended < RECONNECTING_MS) return [];
      return [{ resource, detail: `Its proxy has been away since ${new Date(ended).toISOString()}.` }];
    });
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${pods.length} of ${pods.length}.` };
    return {
      is: 'failed',
      reason: `Not connected: ${affected.length} of ${pods.length === 1 ? '1 proxy' : `${pods.length} proxies`}.`,
      hint: `Run "kubectl -n ${first.resource.namespace} logs ${first.resource.name} -c ${SIDECAR}": it tells why the control plane is not reached.`,
      affected,
    };
  },
});

/** How long a proxy may take to answer. */
const ANSWERING_MS = 60_000;

const configurationAccepted = needingPlane(kumaMesh, {
  id: 'kuma/data-plane-configuration-accepted',
  category: 'data-plane',
  title: 'Every proxy has accepted all configuration that it was sent since it connected.',
  why: 'A proxy that rejects configuration goes on with the last that it accepted, and policies do not take effect.',
  docs: 'https://kuma.io/docs/latest/explore/observability/',
  needs: [DEFINITIONS_SERVED],
  reads: [DATAPLANE_INSIGHT],
  run: async (facts) => {
    const connected = (await connections(facts)).map(({ insight, connection }) => ({ insight, ...judge(connection, facts.now) }));
    const affected = connected.flatMap(({ insight, detail }) => (detail === undefined ? [] : [{ resource: insight, detail }]));
    const [first] = affected;
    if (!first)
      return { is: 'ok', reason: connected.length === 0 ? 'No proxy is connected.' : `${connected.length} of ${connected.length}.` };
    return {
      is: 'warning',
      reason: `${affected.length} of ${connected.length} connected proxies ${affected.length === 1 ? 'has' : 'have'} rejected configuration, or not answered.`,
      hint: `Run "kubectl -n ${first.resource.namespace} logs ${first.resource.name} -c ${SIDECAR}" to see what is rejected; a MeshProxyPatch is the usual cause. The counts begin anew when the proxy connects again.`,
      affected,
    };
  },
});

async function connections(facts: Facts): Promise<readonly { readonly insight: Resource; readonly connection: Connection }[]> {
  return (await ofThisCluster(facts, DATAPLANE_INSIGHT)).flatMap((insight) => {
    const connection = connectionOf(insight);
    return connection ? [{ insight, connection }] : [];
  });
}

/** Counts only grow while a proxy is connected, so that an old rejection cannot be told from one that lasts. */
function judge({ answers, updatedAt }: Connection, now: number): { readonly detail: string | undefined } {
  const rejected = answers.filter((each) => each.rejected > 0);
  if (rejected.length > 0) return { detail: `It rejected ${rejected.map(part).join(' and ')}.` };
  const open = answers.filter(({ sent, acknowledged }) => sent > acknowledged);
  if (open.length === 0 || !(now - updatedAt > ANSWERING_MS)) return { detail: undefined };
  return { detail: `It has not answered the last ${open.map(({ type }) => type).join(' and ')} update.` };
}

const part = ({ type, rejected, sent }: Answers): string => `${rejected} of ${sent} ${type} ${sent === 1 ? 'update' : 'updates'}`;

export const envoysCompatible: Check = needingPlane(kumaMesh, {
  id: 'kuma/data-plane-envoys-compatible',
  category: 'versions',
  title: 'Every proxy runs a version of Envoy that its kuma-dp is made for.',
  why: 'Another Envoy may not know the configuration that it is sent.',
  docs: 'https://kuma.io/docs/latest/production/upgrades-tuning/upgrades/',
  needs: [DEFINITIONS_SERVED],
  reads: [DATAPLANE_INSIGHT],
  run: async (facts) => {
    const stated = (await connections(facts)).map(({ insight, connection: { version } }) => ({
      insight,
      isCompatible: booleanAt(version, 'envoy', 'kumaDpCompatible') === true,
    }));
    if (stated.length === 0) return { is: 'ok', reason: 'No proxy is connected.' };
    // What is false is left out of the object, and so is what an old control plane did not know.
    if (!stated.some(({ isCompatible }) => isCompatible)) return { is: 'skipped', reason: 'The control plane does not tell.' };
    const affected = stated
      .filter(({ isCompatible }) => !isCompatible)
      .map(({ insight }) => ({ resource: insight, detail: 'Its Envoy is of another version.' }));
    if (affected.length === 0) return { is: 'ok', reason: `${stated.length} of ${stated.length}.` };
    return {
      is: 'warning',
      reason: `${affected.length} of ${stated.length} proxies run a version of Envoy that their kuma-dp is not made for.`,
      hint: 'Use the image of kuma-dp as it is published, which brings its Envoy, and restart the workloads.',
      affected,
    };
  },
});

export const proxyChecks: readonly Check[] = [podsRegistered, proxiesOnline, configurationAccepted];

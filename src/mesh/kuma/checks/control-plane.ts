/** What Kuma's control plane works with: its definitions, its Meshes, its zones, its CNI plugin. */
import { booleanAt, itemsAt } from '../../../model/body.ts';
import type { Affected, Check, CheckResult, Facts } from '../../../model/check.ts';
import type { Kind } from '../../../model/resource.ts';
import { shortKind } from '../../../model/resource.ts';
import { count, quotedList } from '../../../text/words.ts';
import { rolloutsReady } from '../../checks/rollouts.ts';
import { corePlanes, needingPlane } from '../../checks/sidecar-mesh.ts';
import { NAMESPACE } from '../../checks/sidecars.ts';
import { DATAPLANE, DATAPLANE_INSIGHT, endedAt, isOnline } from '../insights.ts';
import { environmentOf, isCni, kumaMesh, modeOf } from '../sidecar-mesh.ts';

const MESH: Kind = 'kuma.io/Mesh';
const ZONE: Kind = 'kuma.io/Zone';
const ZONE_INSIGHT: Kind = 'kuma.io/ZoneInsight';
const DAEMON_SET: Kind = 'apps/DaemonSet';

export const DEFINITIONS_SERVED = 'kuma/definitions-served';

const definitionsServed = needingPlane(kumaMesh, {
  id: DEFINITIONS_SERVED,
  category: 'control-plane',
  title: 'The definitions (CRDs) that Kuma stores its state in are served.',
  why: 'The control plane can neither note its proxies nor read its policies without them.',
  docs: kumaMesh.docs.install,
  run: async (facts) => {
    const served = await facts.kinds();
    const missing = [MESH, DATAPLANE, DATAPLANE_INSIGHT].filter((kind) => !served.has(kind));
    if (missing.length === 0) return { is: 'ok' };
    return {
      is: 'failed',
      reason: `The API server does not serve ${quotedList(missing.map(shortKind))} of "kuma.io".`,
      hint: 'Run "kumactl install crds | kubectl apply -f -", or upgrade the release: its chart brings the definitions.',
    };
  },
});

const meshExists = needingPlane(kumaMesh, {
  id: 'kuma/mesh-exists',
  category: 'control-plane',
  title: 'There is at least one Mesh.',
  why: 'A proxy belongs to a Mesh: without one, pods that are to be injected are refused.',
  docs: 'https://kuma.io/docs/latest/production/mesh/',
  settles: true,
  needs: [DEFINITIONS_SERVED],
  reads: [MESH, NAMESPACE],
  run: async (facts) => {
    const names = (await facts.list(MESH)).map(({ name }) => name);
    if (names.length > 0) return { is: 'ok', reason: `${quotedList(names)}.` };
    const marked = (await facts.list(NAMESPACE)).filter((namespace) => kumaMesh.marks(namespace));
    return {
      is: marked.length > 0 ? 'failed' : 'warning',
      reason: marked.length > 0 ? 'There is no Mesh, so that new pods of namespaces with injection are refused.' : 'There is no Mesh.',
      hint: 'Create one: apiVersion "kuma.io/v1alpha1", kind "Mesh", name "default".',
      affected: marked.map((resource) => ({ resource, detail: 'Its new pods are refused.' })),
    };
  },
});

const zonesConnected = needingPlane(kumaMesh, {
  id: 'kuma/zones-connected',
  category: 'control-plane',
  title: 'Every zone is connected to the global control plane.',
  why: 'A zone that is not connected works on with the policies and the services of other zones that it knew last.',
  docs: 'https://kuma.io/docs/latest/production/cp-deployment/multi-zone/',
  settles: true,
  needs: [DEFINITIONS_SERVED],
  reads: [ZONE, ZONE_INSIGHT],
  run: async (facts) => {
    if (!(await corePlanes(kumaMesh, facts)).some((plane) => modeOf(plane) === 'global')) {
      return { is: 'ok', reason: 'No global control plane runs in this cluster.' };
    }
    const zones = (await facts.list(ZONE)).filter(({ body }) => booleanAt(body, 'spec', 'enabled') !== false);
    const insights = new Map((await facts.list(ZONE_INSIGHT)).map((insight) => [insight.name, insight]));
    const affected = zones.flatMap((resource): readonly Affected[] => {
      const subscriptions = itemsAt(insights.get(resource.name)?.body, 'spec', 'subscriptions');
      if (isOnline(subscriptions)) return [];
      const ended = endedAt(subscriptions);
      return [
        { resource, detail: ended === undefined ? 'It has never connected.' : `It has been away since ${new Date(ended).toISOString()}.` },
      ];
    });
    if (affected.length === 0) return { is: 'ok', reason: `${count(zones.length, 'zone')}.` };
    return {
      is: 'failed',
      reason: `${affected.length} of ${count(zones.length, 'zone')} ${affected.length === 1 ? 'is' : 'are'} not connected.`,
      hint: `Look at the log of the control plane of zone "${affected[0]?.resource.name}", and whether it reaches the global one at its "kdsGlobalAddress"; set "spec.enabled" of a Zone that is gone to false.`,
      affected,
    };
  },
});

const cniReady = needingPlane(kumaMesh, {
  id: 'kuma/cni-ready',
  category: 'control-plane',
  title: 'The CNI plugin, where the control plane relies on it, runs on every node.',
  why: 'On a node without the plugin nothing redirects the traffic of new pods to their proxies.',
  docs: 'https://kuma.io/docs/latest/production/dp-config/cni/',
  settles: true,
  reads: [DAEMON_SET],
  run: cni,
});

async function cni(facts: Facts): Promise<CheckResult> {
  const daemons = (await facts.list(DAEMON_SET)).filter(isCni);
  if (daemons.length > 0) return rolloutsReady(daemons, ({ wanted, ready }) => wanted > 0 && ready === 0);
  const reliant = (await corePlanes(kumaMesh, facts)).filter(
    (plane) => environmentOf(plane)('KUMA_RUNTIME_KUBERNETES_INJECTOR_CNI_ENABLED') === 'true',
  );
  if (reliant.length === 0) return { is: 'ok', reason: 'Kuma does without: init containers redirect the traffic.' };
  return {
    is: 'failed',
    reason: 'The control plane relies on a CNI plugin, and no DaemonSet of it is there.',
    hint: 'Upgrade the release with "cni.enabled=true", which brings the DaemonSet.',
    affected: reliant.map((resource) => ({ resource, detail: 'It injects pods without the init container that redirects traffic.' })),
  };
}

export const stateChecks: readonly Check[] = [definitionsServed, meshExists, zonesConnected, cniReady];

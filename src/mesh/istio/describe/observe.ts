/** The proxies that a description goes by, asked: the pod's own, or the ztunnel of its node, the waypoint, and gateways that lead to the service. */
import { stringAt } from '../../../model/body.ts';
import type { Facts } from '../../../model/check.ts';
import type { AskedProxy, Fact, Trouble } from '../../../model/describe.ts';
import { quotedRef, type Resource } from '../../../model/resource.ts';
import type { Workload } from '../../../model/workloads.ts';
import { LEAST_LEFT_OF_WORKLOADS, lifetimeOf } from '../../checks/certificates.ts';
import { podOf } from '../authz/in-proxies.ts';
import { type Enforcer, enforcersOf } from '../authz/policies.ts';
import { askEnvoy, askJson, type EnvoyConfig } from '../envoy-answers.ts';
import { gatewayWorkloads } from '../gateway-workloads.ts';
import { GATEWAY, VIRTUAL_SERVICE } from '../kinds.ts';
import { proxyOf } from '../pod-proxy.ts';
import { readZtunnelDump, type ZtunnelDump } from '../ztunnel.ts';
import { envoyTroubles } from './compare.ts';
import { ztunnelTroubles } from './compare-ztunnel.ts';
import { boundRoutes, gatewaysOfPods, leadsTo } from './gateways-section.ts';
import { named, type Scene } from './scene.ts';
import { syncedState } from './sync.ts';

export interface Observed {
  readonly proxies: readonly AskedProxy[];
  readonly facts: readonly Fact[];
  readonly troubles: readonly Trouble[];
}

/** A service may be behind any number of gateways; a few show what is wrong with all. */
const MOST_GATEWAYS = 2;

/** Replicas that istiod is asked about, which costs no call for each. */
const MOST_PODS = 50;

/** Of other replicas only whether they have what istiod sent. */
async function observeSync({ resource, isPod }: Workload, facts: Facts): Promise<Observed> {
  return isPod && proxyOf(resource) ? { ...NOTHING, troubles: (await syncedState(resource, facts)).troubles } : NOTHING;
}

const NOTHING: Observed = { proxies: [], facts: [], troubles: [] };

export async function observe(scene: Scene, facts: Facts): Promise<Observed> {
  const { workload } = scene;
  if (!workload?.isPod) return NOTHING;
  const enforcers = enforcersOf(workload, scene.services, scene.resources);
  const own = enforcers.map((enforcer) =>
    enforcer.kind === 'ztunnel' ? observeZtunnel(enforcer, workload, scene, facts) : observeEnvoy(enforcer, workload, scene, facts),
  );
  const gateways = scene.isGateway ? [] : gatewayPods(scene).map((pod) => observeGateway(pod, scene, facts));
  const others = scene.workloads.slice(1, MOST_PODS).map((each) => observeSync(each, facts));
  return joined(await Promise.all([...own, ...gateways, ...others]));
}

const joined = (parts: readonly Observed[]): Observed => ({
  proxies: parts.flatMap(({ proxies }) => proxies),
  facts: parts.flatMap((part) => part.facts),
  troubles: parts.flatMap(({ troubles }) => troubles),
});

const askedOf = ({ namespace, name }: Resource, silence?: string): AskedProxy => ({
  namespace,
  pod: name,
  ...(silence === undefined ? {} : { silence }),
});

async function observeEnvoy(enforcer: Enforcer, workload: Workload, scene: Scene, facts: Facts): Promise<Observed> {
  const pod = enforcer.kind === 'nobody' ? undefined : podOf(enforcer, workload, scene.resources);
  if (!pod || proxyOf(pod) === undefined) return NOTHING;
  const [answer, synced] = await Promise.all([askEnvoy(pod, facts), syncedState(pod, facts)]);
  if (answer.is === 'silent') return { ...synced, proxies: [askedOf(pod, answer.because)] };
  const kind = enforcer.kind === 'waypoint' || enforcer.kind === 'gateway' ? enforcer.kind : 'sidecar';
  const only = scene.isService || kind === 'waypoint' ? scene.entries : undefined;
  const found = envoyTroubles({
    ...{ pod, workload, config: answer.value, resources: scene.resources, kind, only, now: facts.now },
    waypoint: kind === 'waypoint' ? enforcer.gateway : undefined,
    gateways: gatewaysOfPods(scene),
  });
  const told = new Set(found.map(({ id }) => id));
  return {
    proxies: [askedOf(pod)],
    facts: [...synced.facts, ...certificateFacts(pod, answer.value, facts.now)].map((fact) =>
      pod === workload.resource ? fact : { ...fact, subject: 'waypoint', value: `${fact.subject} ${fact.value}` },
    ),
    // What the proxy itself says of a refusal says more than istiod.
    troubles: [...found, ...synced.troubles.filter(({ id }) => id !== 'istio/configuration-refused' || !told.has(id))],
  };
}

function certificateFacts(pod: Resource, { secrets }: EnvoyConfig, now: number): readonly Fact[] {
  const own = secrets.find(({ name, type }) => name === 'default' && type === 'certificate');
  if (own?.notAfter === undefined || own.notBefore === undefined) return [];
  const { words } = lifetimeOf({ notBefore: own.notBefore, notAfter: own.notAfter }, now, LEAST_LEFT_OF_WORKLOADS);
  return [{ subject: 'certificate', value: `${words}: ${own.subjectAltNames.join(', ')}`, from: [named(pod)] }];
}

/** One pod of each of the gateways whose routes lead to the service. */
function gatewayPods(scene: Scene): readonly Workload[] {
  const { entries, resources } = scene;
  if (entries.length === 0) return [];
  const known = resources.derive(gatewayWorkloads);
  const leading = resources.all(GATEWAY).filter((gateway) => boundRoutes(gateway, resources).some((route) => leadsTo(route, scene)));
  const pods = leading.flatMap((gateway) =>
    known
      .of(gateway)
      .filter(({ isPod, resource }) => isPod && proxyOf(resource) !== undefined)
      .slice(0, 1),
  );
  return [...new Set(pods)].slice(0, MOST_GATEWAYS);
}

async function observeGateway(workload: Workload, scene: Scene, facts: Facts): Promise<Observed> {
  const pod = workload.resource;
  const answer = await askEnvoy(pod, facts);
  if (answer.is === 'silent') return { ...NOTHING, proxies: [askedOf(pod, answer.because)] };
  const gateways = gatewaysOfPods({ ...scene, workload });
  const found = envoyTroubles({
    pod,
    workload,
    config: answer.value,
    resources: scene.resources,
    kind: 'gateway',
    gateways,
    only: scene.entries,
    now: facts.now,
  });
  return { facts: [], proxies: [askedOf(pod)], troubles: found.filter((trouble) => concerns(trouble, scene)) };
}

/** Of a gateway only what becomes of requests for the service; its policies and certificates are its own matter. */
function concerns({ id, objects }: Trouble, scene: Scene): boolean {
  if (id === 'istio/no-healthy-endpoints' || id === 'istio/object-gone') return true;
  const routes = scene.resources
    .all(VIRTUAL_SERVICE)
    .filter((route) => leadsTo(route, scene))
    .map((route) => `${route.namespace}/${route.name}`);
  return (
    id === 'istio/route-missing' &&
    objects.some(({ kind, namespace, name }) => kind === 'VirtualService' && routes.includes(`${namespace}/${name}`))
  );
}

async function observeZtunnel(enforcer: Enforcer, workload: Workload, scene: Scene, facts: Facts): Promise<Observed> {
  const pod = podOf(enforcer, workload, scene.resources);
  if (!pod) {
    const node = stringAt(workload.podSpec, 'nodeName') ?? 'its node';
    const message = `No ztunnel runs on ${node}, so that ${quotedRef(workload.resource)} is not in the mesh.`;
    const hint = 'Run "meshctl check --only istio" for the state of ambient mode.';
    return {
      ...NOTHING,
      troubles: [
        { id: 'istio/ztunnel-missing', severity: 'error', isDifference: true, message, hint, objects: [named(workload.resource)] },
      ],
    };
  }
  const asked = await askJson(pod, 15_000, '/config_dump', facts);
  const dump: ZtunnelDump | undefined = asked.is === 'told' ? readZtunnelDump(asked.value) : undefined;
  if (!dump)
    return {
      ...NOTHING,
      proxies: [askedOf(pod, asked.is === 'silent' ? asked.because : `Pod "${pod.name}" tells nothing that a ztunnel would.`)],
    };
  const { facts: told, troubles } = ztunnelTroubles({ pod, workload, enforcer, dump, resources: scene.resources, now: facts.now });
  return { proxies: [askedOf(pod)], facts: told, troubles };
}

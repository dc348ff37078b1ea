/** Waypoints: the proxies of ambient mode that understand HTTP. */
import { itemsAt, numberAt, stringAt } from '../../../model/body.ts';
import type { Affected, Check, Facts } from '../../../model/check.ts';
import { concerns } from '../../../model/check-scope.ts';
import { type Kind, type Resource, shortKind } from '../../../model/resource.ts';
import { count, quotedList } from '../../../text/words.ts';
import { DEPLOYMENT, KUBERNETES_GATEWAY, NAMESPACE, POD, SERVICE, SERVICE_ENTRY } from '../kinds.ts';
import { GATEWAY_NAME } from '../policy-targets.ts';

const DOCS = 'https://istio.io/latest/docs/ambient/usage/waypoint/';
const API = 'kubernetes/api-reachable';
const CLASS = 'istio-waypoint';
const USE = 'istio.io/use-waypoint';
const USE_NAMESPACE = 'istio.io/use-waypoint-namespace';

const isWaypoint = ({ body }: Resource): boolean => stringAt(body, 'spec', 'gatewayClassName') === CLASS;

async function waypoints(facts: Facts): Promise<readonly Resource[]> {
  return (await facts.list(KUBERNETES_GATEWAY)).filter(isWaypoint);
}

const waypointsReady: Check = {
  id: 'istio/ambient-waypoints-ready',
  category: 'data-plane',
  title: 'Every waypoint is programmed, and its Deployment is ready.',
  why: 'What is meant to go through the waypoint does not arrive while it is not ready.',
  settles: true,
  docs: DOCS,
  needs: [API],
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const own = (await waypoints(facts)).filter((waypoint) => concerns(facts, waypoint));
    if (own.length === 0) return { is: 'ok', reason: 'There is no waypoint.' };
    const deployments = await facts.list(DEPLOYMENT);
    const affected = own.flatMap((waypoint) => troubleOf(waypoint, deployments));
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${quotedList(own.map(({ namespace, name }) => `${namespace}/${name}`))}.` };
    const { namespace, name } = first.resource;
    return {
      is: 'failed',
      reason: `Not ready: ${affected.length} of ${count(own.length, 'waypoint')}.`,
      hint: `Run "kubectl -n ${namespace} describe gateways.gateway.networking.k8s.io ${name}" and "kubectl -n ${namespace} get pods -l ${GATEWAY_NAME}=${name}".`,
      affected,
    };
  },
};

function troubleOf(waypoint: Resource, deployments: readonly Resource[]): readonly Affected[] {
  const conditions = itemsAt(waypoint.body, 'status', 'conditions');
  const programmed = conditions.find(({ item }) => item['type'] === 'Programmed')?.item;
  if (programmed?.['status'] !== 'True') {
    const why = stringAt(programmed, 'message') ?? stringAt(programmed, 'reason');
    return [{ resource: waypoint, detail: `It is not programmed${why ? `: ${why}` : '.'}` }];
  }
  const own = deployments.filter(({ namespace, labels }) => namespace === waypoint.namespace && labels[GATEWAY_NAME] === waypoint.name);
  const unready = own.find(({ body }) => (numberAt(body, 'status', 'readyReplicas') ?? 0) < (numberAt(body, 'spec', 'replicas') ?? 1));
  if (!unready) return [];
  const ready = numberAt(unready.body, 'status', 'readyReplicas') ?? 0;
  return [
    {
      resource: waypoint,
      detail: `Its Deployment "${unready.name}" has ${ready} of ${numberAt(unready.body, 'spec', 'replicas') ?? 1} replicas ready.`,
    },
  ];
}

const USERS: readonly Kind[] = [NAMESPACE, SERVICE, SERVICE_ENTRY, POD];

const waypointsExist: Check = {
  id: 'istio/ambient-waypoints-exist',
  category: 'data-plane',
  title: `Every waypoint that a label ${USE} names exists.`,
  why: 'ztunnel goes on without it, so that policies and routes of HTTP are not applied.',
  docs: DOCS,
  needs: [API],
  reads: [NAMESPACE, SERVICE, POD],
  run: async (facts) => {
    const gateways = new Set((await facts.list(KUBERNETES_GATEWAY)).map(({ namespace, name }) => `${namespace}/${name}`));
    const users = (await Promise.all(USERS.map((kind) => facts.list(kind)))).flat().filter((each) => concerns(facts, each));
    const named = users.flatMap((user) => {
      const waypoint = waypointNamedBy(user);
      return waypoint === undefined ? [] : [{ user, waypoint }];
    });
    const affected = named.flatMap(({ user, waypoint }): readonly Affected[] =>
      gateways.has(waypoint) ? [] : [{ resource: user, detail: `Its label names waypoint "${waypoint}", which does not exist.` }],
    );
    const [first] = affected;
    if (!first) return { is: 'ok', reason: named.length === 0 ? 'No label names one.' : `${count(named.length, 'label')}.` };
    const { kind, namespace, name } = first.resource;
    const inside = namespace === '' ? '' : `-n ${namespace} `;
    return {
      is: 'failed',
      reason: `${affected.length} of ${count(named.length, 'label')} ${USE}: there is no such waypoint.`,
      hint: `Create the waypoint, or remove the label: "kubectl ${inside}label ${shortKind(kind).toLowerCase()} ${name} ${USE}-".`,
      affected,
    };
  },
};

/** `shop/waypoint`; undefined without a label, and for `none`, which means to use none. */
function waypointNamedBy({ kind, namespace, name, labels }: Resource): string | undefined {
  const waypoint = labels[USE];
  if (!waypoint || waypoint === 'none') return undefined;
  return `${labels[USE_NAMESPACE] || (kind === NAMESPACE ? name : namespace)}/${waypoint}`;
}

export const waypointChecks: readonly Check[] = [waypointsReady, waypointsExist];

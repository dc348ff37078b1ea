/** What the pods are to the mesh: identity, proxy, revision, and why it is so. */

import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Fact, Section } from '../../../model/describe.ts';
import { friendlyName, type Resource } from '../../../model/resource.ts';
import type { Workload } from '../../../model/workloads.ts';
import { isReady } from '../checks/istiod.ts';
import { dataplaneOf } from '../dataplane.ts';
import { type InjectionOutcome, injection, isAmbientNamespace } from '../injection.ts';
import { KUBERNETES_GATEWAY, NAMESPACE } from '../kinds.ts';
import { meshConfig } from '../mesh-config.ts';
import { waypointOf } from '../waypoints.ts';
import { REVISION_LABEL } from '../webhooks.ts';
import { imageVersion } from './image-version.ts';
import { named, type Scene } from './scene.ts';

export function workloadSection(scene: Scene): Section {
  const { workload } = scene;
  return { id: 'workload', title: 'Workload', facts: workload ? factsOf(workload, scene) : noPods(scene) };
}

const noPods = ({ target, isService }: Scene): readonly Fact[] => [
  {
    subject: 'pods',
    value: isService && stringAt(target.body, 'spec', 'type') === 'ExternalName' ? 'none: it is an alias of a name outside' : 'none',
    from: [named(target)],
  },
];

function factsOf(workload: Workload, scene: Scene): readonly Fact[] {
  const { resources, workloads, isGateway } = scene;
  const account = stringAt(workload.podSpec, 'serviceAccountName') || 'default';
  const { trustDomain } = resources.derive(meshConfig);
  const identity = `spiffe://${trustDomain}/ns/${workload.namespace}/sa/${account}`;
  const ready = workloads.filter(({ resource }) => isReady(resource)).length;
  return [
    {
      subject: 'pods',
      value: workload.isPod ? `${ready} of ${workloads.length} ready` : `as ${friendlyName(workload.resource)} makes them`,
      from: workloads.slice(0, 10).map(({ resource }) => named(resource)),
      details: workload.isPod ? [...unready(workloads), ...withoutProxy(workload, scene)] : [],
    },
    {
      subject: 'identity',
      value: dataplaneOf(workload, resources) === 'none' ? `none, as there is no proxy that would show ${identity}` : identity,
      from: [named(workload.resource)],
    },
    isGateway ? { subject: 'proxy', value: `the pod is a gateway: a proxy and nothing else`, from: [] } : dataplaneFact(workload, scene),
    ...versionFacts(workload, scene),
    ...(isGateway ? [] : waypointFacts(workload, scene)),
  ];
}

const unready = (pods: readonly Workload[]): readonly string[] =>
  pods
    .filter(({ resource }) => !isReady(resource))
    .slice(0, 5)
    .map(({ resource }) => unreadyText(resource));

/** Replicas that are not like the first. */
function withoutProxy(workload: Workload, { workloads, resources }: Scene): readonly string[] {
  const first = dataplaneOf(workload, resources);
  const others = workloads.filter((each) => dataplaneOf(each, resources) !== first);
  const names = others.slice(0, 3).map(({ name }) => name);
  return others.length === 0
    ? []
    : [`${others.length} of them differ in their proxy: ${names.join(', ')}${others.length > 3 ? ', …' : ''}`];
}

function unreadyText({ name, body }: Resource): string {
  const waiting = itemsAt(body, 'status', 'containerStatuses').find(({ item }) => item['ready'] !== true)?.item;
  const why = stringAt(waiting, 'state', 'waiting', 'reason') ?? stringAt(body, 'status', 'phase') ?? 'unknown';
  return `${name} is not ready: ${why}${waiting ? ` (container ${stringAt(waiting, 'name')})` : ''}`;
}

const LEFT_OUT: Readonly<Record<Extract<InjectionOutcome, { is: 'left-out' }>['because'], string>> = {
  'host-network': "it is on the host's network",
  'system-namespace': 'its namespace belongs to Kubernetes',
  'opted-out': 'its label or annotation sidecar.istio.io/inject is "false"',
  policy: "the injector's policy leaves it out",
  'no-webhook': 'its labels and those of its namespace ask for none',
};

function dataplaneFact(workload: Workload, { resources }: Scene): Fact {
  const known = resources.derive(injection);
  const dataplane = dataplaneOf(workload, resources);
  const outcome = known.onCreation(workload);
  const namespace = resources.get(NAMESPACE, '', workload.namespace);
  const from = namespace ? [named(namespace)] : [];
  if (dataplane === 'ambient') {
    const because =
      namespace && isAmbientNamespace(namespace.labels) ? 'its namespace is in ambient mode' : 'its labels ask for ambient mode';
    return { subject: 'proxy', value: `ztunnel of its node: ${because}`, from };
  }
  if (dataplane === 'sidecar') {
    const revision =
      workload.annotations[REVISION_LABEL] ?? workload.labels[REVISION_LABEL] ?? (outcome.is === 'injected' ? outcome.revision : undefined);
    const details =
      workload.isPod && outcome.is === 'left-out' ? [`a pod that is created now would get none: ${LEFT_OUT[outcome.because]}`] : [];
    return { subject: 'proxy', value: `sidecar${revision === undefined ? '' : `, revision ${revision}`}`, from, details };
  }
  if (dataplane === 'unknown') return { subject: 'proxy', value: 'not known: the input does not tell whether it gets one', from };
  const because =
    outcome.is === 'left-out'
      ? LEFT_OUT[outcome.because]
      : outcome.is === 'injected'
        ? 'it was created before injection'
        : 'the input does not tell why';
  return { subject: 'proxy', value: `none: ${because}`, from };
}

function versionFacts({ resource, isPod }: Workload, scene: Scene): readonly Fact[] {
  const version = isPod ? imageVersion(resource) : undefined;
  return version === undefined || scene.workload === undefined
    ? []
    : [{ subject: 'proxy version', value: version, from: [named(resource)] }];
}

function waypointFacts(workload: Workload, { resources, services }: Scene): readonly Fact[] {
  const uses = [
    ...services.map((service) => ({ whose: friendlyName(service), use: waypointOf(service, service.labels, 'service', resources) })),
    { whose: 'the pods themselves', use: waypointOf(workload.resource, workload.labels, 'workload', resources) },
  ];
  return uses.flatMap(({ whose, use }) => {
    if (!use) return [];
    const absent = resources.whole(KUBERNETES_GATEWAY) ? ', which does not exist: traffic goes past it' : ', which the input does not hold';
    const missing = use.gateway ? '' : absent;
    return [
      {
        subject: 'waypoint',
        value: `${use.namespace}/${use.name} for ${whose}${missing}`,
        from: [named(use.askedBy), ...(use.gateway ? [named(use.gateway)] : [])],
      },
    ];
  });
}

/** Whether Istio can be installed, or upgraded. */
import { booleanAt, itemsAt, stringAt } from '../../../model/body.ts';
import type { Check } from '../../../model/check.ts';
import { type Kind, type Resource, shortKind } from '../../../model/resource.ts';
import { resourceSet } from '../../../model/resource-set.ts';
import { parseVersion } from '../../../text/semver.ts';
import { count, quotedList } from '../../../text/words.ts';
import { laxWebhooks } from '../../checks/webhooks.ts';
import {
  CONFIG_MAP,
  CRD,
  DAEMON_SET,
  DEPLOYMENT,
  MUTATING_WEBHOOK,
  NAMESPACE,
  SERVICE,
  SERVICE_ACCOUNT,
  VALIDATING_WEBHOOK,
} from '../kinds.ts';
import { validationWebhooks } from '../webhooks.ts';
import { type ControlPlane, controlPlanes, injectors } from './control-plane.ts';
import { NEWEST_RELEASE, releaseFor } from './releases.ts';

const API = 'kubernetes/api-reachable';
const ROOT_NAMESPACE = 'istio-system';
const PRE = { modes: ['pre'], needs: [API] } as const;

const CLUSTER_KINDS: readonly Kind[] = [
  NAMESPACE,
  CRD,
  MUTATING_WEBHOOK,
  VALIDATING_WEBHOOK,
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
];

const OWN_KINDS: readonly Kind[] = [
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
  SERVICE_ACCOUNT,
  SERVICE,
  CONFIG_MAP,
  DEPLOYMENT,
  DAEMON_SET,
  'autoscaling/HorizontalPodAutoscaler',
  'policy/PodDisruptionBudget',
];

const permissionsGranted: Check = {
  id: 'istio/pre-permissions-granted',
  category: 'control-plane',
  title: 'You may create every kind of object that an installation of Istio is made of.',
  why: 'An installation that may not create all of its objects stops half-way.',
  aliases: ['IST0141'],
  docs: 'https://istio.io/latest/docs/reference/config/analysis/ist0141/',
  ...PRE,
  run: async (facts) => {
    const [plane] = await controlPlanes(facts).catch(() => []);
    const namespace = plane?.deployment.namespace ?? ROOT_NAMESPACE;
    const questions = [
      ...CLUSTER_KINDS.map((kind) => ({ verb: 'create', kind })),
      ...OWN_KINDS.map((kind) => ({ verb: 'create', kind, namespace })),
    ];
    const answers = await facts.access(questions);
    const denied = questions.filter((_, index) => answers[index]?.allowed !== true).map(({ kind }) => shortKind(kind));
    if (denied.length === 0) return { is: 'ok', reason: `${count(questions.length, 'kind')}, those with a namespace in "${namespace}".` };
    return {
      is: 'failed',
      reason: `You may not create ${quotedList(denied, 20)}; namespace "${namespace}" was asked about.`,
      hint: `Ask for the ClusterRole "cluster-admin", or have somebody install Istio who has it: "kubectl auth can-i create ${denied[0]?.toLowerCase()}s -n ${namespace}" tells the same.`,
    };
  },
};

const kubernetesSupported: Check = {
  id: 'istio/pre-kubernetes-supported',
  category: 'versions',
  title: `A recent release of Istio supports the version of Kubernetes.`,
  why: 'Istio is not tested with older versions, and misses features of the API there.',
  aliases: ['IST0142'],
  docs: 'https://istio.io/latest/docs/releases/supported-releases/#support-status-of-istio-releases',
  ...PRE,
  run: async (facts) => {
    const text = await facts.version();
    const version = parseVersion(text);
    const [oldest, newest] = NEWEST_RELEASE.kubernetes;
    const supports = `Istio 1.${NEWEST_RELEASE.minor} supports 1.${oldest} to 1.${newest}`;
    if (!version) return { is: 'skipped', reason: `Kubernetes calls its version "${text}".` };
    if (version.major > 1 || version.minor >= oldest) return { is: 'ok', reason: `${text}; ${supports}.` };
    const older = releaseFor(version.minor, facts.now);
    return {
      is: older ? 'warning' : 'failed',
      reason: `Kubernetes is ${text}; ${supports}.`,
      hint: `Upgrade Kubernetes to 1.${oldest} at least${older ? `, or install Istio 1.${older.minor}, which supports it` : ''}.`,
    };
  },
};

/** Kinds that istiod reads in their stable version. */
const STABLE = ['gateways', 'gatewayclasses', 'httproutes', 'grpcroutes'];
const GATEWAY_GROUP = 'gateway.networking.k8s.io';

const gatewayApiSupported: Check = {
  id: 'istio/pre-gateway-api-supported',
  category: 'versions',
  title: 'The definitions of Gateway API, where installed, serve a version that Istio reads.',
  why: 'Istio does not see Gateways and routes of older versions.',
  aliases: ['IST0156', 'IST0172'],
  docs: 'https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/',
  reads: [CRD],
  ...PRE,
  run: async (facts) => {
    const names = [...STABLE, 'referencegrants'].map((plural) => `${plural}.${GATEWAY_GROUP}`);
    const installed = (await facts.list(CRD, { metadataOnly: true })).filter(({ name }) => names.includes(name));
    if (installed.length === 0)
      return { is: 'ok', reason: 'Gateway API is not installed: waypoints of ambient mode need it, sidecars do not.' };
    const definitions = (await Promise.all(installed.map(({ name }) => facts.get({ kind: CRD, namespace: '', name })))).flatMap(
      (each) => each ?? [],
    );
    const judged = definitions.map((definition) => ({ definition, versions: servedVersions(definition) }));
    const unread = judged.filter(({ versions }) => !versions.includes('v1') && !versions.includes('v1beta1'));
    const unstable = judged.filter(
      ({ definition, versions }) => !versions.includes('v1') && !definition.name.startsWith('referencegrants.'),
    );
    const bad = unread.length > 0 ? unread : unstable;
    const [first] = bad;
    if (!first) return { is: 'ok', reason: `${count(judged.length, 'definition')}.` };
    return {
      is: unread.length > 0 ? 'failed' : 'warning',
      reason:
        unread.length > 0
          ? 'Istio reads none of the versions that are served.'
          : 'Istio is about to read version "v1" only, which is not served.',
      hint: `Install the definitions of a newer release of Gateway API before Istio: "${first.definition.name}" is of ${first.definition.annotations[`${GATEWAY_GROUP}/bundle-version`] ?? 'an unknown release'}.`,
      affected: bad.map(({ definition, versions }) => ({ resource: definition, detail: `It serves ${quotedList(versions)}.` })),
    };
  },
};

function servedVersions({ body }: Resource): readonly string[] {
  const versions = itemsAt(body, 'spec', 'versions').filter(({ item }) => booleanAt(item, 'served') === true);
  return versions.flatMap(({ item }) => stringAt(item, 'name') ?? []);
}

/** Upgrades may leave out one minor version. */
const MOST_STEPS = 2;

const upgradePath: Check = {
  id: 'istio/pre-upgrade-path-short',
  category: 'control-plane',
  title: 'No installation of Istio is too old to be upgraded to a recent release at once.',
  why: 'Upgrades are tested over two minor versions at the most; what changed in between is not taken into account.',
  docs: 'https://istio.io/latest/docs/setup/upgrade/',
  reads: [DEPLOYMENT],
  ...PRE,
  run: async (facts) => {
    const planes = await controlPlanes(facts);
    if (planes.length === 0) return { is: 'ok', reason: 'Istio is not installed.' };
    const users = await namespacesByRevision(facts);
    const shown = planes.map((plane) => describe(plane, users.get(plane.revision) ?? 0)).join(' ');
    const old = planes.filter(({ version }) => version?.major === 1 && NEWEST_RELEASE.minor - version.minor > MOST_STEPS);
    const [first] = old;
    if (!first) return { is: 'ok', reason: shown };
    return {
      is: 'warning',
      reason: `Istio ${first.versionText} cannot be upgraded to 1.${NEWEST_RELEASE.minor} at once. ${shown}`,
      hint: `Upgrade Deployment "${first.deployment.namespace}/${first.deployment.name}" to 1.${(first.version?.minor ?? 0) + MOST_STEPS} first.`,
      affected: old.map(({ deployment, versionText }) => ({ resource: deployment, detail: `It is ${versionText}.` })),
    };
  },
};

const describe = ({ deployment, revision, versionText = 'of an unknown version' }: ControlPlane, users: number): string =>
  `"${deployment.namespace}/${deployment.name}" is ${versionText}, revision "${revision}", and injects ${count(users, 'namespace')}.`;

async function namespacesByRevision(facts: Parameters<Check['run']>[0]): Promise<ReadonlyMap<string, number>> {
  const webhooks = await injectors(facts);
  const users = new Map<string, number>();
  for (const { name, labels } of await facts.list(NAMESPACE)) {
    if (labels['istio.io/rev'] === undefined && labels['istio-injection'] !== 'enabled') continue;
    const webhook = webhooks.find((each) => each.matchesNamespace({ 'kubernetes.io/metadata.name': name, ...labels }));
    if (webhook) users.set(webhook.revision, (users.get(webhook.revision) ?? 0) + 1);
  }
  return users;
}

const noLeftovers: Check = {
  id: 'istio/pre-no-leftover-webhooks',
  category: 'control-plane',
  title: 'No webhook of an Istio that was removed is left.',
  why: 'The API server calls a service that is gone: it refuses the pods and objects of a new installation, or lets them pass unattended.',
  docs: 'https://istio.io/latest/docs/setup/install/istioctl/#uninstall-istio',
  reads: [MUTATING_WEBHOOK, VALIDATING_WEBHOOK, SERVICE],
  ...PRE,
  run: async (facts) => {
    const webhooks = [...(await injectors(facts)), ...resourceSet(await facts.list(VALIDATING_WEBHOOK)).derive(validationWebhooks)];
    const services = new Set((await facts.list(SERVICE)).map(({ namespace, name }) => `${namespace}/${name}`));
    const orphans = webhooks.filter(({ service }) => service !== undefined && !services.has(`${service.namespace}/${service.name}`));
    const resources = [...new Set(orphans.map(({ resource }) => resource))];
    const definitions = (await facts.list(CRD, { metadataOnly: true })).filter(({ name }) => name.endsWith('.istio.io'));
    const [first] = resources;
    if (!first)
      return {
        is: 'ok',
        reason: `${count(webhooks.length, 'webhook')} and ${count(definitions.length, 'definition')} of Istio are there.`,
      };
    const isLax = laxWebhooks(orphans).length === resources.length;
    return {
      is: isLax ? 'warning' : 'failed',
      reason: 'Webhooks call a control plane that does not exist.',
      hint: `Run "kubectl delete ${shortKind(first.kind).toLowerCase()} ${first.name}".`,
      affected: resources.map((resource) => {
        const service = orphans.find((orphan) => orphan.resource === resource)?.service;
        return { resource, detail: `It calls service "${service?.namespace}/${service?.name}", which does not exist.` };
      }),
    };
  },
};

/** Before 1.22 proxies sent traces there unless told otherwise. */
const LAST_WITH_ZIPKIN = 21;

const upgradeCompatible: Check = {
  id: 'istio/pre-upgrade-keeps-tracing',
  category: 'control-plane',
  title: 'No installation depends on a default that later releases have changed.',
  why: 'From 1.22 on, proxies send traces to zipkin.istio-system only when they are told to: traces end with the upgrade.',
  aliases: ['IST0169'],
  docs: 'https://istio.io/latest/docs/tasks/observability/distributed-tracing/telemetry-api/',
  reads: [DEPLOYMENT],
  ...PRE,
  run: async (facts) => {
    const old = (await controlPlanes(facts)).filter(({ version }) => version?.major === 1 && version.minor <= LAST_WITH_ZIPKIN);
    if (old.length === 0) return { is: 'ok' };
    const zipkin = await facts.get({ kind: SERVICE, namespace: ROOT_NAMESPACE, name: 'zipkin' });
    if (!zipkin) return { is: 'ok' };
    return {
      is: 'warning',
      reason: `Istio ${old[0]?.versionText} sends traces to Service "zipkin" by default; releases from 1.22 on do not.`,
      hint: 'Name Service "istio-system/zipkin" as an extension provider of the mesh configuration, and select it with a Telemetry, before you upgrade.',
      affected: [{ resource: zipkin }],
    };
  },
};

interface Platform {
  readonly name: string;
  /** Value of `global.platform` of the charts. */
  readonly setting: string;
}

const cniFits: Check = {
  id: 'istio/pre-cni-fits',
  category: 'kubernetes',
  title: "Nothing that is known keeps Istio's CNI agent from working.",
  why: 'Ambient mode, and sidecars without privileged init containers, need an agent that chains its plugin behind that of the cluster.',
  docs: 'https://istio.io/latest/docs/ambient/install/platform-prerequisites/',
  ...PRE,
  run: async (facts) => {
    const platform = await platformOf(facts);
    const advice = platform ? ` On ${platform.name} set global.platform=${platform.setting} in its charts.` : '';
    const cilium = await facts.get({ kind: CONFIG_MAP, namespace: 'kube-system', name: 'cilium-config' });
    if (stringAt(cilium?.body, 'data', 'cni-exclusive') !== 'true' || !cilium) {
      return {
        is: 'ok',
        reason: `${cilium ? 'Cilium lets other plugins be.' : 'No plugin is known to claim the network for itself.'}${advice}`,
      };
    }
    const reason = `Cilium removes the plugins of others, because "cni-exclusive" is "true".`;
    const isInstalled = (await facts.list(DAEMON_SET)).some(({ labels }) => labels['k8s-app'] === 'istio-cni-node');
    if (!isInstalled)
      return { is: 'ok', reason: `${reason} Set cni.exclusive=false in its chart before you install Istio's CNI agent.${advice}` };
    return {
      is: 'warning',
      reason,
      hint: `Set cni.exclusive=false in Cilium's chart, which writes ConfigMap "kube-system/${cilium.name}".${advice}`,
      affected: [{ resource: cilium }],
    };
  },
};

async function platformOf(facts: Parameters<Check['run']>[0]): Promise<Platform | undefined> {
  const version = await facts.version();
  if (version.includes('-gke')) return { name: 'GKE', setting: 'gke' };
  if (version.includes('+k3s')) return { name: 'k3s', setting: 'k3s' };
  const isOpenShift = [...(await facts.kinds()).keys()].some((kind) => kind.startsWith('config.openshift.io/'));
  return isOpenShift ? { name: 'OpenShift', setting: 'openshift' } : undefined;
}

export const preChecks: readonly Check[] = [
  permissionsGranted,
  kubernetesSupported,
  gatewayApiSupported,
  upgradePath,
  noLeftovers,
  upgradeCompatible,
  cniFits,
];

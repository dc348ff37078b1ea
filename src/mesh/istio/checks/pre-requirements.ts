/** What an installation of Istio needs of the cluster. */
import { booleanAt, itemsAt, stringAt } from '../../../model/body.ts';
import type { Check, Facts } from '../../../model/check.ts';
import { type Kind, type Resource, shortKind } from '../../../model/resource.ts';
import { parseVersion } from '../../../text/semver.ts';
import { count, quotedList } from '../../../text/words.ts';
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
import { controlPlanes } from './control-plane.ts';
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

interface Platform {
  readonly name: string;
  /** Value of `global.platform` of the charts. */
  readonly setting: string;
}

const cniFits: Check = {
  id: 'istio/pre-cni-fits',
  category: 'control-plane',
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

async function platformOf(facts: Facts): Promise<Platform | undefined> {
  const version = await facts.version();
  if (version.includes('-gke')) return { name: 'GKE', setting: 'gke' };
  if (version.includes('+k3s')) return { name: 'k3s', setting: 'k3s' };
  const isOpenShift = [...(await facts.kinds()).keys()].some((kind) => kind.startsWith('config.openshift.io/'));
  return isOpenShift ? { name: 'OpenShift', setting: 'openshift' } : undefined;
}

export const preObjectChecks: readonly Check[] = [permissionsGranted, cniFits];
export const preVersionChecks: readonly Check[] = [kubernetesSupported, gatewayApiSupported];

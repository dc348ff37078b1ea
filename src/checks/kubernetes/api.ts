/** The API server itself. */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Affected, Check, CheckMode } from '../../model/check.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import { compareVersions, parseVersion, type Version } from '../../text/semver.ts';
import { count } from '../../text/words.ts';

export const REACHABLE = 'kubernetes/api-reachable';

export const ALWAYS: readonly CheckMode[] = ['running', 'proxy', 'pre', 'posture'];
export const RUNNING_AND_PRE: readonly CheckMode[] = ['running', 'proxy', 'pre'];
export const PRE: readonly CheckMode[] = ['pre'];

/** Older releases are out of support everywhere, and no supported mesh is tested with them. */
const OLDEST: Version = { major: 1, minor: 28, patch: 0, prerelease: [] };

const apiReachable: Check = {
  id: REACHABLE,
  category: 'kubernetes',
  title: 'The API server answers.',
  why: 'Nothing can be asked and nothing can be changed while it does not.',
  aliases: ['k8s-api'],
  modes: ALWAYS,
  run: async (facts) => {
    const kinds = await facts.kinds();
    return { is: 'ok', reason: `It serves ${count(kinds.size, 'kind')}.` };
  },
};

const versionSupported: Check = {
  id: 'kubernetes/version-supported',
  category: 'kubernetes',
  title: 'The version of Kubernetes is one that meshes support.',
  why: 'Meshes are not tested with releases that are out of support, and miss features of the API there.',
  docs: 'https://kubernetes.io/releases/version-skew-policy/',
  aliases: ['k8s-version'],
  modes: RUNNING_AND_PRE,
  needs: [REACHABLE],
  run: async (facts) => {
    const text = await facts.version();
    const version = parseVersion(text);
    if (!version) return { is: 'warning', reason: `The server calls its version "${text}", which is none.` };
    // Distributions append their own mark as if it were a prerelease: v1.31.4-gke.1372000.
    if (compareVersions({ ...version, prerelease: [] }, OLDEST) >= 0) return { is: 'ok', reason: `It is ${text}.` };
    return {
      is: 'warning',
      reason: `The server runs ${text}; the oldest version supported is v${OLDEST.major}.${OLDEST.minor}.`,
      hint: 'Upgrade Kubernetes.',
    };
  },
};

const AUTHENTICATION = { kind: 'core/ConfigMap', namespace: 'kube-system', name: 'extension-apiserver-authentication' } as const;
const REQUEST_HEADER_CA = 'requestheader-client-ca-file';

const aggregationEnabled: Check = {
  id: 'kubernetes/aggregation-enabled',
  category: 'kubernetes',
  title: 'The API server can be extended by other servers.',
  why: "Extensions that serve an API of their own, such as the tap of Linkerd's viz, cannot tell who asks them.",
  docs: 'https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/',
  aliases: ['pre-k8s'],
  modes: PRE,
  needs: [REACHABLE],
  run: async (facts) => {
    const configMap = await facts.get(AUTHENTICATION);
    if (stringAt(configMap?.body, 'data', REQUEST_HEADER_CA)) return { is: 'ok' };
    const what = configMap ? `holds no "${REQUEST_HEADER_CA}"` : 'does not exist';
    return {
      is: 'warning',
      reason: `ConfigMap "kube-system/${AUTHENTICATION.name}" ${what}: the aggregation layer is not configured.`,
      hint: 'Start the API server with --requestheader-client-ca-file and the other flags of the aggregation layer.',
    };
  },
};

const API_SERVICE: Kind = 'apiregistration.k8s.io/APIService';

const apiServicesAvailable: Check = {
  id: 'kubernetes/api-services-available',
  category: 'kubernetes',
  title: 'Every server that extends the API answers.',
  why: 'While one does not, namespaces cannot be deleted, and tools that ask for every kind fail or wait.',
  docs: 'https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/',
  modes: PRE,
  settles: true,
  needs: [REACHABLE],
  reads: [API_SERVICE],
  run: async (facts) => {
    const services = await facts.list(API_SERVICE);
    const affected = services.flatMap(unavailable);
    const [first] = affected;
    if (!first) return { is: 'ok' };
    return {
      is: 'warning',
      reason: `${count(affected.length, 'API')} that other servers serve cannot be reached.`,
      hint: `Run "kubectl describe apiservice ${first.resource.name}".${firewallHint(await facts.version())}`,
      affected,
    };
  },
};

function unavailable(service: Resource): readonly Affected[] {
  const available = itemsAt(service.body, 'status', 'conditions').find(({ item }) => item['type'] === 'Available')?.item;
  if (available?.['status'] !== 'False') return [];
  return [{ resource: service, detail: stringAt(available, 'message') || stringAt(available, 'reason') || 'It is not available.' }];
}

/** In private clusters of clouds the control plane reaches pods on few ports only, unless a firewall rule opens more. */
export function firewallHint(version: string): string {
  const cloud = ['gke', 'eks'].find((name) => version.includes(`-${name}`));
  if (cloud === undefined) return '';
  return ` In a private cluster of ${cloud.toUpperCase()} a firewall rule must let the control plane reach the port of the pods.`;
}

export const apiChecks: readonly Check[] = [apiReachable, versionSupported];
export const extensionChecks: readonly Check[] = [aggregationEnabled, apiServicesAvailable];

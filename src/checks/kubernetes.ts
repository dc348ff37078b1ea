/** What every mesh asks of the cluster below it. */

import { itemsAt, stringAt } from '../model/body.ts';
import type { Affected, Check, CheckResult } from '../model/check.ts';
import { type Kind, type Resource, shortKind } from '../model/resource.ts';
import { compareVersions, parseVersion, type Version } from '../text/semver.ts';
import { count, quotedList } from '../text/words.ts';

const NODE: Kind = 'core/Node';
const CRD: Kind = 'apiextensions.k8s.io/CustomResourceDefinition';

const REACHABLE = 'kubernetes/api-reachable';

/** Older releases are out of support everywhere, and no supported mesh is tested with them. */
const OLDEST: Version = { major: 1, minor: 28, patch: 0, prerelease: [] };

const apiReachable: Check = {
  id: REACHABLE,
  category: 'kubernetes',
  title: 'The API server answers.',
  why: 'Nothing can be asked and nothing can be changed while it does not.',
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

const readsPermitted: Check = {
  id: 'kubernetes/reads-permitted',
  category: 'kubernetes',
  title: 'You may read everything that the checks read.',
  why: 'Checks cannot judge what they may not read.',
  docs: 'https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access',
  needs: [REACHABLE],
  run: async (facts) => {
    const answers = await facts.access(facts.reads.map((kind) => ({ verb: 'list', kind })));
    const denied = facts.reads.filter((_, index) => answers[index]?.allowed !== true);
    if (denied.length === 0) return { is: 'ok', reason: `${count(facts.reads.length, 'kind')} in all namespaces.` };
    return {
      is: 'failed',
      reason: `You may not list ${quotedList(denied.map(shortKind), 10)} in all namespaces, so that other checks cannot judge.`,
      hint: 'Ask for a ClusterRole that may list them, such as "view" with nodes and webhook configurations added, or use other credentials with --context or --as.',
    };
  },
};

const nodesReady: Check = {
  id: 'kubernetes/nodes-ready',
  category: 'kubernetes',
  title: 'Every node is ready.',
  why: 'Pods on a node that is not ready are evicted, and new ones are not started there.',
  settles: true,
  docs: 'https://kubernetes.io/docs/reference/node/node-status/#condition',
  needs: [REACHABLE],
  reads: [NODE],
  run: async (facts) => {
    const nodes = await facts.list(NODE);
    if (nodes.length === 0) return { is: 'failed', reason: 'The cluster has no node.', hint: 'Nothing can run before a node joins.' };
    const affected = nodes.flatMap(unready);
    if (affected.length === 0) return { is: 'ok', reason: `${count(nodes.length, 'node')}.` };
    return {
      is: affected.length === nodes.length ? 'failed' : 'warning',
      reason: `${affected.length} of ${count(nodes.length, 'node')} ${affected.length === 1 ? 'is' : 'are'} not ready.`,
      hint: `Run "kubectl describe node ${affected[0]?.resource.name}".`,
      affected,
    };
  },
};

function unready(node: Resource): readonly Affected[] {
  const ready = itemsAt(node.body, 'status', 'conditions').find(({ item }) => item['type'] === 'Ready')?.item;
  if (ready?.['status'] === 'True') return [];
  return [{ resource: node, detail: stringAt(ready, 'message') || stringAt(ready, 'reason') || 'It has not reported that it is ready.' }];
}

const GATEWAY_GROUP = '.gateway.networking.k8s.io';
const BUNDLE = 'gateway.networking.k8s.io/bundle-version';
const CHANNEL = 'gateway.networking.k8s.io/channel';

const gatewayApiConsistent: Check = {
  id: 'kubernetes/gateway-api-consistent',
  category: 'kubernetes',
  title: 'The definitions of Gateway API, where installed, come from one release.',
  why: 'Definitions of different releases know different fields, so that routes are refused or fields are dropped.',
  docs: 'https://gateway-api.sigs.k8s.io/guides/getting-started/',
  needs: [REACHABLE],
  reads: [CRD],
  run: async (facts) => gatewayApi(await facts.list(CRD, { metadataOnly: true })),
};

function gatewayApi(definitions: readonly Resource[]): CheckResult {
  const own = definitions.filter(({ name }) => name.endsWith(GATEWAY_GROUP));
  if (own.length === 0) return { is: 'ok', reason: 'Gateway API is not installed.' };
  const bundles = [...new Set(own.map(bundleOf))].sort();
  const owners = [...new Set(own.flatMap(ownerOf))].sort();
  const by = owners.length === 0 ? '' : `, managed by ${quotedList(owners)}`;
  if (bundles.length === 1) return { is: 'ok', reason: `${count(own.length, 'definition')} of ${bundles[0]}${by}.` };
  return {
    is: 'warning',
    reason: `The definitions come from ${bundles.length} releases or channels${by}.`,
    hint: 'Install all of them from one release and channel.',
    affected: own.map((resource) => ({ resource, detail: `It is of ${bundleOf(resource)}.` })),
  };
}

function bundleOf({ annotations }: Resource): string {
  const version = annotations[BUNDLE];
  return version === undefined ? 'no stated release' : `Gateway API ${version} (${annotations[CHANNEL] ?? 'unknown'} channel)`;
}

function ownerOf({ labels, annotations }: Resource): readonly string[] {
  const release = annotations['meta.helm.sh/release-name'];
  if (release) return [`Helm release ${release}`];
  const manager = labels['app.kubernetes.io/managed-by'] ?? labels['addonmanager.kubernetes.io/mode'];
  return manager ? [manager] : [];
}

export const kubernetesChecks: readonly Check[] = [apiReachable, versionSupported, readsPermitted, nodesReady, gatewayApiConsistent];

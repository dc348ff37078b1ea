/** The machines that proxies are to run on. */
import { booleanAt, itemsAt, stringAt } from '../../model/body.ts';
import type { Affected, Check, Facts } from '../../model/check.ts';
import { groupBy } from '../../model/maps.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import { compareVersions, parseVersion, type Version } from '../../text/semver.ts';
import { count, quotedList } from '../../text/words.ts';
import { PRE, REACHABLE, RUNNING_AND_PRE } from './api.ts';

export const NODE: Kind = 'core/Node';
const LEASE: Kind = 'coordination.k8s.io/Lease';

const nodesReady: Check = {
  id: 'kubernetes/nodes-ready',
  category: 'kubernetes',
  title: 'Every node is ready.',
  why: 'Pods on a node that is not ready are evicted, and new ones are not started there.',
  settles: true,
  docs: 'https://kubernetes.io/docs/reference/node/node-status/#condition',
  modes: RUNNING_AND_PRE,
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

export const isReady = (node: Resource): boolean => unready(node).length === 0;

/** Taints of these effects keep ordinary pods away. */
const REPELS: ReadonlySet<unknown> = new Set(['NoSchedule', 'NoExecute']);

/** True for nodes that take pods which tolerate nothing. */
export function isSchedulable(node: Resource): boolean {
  const taints = itemsAt(node.body, 'spec', 'taints');
  return !isCordoned(node) && !taints.some(({ item }) => REPELS.has(item['effect']));
}

const isCordoned = ({ body }: Resource): boolean => booleanAt(body, 'spec', 'unschedulable') === true;

const nodesSchedulable: Check = {
  id: 'kubernetes/nodes-schedulable',
  category: 'kubernetes',
  title: 'Pods of a control plane find a node that takes them.',
  why: 'A control plane tolerates no taints unless its values say so, and waits for a node without them.',
  docs: 'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/',
  modes: PRE,
  settles: true,
  needs: [REACHABLE, nodesReady.id],
  reads: [NODE],
  run: async (facts) => {
    const nodes = await linuxNodes(facts);
    const taking = nodes.filter(isSchedulable);
    if (taking.length > 0) return { is: 'ok', reason: `${taking.length} of ${count(nodes.length, 'Linux node')}.` };
    return {
      is: 'failed',
      reason: 'Every Linux node is cordoned or has a taint that keeps ordinary pods away.',
      hint: 'Run "kubectl uncordon NODE", or give the control plane tolerations in its values.',
      affected: nodes.map((resource) => ({ resource, detail: isCordoned(resource) ? 'It is cordoned.' : 'It is tainted.' })),
    };
  },
};

const infoOf = ({ body }: Resource, field: string): string => stringAt(body, 'status', 'nodeInfo', field) ?? '';

/** Proxies run on Linux only; meshes leave Windows nodes alone. */
export async function linuxNodes(facts: Facts): Promise<readonly Resource[]> {
  return (await facts.list(NODE)).filter((node) => infoOf(node, 'operatingSystem') !== 'windows');
}

/** The oldest that a distribution with a supported Kubernetes still ships; the 3.10 of Red Hat 7 is out of support. */
const OLDEST_KERNEL: Version = { major: 4, minor: 14, patch: 0, prerelease: [] };

/** Programs of the kernel that redirect traffic want this one: ambient mode with Cilium, and Kuma's eBPF mode. */
const MODERN_KERNEL: Version = { major: 5, minor: 10, patch: 0, prerelease: [] };

/** `5.15.0-1051-aws`, `3.10.0-1160.el7.x86_64`: what follows the numbers is the distribution's own. */
const kernelOf = (node: Resource): Version | undefined =>
  parseVersion(/^\d+\.\d+(?:\.\d+)?/.exec(infoOf(node, 'kernelVersion'))?.[0] ?? '');

const kernelsSuited: Check = {
  id: 'kubernetes/node-kernels-suited',
  category: 'kubernetes',
  title: 'The kernel of every node can redirect traffic to proxies.',
  why: "Init containers, node agents and ztunnel use the kernel's iptables, network namespaces and socket options, which old kernels lack in part.",
  docs: 'https://kubernetes.io/docs/reference/node/kernel-version-requirements/',
  modes: PRE,
  needs: [REACHABLE],
  reads: [NODE],
  run: async (facts) => {
    const nodes = await linuxNodes(facts);
    const older = (than: Version): readonly Resource[] =>
      nodes.filter((node) => {
        const kernel = kernelOf(node);
        return kernel !== undefined && compareVersions(kernel, than) < 0;
      });
    const affected = older(OLDEST_KERNEL).map((resource) => ({ resource, detail: `Its kernel is ${infoOf(resource, 'kernelVersion')}.` }));
    if (affected.length === 0) return { is: 'ok', reason: kernelNotes(nodes, older(MODERN_KERNEL).length) };
    return {
      is: 'warning',
      reason: `${affected.length} of ${count(nodes.length, 'node')} ${affected.length === 1 ? 'runs' : 'run'} a kernel older than 4.14, with which no mesh is tested.`,
      hint: 'Move to an image of the node with a newer kernel, or keep meshed pods away from these nodes.',
      affected,
    };
  },
};

/** Images whose iptables speak nftables only. */
const NFTABLES_ONLY = /red hat|rhel|centos stream|rocky|alma|oracle linux|fedora/i;

function kernelNotes(nodes: readonly Resource[], dated: number): string {
  const kernels = [...groupBy(nodes, (node) => infoOf(node, 'kernelVersion')).keys()].filter((kernel) => kernel !== '').sort();
  const old = dated === 0 ? '' : ` On ${count(dated, 'node')} it is older than 5.10: do not use modes that redirect traffic by eBPF.`;
  const tables = nodes.some((node) => NFTABLES_ONLY.test(infoOf(node, 'osImage')))
    ? ' Nodes of the Red Hat family have nftables instead of the old iptables: Linkerd wants "proxyInit.iptablesMode=nft" there.'
    : '';
  return `${quotedList(kernels, 3)}.${old}${tables}`;
}

/** Every mesh has images for these. */
const COMMON: ReadonlySet<string> = new Set(['amd64', 'arm64']);

const architecturesSuited: Check = {
  id: 'kubernetes/node-architectures-suited',
  category: 'kubernetes',
  title: 'Meshes have images for the architecture of every node.',
  why: 'Proxies do not start on processors that they are not built for, and neither do the pods that they are put into.',
  docs: 'https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch',
  modes: PRE,
  needs: [REACHABLE],
  reads: [NODE],
  run: async (facts) => {
    const nodes = await linuxNodes(facts);
    const known = [...new Set(nodes.map((node) => infoOf(node, 'architecture')))].filter((name) => name !== '').sort();
    const affected = nodes.flatMap((resource): readonly Affected[] => {
      const own = infoOf(resource, 'architecture');
      return own === '' || COMMON.has(own) ? [] : [{ resource, detail: `Its architecture is ${own}.` }];
    });
    if (affected.length === 0) return { is: 'ok', reason: `${quotedList(known)}.` };
    return {
      is: affected.length === nodes.length ? 'failed' : 'warning',
      reason: `${affected.length} of ${count(nodes.length, 'node')}: official images of meshes are built for amd64 and arm64 only.`,
      hint: 'Use a distribution of the mesh that is built for the architecture, or keep the mesh on other nodes with a nodeSelector for "kubernetes.io/arch".',
      affected,
    };
  },
};

const runtimesSuited: Check = {
  id: 'kubernetes/node-runtimes-suited',
  category: 'kubernetes',
  title: 'The container runtime of every node lets init containers redirect traffic.',
  why: "Docker gives a container that does not run as root none of the capabilities that it adds, so that Linkerd's init container fails.",
  docs: 'https://linkerd.io/2/checks/#l5d-proxy-init-run-as-root',
  modes: PRE,
  needs: [REACHABLE],
  reads: [NODE],
  run: async (facts) => {
    const nodes = await linuxNodes(facts);
    const docker = nodes.filter((node) => infoOf(node, 'containerRuntimeVersion').startsWith('docker:'));
    if (docker.length === 0 || !facts.meshes.includes('linkerd')) {
      const names = [...new Set(nodes.map((node) => infoOf(node, 'containerRuntimeVersion')))].filter((name) => name !== '').sort();
      const note = docker.length === 0 ? '' : ' With Docker, Linkerd wants "proxyInit.runAsRoot=true".';
      return { is: 'ok', reason: `${quotedList(names, 3)}.${note}` };
    }
    return {
      is: 'warning',
      reason: `${docker.length} of ${count(nodes.length, 'node')} ${docker.length === 1 ? 'uses' : 'use'} Docker.`,
      hint: 'Install Linkerd with "--set proxyInit.runAsRoot=true", or with its CNI plugin.',
      affected: docker.map((resource) => ({ resource, detail: `Its runtime is ${infoOf(resource, 'containerRuntimeVersion')}.` })),
    };
  },
};

const MOST_SKEW_MS = 5 * 60_000;

/** Kubelets renew their leases every ten seconds, and write the time that their own clock shows. */
const clocksAgree: Check = {
  id: 'kubernetes/node-clocks-agree',
  category: 'kubernetes',
  title: 'The clocks of the nodes agree with the one here.',
  why: 'Certificates live for hours: where a clock is wrong they are not valid yet, or no more.',
  docs: 'https://kubernetes.io/docs/concepts/architecture/leases/#node-heart-beats',
  aliases: ['pre-k8s-clock-skew'],
  modes: PRE,
  settles: true,
  needs: [REACHABLE],
  reads: [NODE],
  run: async (facts) => {
    const ready = (await facts.list(NODE)).filter(isReady);
    const leases = new Map((await facts.list(LEASE, { namespace: 'kube-node-lease' })).map((lease) => [lease.name, lease]));
    const compared = ready.flatMap((node) => {
      const renewed = Date.parse(stringAt(leases.get(node.name)?.body, 'spec', 'renewTime') ?? '');
      return Number.isNaN(renewed) ? [] : [{ node, skewMs: renewed - facts.now }];
    });
    const affected = compared.flatMap(({ node, skewMs }) =>
      Math.abs(skewMs) <= MOST_SKEW_MS
        ? []
        : [{ resource: node, detail: `Its clock is ${Math.round(Math.abs(skewMs) / 60_000)} minutes ${skewMs < 0 ? 'behind' : 'ahead'}.` }],
    );
    if (affected.length === 0)
      return { is: 'ok', reason: compared.length === 0 ? 'No node renews a lease to compare with.' : `${count(compared.length, 'node')}.` };
    const isOurs = affected.length === compared.length && compared.length > 1;
    return {
      is: 'warning',
      reason: `${affected.length} of ${count(compared.length, 'node')} ${affected.length === 1 ? 'is' : 'are'} more than 5 minutes off${isOurs ? ', which is every one: the clock here may be the wrong one' : ''}.`,
      hint: 'Synchronise the clocks with a time server.',
      affected,
    };
  },
};

export const nodeChecks: readonly Check[] = [nodesReady, nodesSchedulable, kernelsSuited, architecturesSuited, runtimesSuited, clocksAgree];

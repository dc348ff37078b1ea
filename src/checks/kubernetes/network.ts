/** The network plugin below the mesh, as far as its own configuration is known to get in the way. */
import { KNOWN_MESHES } from '../../mesh/checks/known-meshes.ts';
import { booleanAt, stringAt, stringMapAt, stringsAt } from '../../model/body.ts';
import type { Affected, Check, Facts } from '../../model/check.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import { quotedList } from '../../text/words.ts';
import { PRE, REACHABLE } from './api.ts';

export const DAEMON_SET: Kind = 'apps/DaemonSet';

/** DaemonSets by which network plugins are known. */
const PLUGINS: Readonly<Record<string, string>> = {
  cilium: 'Cilium',
  anetd: 'Cilium of GKE',
  'calico-node': 'Calico',
  canal: 'Canal',
  'aws-node': 'Amazon VPC CNI',
  'azure-cns': 'Azure CNI',
  kindnet: 'kindnet',
  'kube-flannel-ds': 'Flannel',
  'weave-net': 'Weave Net',
  'antrea-agent': 'Antrea',
  'kube-router': 'kube-router',
  'ovnkube-node': 'OVN-Kubernetes',
};

interface Trouble {
  readonly affected: Affected;
  readonly hint: string;
}

export const networkPluginSuited: Check = {
  id: 'kubernetes/network-plugin-suited',
  category: 'kubernetes',
  title: "The network plugin leaves a mesh's traffic to the mesh.",
  why: 'Where the plugin chooses the pod behind a service before the proxy sees the request, the mesh routes and authorizes nothing.',
  docs: 'https://istio.io/latest/docs/ambient/install/platform-prerequisites/',
  modes: PRE,
  needs: [REACHABLE],
  reads: [DAEMON_SET],
  run: async (facts) => {
    const agents = await facts.list(DAEMON_SET);
    const names = [...new Set(agents.flatMap(({ name }) => (Object.hasOwn(PLUGINS, name) ? (PLUGINS[name] ?? []) : [])))].sort();
    const cilium = agents.find(({ name }) => name === 'cilium');
    const trouble = [...(cilium ? await ciliumTrouble(facts, cilium, agents) : []), ...(await calicoTrouble(facts))];
    const seen = `${names.length === 0 ? 'No network plugin shows itself' : `${quotedList(names)}`}${await familiesOf(facts)}.`;
    const [first] = trouble;
    if (!first) return { is: 'ok', reason: seen };
    return {
      is: 'warning',
      reason: 'The network plugin is configured in a way that is known to get in the way of meshes.',
      hint: [...new Set(trouble.map(({ hint }) => hint))].join(' '),
      affected: trouble.map(({ affected }) => affected),
    };
  },
};

/** @see https://linkerd.io/2/reference/cluster-configuration/#cilium */
async function ciliumTrouble(facts: Facts, { namespace }: Resource, agents: readonly Resource[]): Promise<readonly Trouble[]> {
  const config = await facts.get({ kind: 'core/ConfigMap', namespace, name: 'cilium-config' });
  if (!config) return [];
  const data = stringMapAt(config.body, 'data');
  const replacesProxy = ['true', 'strict'].includes(data['kube-proxy-replacement'] ?? '');
  // Without kube-proxy Cilium balances in the socket unless it is told not to.
  const balancesInSocket = data['bpf-lb-sock'] === 'true' || (replacesProxy && data['bpf-lb-sock'] !== 'false');
  const found: Trouble[] = [];
  if (balancesInSocket && data['bpf-lb-sock-hostns-only'] !== 'true') {
    found.push({
      affected: {
        resource: config,
        detail: 'Cilium replaces the address of a service in the socket of the application, before the proxy sees it.',
      },
      hint: 'Set "socketLB.hostNamespaceOnly=true" in the values of Cilium.',
    });
  }
  const nodeAgents = KNOWN_MESHES.flatMap((mesh) => mesh.nodeAgents);
  const agent = agents.find(({ name }) => nodeAgents.includes(name));
  if (data['cni-exclusive'] === 'true' && agent) {
    found.push({
      affected: {
        resource: config,
        detail: `Cilium removes the configuration of other plugins, such as that of DaemonSet "${agent.name}".`,
      },
      hint: 'Set "cni.exclusive=false" in the values of Cilium.',
    });
  }
  return found;
}

/** Only with its eBPF dataplane does Calico balance when a connection is made. */
async function calicoTrouble(facts: Facts): Promise<readonly Trouble[]> {
  const felix = await facts.get({ kind: 'crd.projectcalico.org/FelixConfiguration', namespace: '', name: 'default' });
  const mode = stringAt(felix?.body, 'spec', 'bpfConnectTimeLoadBalancing');
  if (!felix || booleanAt(felix.body, 'spec', 'bpfEnabled') !== true || mode === undefined || mode === 'Disabled') return [];
  return [
    {
      affected: {
        resource: felix,
        detail: `Its bpfConnectTimeLoadBalancing is "${mode}": connections go to a pod before the proxy sees the service.`,
      },
      hint: 'Set "bpfConnectTimeLoadBalancing: Disabled" in the FelixConfiguration "default".',
    },
  ];
}

async function familiesOf(facts: Facts): Promise<string> {
  const service = await facts.get({ kind: 'core/Service', namespace: 'default', name: 'kubernetes' });
  const addresses = stringsAt(service?.body, 'spec', 'clusterIPs').map(({ value }) => value);
  const own = addresses.length > 0 ? addresses : [stringAt(service?.body, 'spec', 'clusterIP') ?? ''].filter((address) => address !== '');
  const families = [...new Set(own.map((address) => (address.includes(':') ? 'IPv6' : 'IPv4')))].sort();
  return families.length === 0 ? '' : `; services have ${families.join(' and ')} addresses`;
}

/** Whether the networks that proxies take for those of the cluster are those of the cluster. */
import { booleanAt, stringAt } from '../../../model/body.ts';
import type { Check, CheckResult, Facts } from '../../../model/check.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import { type IpNetwork, isWithin, parseAddress, parseNetwork } from '../../../text/ip-network.ts';
import { quotedList } from '../../../text/words.ts';
import { isEnded } from '../../checks/pods.ts';
import { configuredPlanes } from '../control-planes.ts';
import { hints, NODE, POD, SERVICE } from '../kinds.ts';
import { proxyOf } from '../proxies.ts';
import { CONFIG_READABLE, onPlanes } from './control-plane.ts';
import { type Trouble, verdict } from './verdict.ts';

interface Row {
  readonly id: string;
  readonly title: string;
  readonly anchor: string;
  readonly kind: Kind;
  /** What of an object must be inside; undefined when there is nothing to judge. */
  networkOf(resource: Resource): { readonly text: string; readonly network: IpNetwork | undefined } | undefined;
  severity(resource: Resource): Trouble['is'];
}

const WHY =
  'Proxies ask for the endpoints of addresses inside of clusterNetworks only: traffic to others is sent as it is, without mutual TLS and without metrics.';

const ROWS: readonly Row[] = [
  {
    id: 'linkerd/cluster-networks-hold-nodes',
    title: "Linkerd's clusterNetworks hold the pod networks of all nodes.",
    anchor: 'l5d-cluster-networks-cidr',
    kind: NODE,
    networkOf: ({ body }) => {
      const text = stringAt(body, 'spec', 'podCIDR');
      return text ? { text, network: parseNetwork(text) } : undefined;
    },
    severity: () => 'warning',
  },
  {
    id: 'linkerd/cluster-networks-hold-pods',
    title: "Linkerd's clusterNetworks hold the addresses of all pods.",
    anchor: 'l5d-cluster-networks-pods',
    kind: POD,
    networkOf: (pod) => {
      const text = stringAt(pod.body, 'status', 'podIP');
      if (!text || isEnded(pod) || booleanAt(pod.body, 'spec', 'hostNetwork') === true) return undefined;
      return { text, network: parseAddress(text) };
    },
    severity: (pod) => (proxyOf(pod) ? 'failed' : 'warning'),
  },
  {
    id: 'linkerd/cluster-networks-hold-services',
    title: "Linkerd's clusterNetworks hold the addresses of all services.",
    anchor: 'l5d-cluster-networks-pods',
    kind: SERVICE,
    networkOf: ({ body }) => {
      const text = stringAt(body, 'spec', 'clusterIP');
      return text && text !== 'None' ? { text, network: parseAddress(text) } : undefined;
    },
    severity: () => 'failed',
  },
];

export const networkChecks: readonly Check[] = ROWS.map((row) =>
  onPlanes({
    id: row.id,
    category: 'configuration',
    title: row.title,
    why: WHY,
    docs: hints(row.anchor),
    aliases: [row.anchor],
    needs: [CONFIG_READABLE],
    reads: [row.kind],
    run: (facts) => judge(row, facts),
  }),
);

async function judge(row: Row, facts: Facts): Promise<CheckResult> {
  const configured = (await configuredPlanes(facts)).flatMap(({ config }) => config.clusterNetworks);
  const texts = [...new Set(configured)];
  const invalid = texts.filter((text) => !parseNetwork(text));
  if (invalid.length > 0) {
    return {
      is: 'failed',
      reason: `clusterNetworks holds ${quotedList(invalid)}, which ${invalid.length === 1 ? 'is no network' : 'are no networks'}.`,
      hint: 'Write networks as "10.0.0.0/8", separated by commas.',
    };
  }
  const networks = texts.flatMap((text) => parseNetwork(text) ?? []);
  const judged = (await facts.list(row.kind)).flatMap((resource) => {
    const own = row.networkOf(resource);
    return own?.network ? [{ resource, text: own.text, network: own.network }] : [];
  });
  const outside = judged.filter(({ network }) => !isWithin(network, networks));
  const troubles = outside.map(
    ({ resource, text }): Trouble => ({
      is: row.severity(resource),
      resource,
      detail: `${text} is outside of clusterNetworks.`,
      hint: `Upgrade Linkerd with a value of clusterNetworks that holds ${text} as well, besides ${quotedList(texts, 10)}.`,
    }),
  );
  const ok = judged.length === 0 ? 'None of them tells its addresses.' : `${judged.length} of ${judged.length}.`;
  return verdict(troubles, ok, `${outside.length} of ${judged.length} are outside of clusterNetworks.`);
}

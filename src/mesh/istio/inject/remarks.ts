/** What is worth knowing of a pod that gets a proxy. */
import { itemsAt, numberAt, stringAt } from '../../../model/body.ts';
import type { InjectReason } from '../../../model/inject.ts';
import { quotedList } from '../../../text/words.ts';
import { INJECT } from '../injection.ts';
import { annotationsOf, containersOf, labelsOf, nameOf, type Pod, PROXY } from './pod.ts';
import { RESERVED_PORTS } from './reserved-ports.ts';

export function remarksOn(pod: Pod): readonly InjectReason[] {
  const ports = containersOf(pod, 'containers')
    .filter((container) => nameOf(container) !== PROXY)
    .flatMap((container) => itemsAt(container, 'ports').map(({ item }) => ({ item, name: nameOf(container) })));
  const unseen = ports.filter(({ item }) => ['UDP', 'SCTP'].includes(stringAt(item, 'protocol') ?? ''));
  return [
    ...wishRemarks(pod),
    ...dnsRemarks(pod),
    ...(unseen.length > 0 ? [unseenPorts(unseen.map(({ item }) => `${item['containerPort']}/${item['protocol']}`))] : []),
    ...ports.flatMap(({ item, name }) => reservedPort(numberAt(item, 'containerPort') ?? 0, name)),
  ];
}

function wishRemarks(pod: Pod): readonly InjectReason[] {
  const wish = labelsOf(pod)[INJECT] ?? annotationsOf(pod)[INJECT];
  if (wish === undefined || wish === 'true' || wish === '') return [];
  return [{ code: 'unknown-wish', message: `"${INJECT}" is "${wish}", which says nothing to Istio: only "true" and "false" do.` }];
}

/** A pod that asks other name servers may not find istiod. */
function dnsRemarks({ spec }: Pod): readonly InjectReason[] {
  const policy = stringAt(spec, 'dnsPolicy') || 'ClusterFirst';
  if (policy === 'ClusterFirst') return [];
  return [{ code: 'dns-policy', message: `With the DNS policy "${policy}" the proxy may not find the control plane by its name.` }];
}

const unseenPorts = (ports: readonly string[]): InjectReason => ({
  code: 'unseen-ports',
  message: `The proxy sees TCP only, and nothing of ${quotedList(ports)}.`,
});

function reservedPort(port: number, container: string): readonly InjectReason[] {
  const purpose = RESERVED_PORTS.get(port);
  if (purpose === undefined) return [];
  return [{ code: 'reserved-port', message: `Container "${container}" has port "${port}", which Istio keeps for ${purpose}.` }];
}

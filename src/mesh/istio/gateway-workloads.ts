/**
 * The workloads behind an Istio Gateway: those that its selector matches, in whatever namespace,
 * the Services that lead to them, and the ports that these Services make reachable.
 * @see https://istio.io/latest/docs/reference/config/networking/gateway/#Gateway-selector
 */

import { itemsAt, numberAt, stringAt, stringMapAt } from '../../model/body.ts';
import { formatLabels, labelsMatch } from '../../model/labels.ts';
import { getOrInsert, groupByEach, lazy } from '../../model/maps.ts';
import type { Resource } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';
import { containerPorts, targetPort } from '../../model/target-port.ts';
import { type Workload, workloads } from '../../model/workloads.ts';
import { GATEWAY, SERVICE } from './kinds.ts';

export interface GatewayWorkloads {
  /** Empty selectors match every workload, because istiod hands such a Gateway to every gateway proxy. */
  of(gateway: Resource): readonly Workload[];
  /**
   * Where credentials without a namespace are looked up: the namespaces of the Gateway's workloads.
   * An assumed workload counts only when the input holds no other one.
   */
  namespacesOf(gateway: Resource): readonly string[];
  exposureOf(gateway: Resource): Exposure;
  /** Formatted selectors of Gateways that have a workload in common with this one; always its own, too. */
  selectorsMeeting(gateway: Resource): ReadonlySet<string>;
}

export interface Exposure {
  /** Services that lead to the workloads, the assumed one included. */
  readonly services: readonly Resource[];
  /** Port numbers that a server of the Gateway may have to be reachable. */
  readonly ports: ReadonlySet<number>;
  /** Some workload uses the network of its node, where every port that it opens is reachable. */
  readonly everyPort: boolean;
}

export function gatewaySelector(gateway: Resource): Readonly<Record<string, string>> {
  return stringMapAt(gateway.body, 'spec', 'selector');
}

export const gatewayWorkloads: Derivation<GatewayWorkloads> = {
  name: 'workloads behind istio gateways',
  build(resources) {
    const all = resources.derive(workloads);
    const matched = memo((gateway) => all.selectedBy(gatewaySelector(gateway)));
    const services = lazy(() => serviceFinder(resources));
    const meetings = lazy(() => meetingSelectors(resources.all(GATEWAY), matched));
    return {
      of: matched,
      namespacesOf: memo((gateway) => {
        const given = matched(gateway).filter((workload) => !workload.resource.assumed);
        return [...new Set((given.length > 0 ? given : matched(gateway)).map((workload) => workload.namespace))].sort();
      }),
      exposureOf: memo((gateway) => exposure(matched(gateway), services())),
      selectorsMeeting: (gateway) => meetings().get(selectorKey(gateway)) ?? new Set([selectorKey(gateway)]),
    };
  },
};

export function selectorKey(gateway: Resource): string {
  return formatLabels(gatewaySelector(gateway));
}

/** Gateways mostly share a few selectors, so the work is done once per selector. */
function memo<T>(compute: (gateway: Resource) => T): (gateway: Resource) => T {
  const known = new Map<string, T>();
  return (gateway) => getOrInsert(known, selectorKey(gateway), () => compute(gateway));
}

/** Finds Services by an entry of their selector; one without a selector leads to no workload. */
function serviceFinder(resources: ResourceSet): (workload: Workload) => readonly Resource[] {
  const services = resources.all(SERVICE).map((service) => ({ service, selector: stringMapAt(service.body, 'spec', 'selector') }));
  const byEntry = groupByEach(services, ({ service, selector }) =>
    Object.entries(selector)
      .slice(0, 1)
      .map((entry) => `${service.namespace}/${entry.join('=')}`),
  );
  return (workload) =>
    Object.entries(workload.labels).flatMap((entry) =>
      (byEntry.get(`${workload.namespace}/${entry.join('=')}`) ?? []).flatMap(({ service, selector }) =>
        labelsMatch(selector, workload.labels) ? [service] : [],
      ),
    );
}

function exposure(behind: readonly Workload[], servicesOf: (workload: Workload) => readonly Resource[]): Exposure {
  const services = new Set<Resource>();
  const ports = new Set<number>();
  for (const workload of behind) {
    for (const service of servicesOf(workload)) {
      services.add(service);
      for (const port of reachablePorts(service, workload)) ports.add(port);
    }
    for (const { hostPort, containerPort } of containerPorts(workload.podSpec)) {
      if (hostPort !== undefined && containerPort !== undefined) ports.add(containerPort);
    }
  }
  return { services: [...services], ports, everyPort: behind.some((workload) => workload.podSpec['hostNetwork'] === true) };
}

/**
 * A server's port number is the port on which the proxy listens, thus a Service's target port.
 * istiod also accepts the Service's own port and listens on the target port instead.
 */
function reachablePorts(service: Resource, workload: Workload): readonly number[] {
  return itemsAt(service.body, 'spec', 'ports').flatMap(({ item }) => {
    if ((stringAt(item, 'protocol') ?? 'TCP') !== 'TCP') return [];
    return [numberAt(item, 'port'), targetPort(item, workload.podSpec)].filter((port) => port !== undefined);
  });
}

/** Two selectors meet where some workload matches both; seen from the workloads, that needs no pairs of Gateways. */
function meetingSelectors(
  gateways: readonly Resource[],
  matched: (gateway: Resource) => readonly Workload[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const bySelector = new Map(gateways.map((gateway) => [selectorKey(gateway), gateway]));
  const ofWorkload = new Map<Workload, string[]>();
  for (const [key, gateway] of bySelector) {
    for (const workload of matched(gateway)) getOrInsert(ofWorkload, workload, () => []).push(key);
  }
  const meetings = new Map([...bySelector.keys()].map((key) => [key, new Set([key])]));
  // Thousands of workloads match the same few combinations of selectors.
  const combinations = new Map([...ofWorkload.values()].map((keys) => [keys.join('\n'), keys]));
  for (const keys of combinations.values()) {
    for (const key of keys) for (const other of keys) meetings.get(key)?.add(other);
  }
  return meetings;
}

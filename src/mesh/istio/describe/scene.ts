/** What a description is about, put together once for all of its sections. */
import { itemsAt, numberAt, stringAt, stringMapAt } from '../../../model/body.ts';
import { labelsMatch } from '../../../model/labels.ts';
import type { ConfigObject } from '../../../model/proxy-config.ts';
import { type Resource, shortKind } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import type { Subject } from '../../../model/subject.ts';
import type { Workload } from '../../../model/workloads.ts';
import { destinationRules } from '../destination-rules.ts';
import { isProxyOnly } from '../injection.ts';
import { SERVICE, SERVICE_ENTRY } from '../kinds.ts';
import { type RegistryEntry, registry } from '../registry.ts';
import { servicesOf } from '../workload-ports.ts';

export interface Scene {
  readonly target: Resource;
  /** The service itself is what was asked about, and its pods only as far as they serve it. */
  readonly isService: boolean;
  /** One pod that stands for all, or the template of pods; undefined for a service without any. */
  readonly workload: Workload | undefined;
  readonly workloads: readonly Workload[];
  /** Services that lead to it. */
  readonly services: readonly Resource[];
  /** The same in the registry. */
  readonly entries: readonly RegistryEntry[];
  /** A gateway or a waypoint: a pod of nothing but a proxy. */
  readonly isGateway: boolean;
  readonly resources: ResourceSet;
}

export function sceneOf({ target, workloads }: Subject, resources: ResourceSet): Scene {
  const [workload] = workloads;
  const isService = target.kind === SERVICE;
  const services = isService ? [target] : workload ? servicesOf(workload, resources) : [];
  const known = resources.derive(registry);
  return {
    ...{ target, isService, workload, workloads, services, resources },
    entries: known.entries.filter(
      (entry) => services.includes(entry.resource) || (!isService && workload !== undefined && isEndpointOf(workload, entry)),
    ),
    isGateway: workload !== undefined && isProxyOnly(workload),
  };
}

/** ServiceEntries pick pods of their namespace by labels, too. */
const isEndpointOf = (workload: Workload, { resource, namespace, selector }: RegistryEntry): boolean =>
  resource.kind === SERVICE_ENTRY && namespace === workload.namespace && selector !== undefined && labelsMatch(selector, workload.labels);

export const named = ({ kind, namespace, name }: Resource): ConfigObject => ({ kind: shortKind(kind), namespace, name });

export const subjectOf = ({ kind, namespace, name }: ConfigObject): string => `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;

/** `reviews.bookinfo`: as much of a service's host as tells it from others. */
export function shortHost(host: string, resources: ResourceSet): string {
  const suffix = `.svc.${resources.settings.clusterDomain}`;
  return host.endsWith(suffix) ? host.slice(0, -suffix.length) : host;
}

/** Names of the subsets that the workload belongs to, by the rules that clients of its own namespace obey. */
export function subsetsOf(workload: Workload, entry: RegistryEntry, resources: ResourceSet): readonly string[] {
  const rules = resources.derive(destinationRules).of(entry.host, entry.namespace, entry.namespace);
  return rules.flatMap((rule) =>
    itemsAt(rule.body, 'spec', 'subsets').flatMap(({ item }) =>
      labelsMatch(stringMapAt(item, 'labels'), workload.labels) ? (stringAt(item, 'name') ?? []) : [],
    ),
  );
}

/** `9080 (http)`. */
export function portText(port: object): string {
  const name = stringAt(port, 'name');
  return `${numberAt(port, 'port') ?? 0}${name === undefined ? '' : ` (${name})`}`;
}

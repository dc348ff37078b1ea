/** What Consul calls a workload, and what its configuration entries say of that service. */
import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import type { Workload } from '../../../model/workloads.ts';
import { servicesFor } from '../../describe/common.ts';
import { INJECT, isInjector } from '../sidecar-mesh.ts';

const GROUP = 'consul.hashicorp.com';
export const INTENTIONS: Kind = `${GROUP}/ServiceIntentions`;
export const SERVICE_DEFAULTS: Kind = `${GROUP}/ServiceDefaults`;
export const PROXY_DEFAULTS: Kind = `${GROUP}/ProxyDefaults`;
export const SERVICE_ROUTER: Kind = `${GROUP}/ServiceRouter`;
export const SERVICE_SPLITTER: Kind = `${GROUP}/ServiceSplitter`;
export const SERVICE_RESOLVER: Kind = `${GROUP}/ServiceResolver`;
const DEPLOYMENT: Kind = 'apps/Deployment';

const SERVICE_NAME = `${GROUP}/connect-service`;

/** Of a workload with several Services, each of them may be meant: the annotation tells, or else the first. */
export function serviceName(
  namespace: string,
  labels: Readonly<Record<string, string>> | undefined,
  annotations: Readonly<Record<string, string>>,
  resources: ResourceSet,
): string | undefined {
  const annotated = annotations[SERVICE_NAME]?.split(',')[0]?.trim();
  return annotated || (labels === undefined ? undefined : servicesFor(namespace, labels, resources)[0]?.name);
}

/** Configuration entries are named after the service; in open-source Consul the namespace says nothing. */
export const entryNamed = (kind: Kind, name: string, resources: ResourceSet): Resource | undefined =>
  resources.all(kind).find((entry) => entry.name === name);

export interface ServiceProtocol {
  /** `tcp` unless something says otherwise. */
  readonly protocol: string;
  readonly from: Resource | undefined;
}

export function protocolOf(name: string, resources: ResourceSet): ServiceProtocol {
  const own = entryNamed(SERVICE_DEFAULTS, name, resources);
  const all = resources.all(PROXY_DEFAULTS)[0];
  const [ofService, ofAll] = [stringAt(own?.body, 'spec', 'protocol'), stringAt(all?.body, 'spec', 'config', 'protocol')];
  if (ofService) return { protocol: ofService, from: own };
  return ofAll ? { protocol: ofAll, from: all } : { protocol: 'tcp', from: undefined };
}

export const isHttp = (protocol: string): boolean => ['http', 'http2', 'grpc'].includes(protocol);

/** A pod that runs has a proxy or not; a template gets one when it says so, or the injector's settings do. */
export function isMeshed(workload: Workload): boolean {
  const has = ['containers', 'initContainers'].some((field) =>
    itemsAt(workload.podSpec, field).some(({ item }) => typeof item['name'] === 'string' && item['name'].startsWith('consul-dataplane')),
  );
  if (has || (workload.isPod && workload.resource.origin === undefined)) return has;
  return workload.annotations[INJECT] === 'true';
}

/**
 * What becomes of requests that no intention speaks of: with access control lists they are denied unless these say otherwise.
 * @returns undefined when the objects do not tell
 */
export function deniesByDefault(resources: ResourceSet): boolean | undefined {
  const injectors = resources.all(DEPLOYMENT).filter(isInjector);
  if (injectors.length === 0) return undefined;
  return injectors.some(({ body }) =>
    itemsAt(body, 'spec', 'template', 'spec', 'containers').some(({ item }) =>
      itemsAt(item, 'env').some(({ item: variable }) => variable['name'] === 'CONSUL_LOGIN_AUTH_METHOD'),
    ),
  );
}

/** What applies to a workload or a service of Consul, by configuration: its service, routing, intentions and mutual TLS. */
import { itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Describe, Fact, Section } from '../../model/describe.ts';
import { type Kind, type Resource, shortKind } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { named, podsFact, portFacts, servicesFor } from '../describe/common.ts';
import { AUTHZ_KINDS, sourcesFor, sourceText } from './policy/index.ts';
import {
  entryNamed,
  isMeshed,
  PROXY_DEFAULTS,
  protocolOf,
  SERVICE_DEFAULTS,
  SERVICE_RESOLVER,
  SERVICE_ROUTER,
  SERVICE_SPLITTER,
  serviceName,
} from './policy/service.ts';

const MESH: Kind = 'consul.hashicorp.com/Mesh';
const SERVICE: Kind = 'core/Service';
const UPSTREAMS = 'consul.hashicorp.com/connect-service-upstreams';

export const DESCRIBE_KINDS: readonly Kind[] = [...AUTHZ_KINDS, SERVICE_ROUTER, SERVICE_SPLITTER, SERVICE_RESOLVER, MESH];

export const describe: Describe = async ({ target, workloads }, resources) => {
  const [workload] = workloads;
  const pods = podsFact(workloads);
  if (!workload) return { sections: [{ id: 'workload', title: 'Workload', facts: [pods] }], troubles: [], proxies: [] };
  const isService = target.kind === SERVICE;
  const services = isService ? [target] : servicesFor(workload.namespace, workload.labels, resources);
  const name = isService ? target.name : serviceName(workload.namespace, workload.labels, workload.annotations, resources);
  const meshed = isMeshed(workload);
  const upstreams = workload.annotations[UPSTREAMS];
  const sections: readonly Section[] = [
    {
      id: 'workload',
      title: 'Workload',
      facts: [
        pods,
        { subject: 'service', value: name ?? 'none: no Service leads to its pods', from: services.map(named) },
        { subject: 'proxy', value: meshed ? 'consul-dataplane' : 'none', from: [named(workload.resource)] },
        ...(upstreams === undefined ? [] : [{ subject: 'upstreams', value: upstreams, from: [named(workload.resource)] }]),
      ],
    },
    {
      id: 'ports',
      title: 'Ports',
      facts: portFacts(workload, services, () => (name === undefined ? 'tcp' : protocolOf(name, resources).protocol)),
    },
    ...(name === undefined ? [] : serviceSections(name, resources)),
    { id: 'mutual-tls', title: 'Mutual TLS', facts: mutualTlsFacts(meshed, name, workload.resource, resources) },
  ];
  return { sections: sections.filter(({ facts }) => facts.length > 0), troubles: [], proxies: [] };
};

function serviceSections(name: string, resources: ResourceSet): readonly Section[] {
  const entry = (kind: Kind, tell: (entry: Resource) => Pick<Fact, 'value' | 'details'>): readonly Fact[] => {
    const found = entryNamed(kind, name, resources);
    return found ? [{ subject: `${shortKind(kind)} ${found.namespace}/${found.name}`, from: [named(found)], ...tell(found) }] : [];
  };
  const standard = resources.all(PROXY_DEFAULTS).map((each) => ({
    subject: `ProxyDefaults ${each.namespace}/${each.name}`,
    value: `for all proxies${stringAt(each.body, 'spec', 'config', 'protocol') === undefined ? '' : `: protocol ${stringAt(each.body, 'spec', 'config', 'protocol')}`}`,
    from: [named(each)],
  }));
  const policies = [...new Set(sourcesFor(name, resources).map(({ policy }) => policy))];
  return [
    {
      id: 'routes',
      title: 'Routes',
      facts: [
        ...entry(SERVICE_ROUTER, ({ body }) => ({
          value: 'routes by what requests ask for',
          details: itemsAt(body, 'spec', 'routes').map(
            ({ item }) => `${matchText(item)} → ${targetText(objectAt(item, 'destination'), name)}`,
          ),
        })),
        ...entry(SERVICE_SPLITTER, ({ body }) => ({
          value: itemsAt(body, 'spec', 'splits')
            .map(({ item }) => `${targetText(item, name)} ${numberAt(item, 'weight') ?? 0}%`)
            .join(', '),
        })),
        ...entry(SERVICE_RESOLVER, ({ body }) => ({ value: resolverText(body) })),
      ],
    },
    {
      id: 'defaults',
      title: 'Defaults',
      facts: [
        ...entry(SERVICE_DEFAULTS, ({ body }) => ({ value: `protocol ${stringAt(body, 'spec', 'protocol') ?? 'as it is'}` })),
        ...standard,
      ],
    },
    {
      id: 'policies',
      title: 'Intentions',
      facts: policies.map((policy) => ({
        subject: `ServiceIntentions ${policy.namespace}/${policy.name}`,
        value: `to ${stringAt(policy.body, 'spec', 'destination', 'name') ?? ''}`,
        from: [named(policy)],
        details: sourcesFor(name, resources)
          .filter((source) => source.policy === policy)
          .map(sourceText),
      })),
    },
  ];
}

function matchText(route: object): string {
  const http = objectAt(route, 'match', 'http');
  const path =
    stringAt(http, 'pathExact') ??
    (stringAt(http, 'pathPrefix') === undefined ? undefined : `${stringAt(http, 'pathPrefix')}*`) ??
    stringAt(http, 'pathRegex');
  const headers = itemsAt(http, 'header').map(({ item }) => `header ${stringAt(item, 'name')}`);
  return [...(path === undefined ? [] : [path]), ...headers].join(' ') || 'everything';
}

function targetText(destination: object, name: string): string {
  const subset = stringAt(destination, 'serviceSubset');
  return `${stringAt(destination, 'service') ?? name}${subset === undefined ? '' : ` ${subset}`}`;
}

function resolverText(body: object): string {
  const subsets = Object.keys(objectAt(body, 'spec', 'subsets'));
  const redirect = stringAt(body, 'spec', 'redirect', 'service');
  const failover = Object.keys(objectAt(body, 'spec', 'failover'));
  return (
    [
      ...(redirect === undefined ? [] : [`redirects to ${redirect}`]),
      ...(subsets.length === 0 ? [] : [`subsets ${subsets.join(', ')}`]),
      ...(failover.length === 0 ? [] : [`failover of ${failover.join(', ')}`]),
    ].join('; ') || 'settings of connections'
  );
}

function mutualTlsFacts(meshed: boolean, name: string | undefined, pod: Resource, resources: ResourceSet): readonly Fact[] {
  if (!meshed) return [{ subject: 'accepts', value: 'plain text only, as there is no proxy', from: [named(pod)] }];
  const own = name === undefined ? undefined : entryNamed(SERVICE_DEFAULTS, name, resources);
  const standard = resources.all(PROXY_DEFAULTS)[0];
  const mesh = resources.all(MESH)[0];
  const setting = [own, standard].find((each) => stringAt(each?.body, 'spec', 'mutualTLSMode'));
  const isPermissive = stringAt(setting?.body, 'spec', 'mutualTLSMode') === 'permissive';
  return [
    {
      subject: 'accepts',
      value: isPermissive ? 'mutual TLS, and plain text to the port of the application' : 'mutual TLS only',
      from: [...(setting ? [named(setting)] : []), ...(isPermissive && mesh ? [named(mesh)] : [])],
    },
    { subject: 'sends', value: 'mutual TLS to services of the mesh', from: [] },
  ];
}

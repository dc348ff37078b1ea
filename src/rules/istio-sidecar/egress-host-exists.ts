import { fullHost, isWildcard, serviceOfHost } from '../../mesh/istio/hosts.ts';
import { CONFIG_MAP, MESH_CONFIG, NAMESPACE, SERVICE, SERVICE_ENTRY, SIDECAR, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { registry } from '../../mesh/istio/registry.ts';
import { type EgressHost, egressListeners } from '../../mesh/istio/sidecar-scope.ts';
import { isVisible } from '../../mesh/istio/visibility.ts';
import { selectorOf } from '../../mesh/istio/workload-policies.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Problem, Rule } from '../../model/rule.ts';
import { type Importable, importableHosts } from './_importable.ts';

/** Istio completes no short names in a Sidecar and takes the part before the slash for the home of the service. */
export const egressHostExists: Rule = {
  meta: {
    id: 'istio-sidecar/egress-host-exists',
    aliases: ['KIA1004'],
    severity: 'warning',
    summary: 'Every egress host of a Sidecar lets in a service.',
    why: 'Proxies do not get to know the service that was meant: requests to it fail, or leave without mutual TLS, routes and metrics.',
    inputs: [SIDECAR, SERVICE, SERVICE_ENTRY, VIRTUAL_SERVICE, NAMESPACE, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener-hosts',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  egress:
    - hosts:
        - "./*"
        - "billing/invoice.billing.svc.cluster.local"
---
apiVersion: v1
kind: Service
metadata: { name: invoices, namespace: billing }
spec:
  ports: [{ name: http, port: 80 }]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  egress:
    - hosts:
        - "./*"
        - "billing/invoices.billing.svc.cluster.local"
---
apiVersion: v1
kind: Service
metadata: { name: invoices, namespace: billing }
spec:
  ports: [{ name: http, port: 80 }]
`,
    differs:
      'Kiali overlooks the namespace of the host, completes short names and lets a wildcard ServiceEntry answer for an exact host; Istio does none of that.',
  },
  *check(resources) {
    for (const sidecar of resources.all(SIDECAR)) {
      const viewer = viewerOf(sidecar, resources);
      for (const listener of egressListeners(sidecar)) {
        for (const host of listener.hosts) {
          if (isSatisfied(host, viewer, resources)) continue;
          yield {
            at: sidecar,
            path: host.path,
            ...explain(host, viewer, resources),
            absent: evidence(host, resources),
          };
        }
      }
    }
  },
};

/** The namespace whose view counts; `*`, any, for the default of the whole mesh. */
function viewerOf(sidecar: Resource, resources: ResourceSet): string {
  const isMeshDefault = sidecar.namespace === resources.derive(meshConfig).rootNamespace && Object.keys(selectorOf(sidecar)).length === 0;
  return isMeshDefault ? '*' : sidecar.namespace;
}

const homeOf = (host: EgressHost, viewer: string): string => (host.namespace === '.' ? viewer : host.namespace);

function isSatisfied(host: EgressHost, viewer: string, resources: ResourceSet): boolean {
  if (host.excluded) return true;
  const home = homeOf(host, viewer);
  if (host.host === '*') {
    // All that a namespace has may be nothing yet; only a namespace that does not exist is a mistake.
    if (home === '*' || home === viewer || home === resources.derive(meshConfig).rootNamespace) return true;
    if (resources.get(NAMESPACE, '', home)) return true;
  }
  const isSeen = ({ scope }: Importable): boolean => (viewer === '*' ? scope.size > 0 : isVisible(scope, viewer));
  return resources.derive(importableHosts).find(host.host, home, isSeen) !== undefined;
}

function evidence({ host }: EgressHost, resources: ResourceSet): Kind {
  if (host === '*') return NAMESPACE;
  const { clusterDomain } = resources.settings;
  const inCluster = isWildcard(host)
    ? host.endsWith(`.svc.${clusterDomain}`)
    : serviceOfHost(fullHost(host, 'any', clusterDomain), clusterDomain);
  return inCluster ? SERVICE : SERVICE_ENTRY;
}

function explain(host: EgressHost, viewer: string, resources: ResourceSet): Pick<Problem, 'message' | 'fix'> {
  const home = homeOf(host, viewer);
  const hosts = resources.derive(importableHosts);
  const because = (reason: string, fix: string): Pick<Problem, 'message' | 'fix'> => ({
    message: `Egress host "${host.written}" lets in nothing: ${reason}.`,
    fix,
  });
  if (hosts.find(host.host, home)) {
    const reason = viewer === '*' ? 'what matches is exported to no namespace' : `what matches is not exported to namespace "${viewer}"`;
    return because(reason, 'Export the service to this namespace, or remove the host.');
  }
  if (host.host === '*') return because(`there is no namespace "${home}"`, 'Correct the name of the namespace, or remove the host.');
  const prefix = host.written.slice(0, host.written.indexOf('/'));
  const { clusterDomain } = resources.settings;
  // As written in a VirtualService, and the form that only Kubernetes' own DNS completes.
  const full = [fullHost(host.host, home === '*' ? viewer : home, clusterDomain), `${host.host}.svc.${clusterDomain}`].find(
    (name) => name !== host.host && hosts.find(name, home),
  );
  if (full) {
    return because('short names are not completed here', `Use the full name, "${prefix}/${full}".`);
  }
  const elsewhere = hosts.find(host.host, '*');
  if (elsewhere) {
    return because(`the host belongs to namespace "${elsewhere.namespace}"`, `Did you mean "${elsewhere.namespace}/${host.host}"?`);
  }
  const wider = resources.derive(registry).find(host.host, viewer);
  if (wider) return because(`a host "${wider.host}" is let in only as a whole`, `Use "${wider.namespace}/${wider.host}" instead.`);
  const similar = hosts.similar(host.host, home);
  return because(
    home === '*' ? 'nothing has such a name' : `namespace "${home}" has no service of that name`,
    similar ? `Did you mean "${prefix}/${similar}"?` : 'Correct the name, create the service or a ServiceEntry for it, or remove the host.',
  );
}

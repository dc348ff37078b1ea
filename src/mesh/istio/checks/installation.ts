/** The objects that an installation of istiod is made of, besides its Deployment and webhooks. */
import { itemsAt, numberAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { Check } from '../../../model/check.ts';
import { labelsMatch } from '../../../model/labels.ts';
import { type Kind, type Resource, shortKind } from '../../../model/resource.ts';
import { count, quotedList } from '../../../text/words.ts';
import {
  AUTHORIZATION_POLICY,
  CRD,
  DEPLOYMENT,
  DESTINATION_RULE,
  ENVOY_FILTER,
  GATEWAY,
  PEER_AUTHENTICATION,
  PROXY_CONFIG,
  REQUEST_AUTHENTICATION,
  SERVICE,
  SERVICE_ENTRY,
  SIDECAR,
  TELEMETRY,
  VIRTUAL_SERVICE,
  WASM_PLUGIN,
  WORKLOAD_ENTRY,
  WORKLOAD_GROUP,
} from '../kinds.ts';
import { CONTROL_PLANE_EXISTS, controlPlanes, OUTSIDE } from './control-plane.ts';

/** Of every release that is in use. */
const KINDS: readonly Kind[] = [
  VIRTUAL_SERVICE,
  DESTINATION_RULE,
  GATEWAY,
  SERVICE_ENTRY,
  SIDECAR,
  WORKLOAD_ENTRY,
  WORKLOAD_GROUP,
  ENVOY_FILTER,
  PROXY_CONFIG,
  AUTHORIZATION_POLICY,
  REQUEST_AUTHENTICATION,
  PEER_AUTHENTICATION,
  TELEMETRY,
  WASM_PLUGIN,
];

const definitionsServed: Check = {
  id: 'istio/control-plane-definitions-served',
  category: 'control-plane',
  title: "The API server serves every kind of Istio's configuration.",
  why: 'Objects of a kind that is not served cannot be created, and istiod waits for kinds that never come.',
  docs: 'https://istio.io/latest/docs/setup/install/helm/',
  settles: true,
  needs: [CONTROL_PLANE_EXISTS],
  reads: [CRD],
  run: async (facts) => {
    if ((await controlPlanes(facts)).length === 0) return { is: 'ok', reason: OUTSIDE };
    const served = await facts.kinds();
    const missing = KINDS.filter((kind) => !served.has(kind));
    if (missing.length === 0) return { is: 'ok', reason: `${count(KINDS.length, 'kind')}.` };
    const definitions = (await facts.list(CRD, { metadataOnly: true })).filter(({ name }) => name.endsWith('.istio.io'));
    return {
      is: missing.length === KINDS.length ? 'failed' : 'warning',
      reason: `The API server does not serve ${quotedList(missing.map(shortKind), 14)}.`,
      hint:
        definitions.length === 0
          ? 'Install Istio\'s chart "base", which brings the definitions.'
          : 'Upgrade Istio\'s chart "base", and look at the conditions of its definitions with "kubectl get crd -l app.kubernetes.io/part-of=istio".',
    };
  },
};

/** Proxies get their configuration and their certificates on it. */
const XDS_PORT = 15012;

const serviceExists: Check = {
  id: 'istio/control-plane-service-exists',
  category: 'control-plane',
  title: 'A Service leads proxies to every istiod.',
  why: 'Proxies find istiod by the name of the Service: without it they get neither configuration nor certificates.',
  docs: 'https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio',
  needs: [CONTROL_PLANE_EXISTS],
  reads: [SERVICE, DEPLOYMENT],
  run: async (facts) => {
    const planes = await controlPlanes(facts);
    const services = (await facts.list(SERVICE)).filter(hasXdsPort);
    const affected = planes
      .filter(({ deployment }) => !services.some((service) => leadsTo(service, deployment)))
      .map(({ deployment }) => ({ resource: deployment, detail: `No Service with port ${XDS_PORT} selects its pods.` }));
    const [first] = affected;
    if (!first) return { is: 'ok' };
    return {
      is: 'failed',
      reason: 'No Service leads to an istiod.',
      hint: `Install the chart "istiod" of the revision again: it brings the Service of Deployment "${first.resource.namespace}/${first.resource.name}".`,
      affected,
    };
  },
};

const hasXdsPort = ({ body }: Resource): boolean => itemsAt(body, 'spec', 'ports').some(({ item }) => numberAt(item, 'port') === XDS_PORT);

function leadsTo({ namespace, body }: Resource, deployment: Resource): boolean {
  const selector = stringMapAt(body, 'spec', 'selector');
  // Endpoints of a Service without selector are written by somebody else.
  const labels = stringMapAt(deployment.body, 'spec', 'template', 'metadata', 'labels');
  return namespace === deployment.namespace && labelsMatch(selector, labels);
}

const CLUSTER_ROLE_BINDING: Kind = 'rbac.authorization.k8s.io/ClusterRoleBinding';

const permissionsGranted: Check = {
  id: 'istio/control-plane-permissions-granted',
  category: 'control-plane',
  title: 'The service account of every istiod is bound to a ClusterRole.',
  why: 'istiod cannot read services and configuration, nor write its webhooks, without permission.',
  docs: 'https://istio.io/latest/docs/setup/install/helm/',
  needs: [CONTROL_PLANE_EXISTS],
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const planes = await controlPlanes(facts);
    const bound = new Set((await facts.list(CLUSTER_ROLE_BINDING)).flatMap(subjectsOf));
    const affected = planes.flatMap(({ deployment }) => {
      const account = stringAt(deployment.body, 'spec', 'template', 'spec', 'serviceAccountName') ?? 'default';
      const groups = ['system:serviceaccounts', `system:serviceaccounts:${deployment.namespace}`];
      if (bound.has(`${deployment.namespace}/${account}`) || groups.some((group) => bound.has(group))) return [];
      return [{ resource: deployment, detail: `No ClusterRoleBinding names its service account "${account}".` }];
    });
    const [first] = affected;
    if (!first) return { is: 'ok' };
    return {
      is: 'failed',
      reason: 'An istiod has no permission to read the cluster.',
      hint: `Install the chart "istiod" again for Deployment "${first.resource.namespace}/${first.resource.name}": it brings the ClusterRole and its binding.`,
      affected,
    };
  },
};

/** `istio-system/istiod` for accounts, the plain name for groups and users. */
function subjectsOf({ body }: Resource): readonly string[] {
  return itemsAt(body, 'subjects').map(({ item }) => {
    const name = stringAt(item, 'name') ?? '';
    return item['kind'] === 'ServiceAccount' ? `${stringAt(item, 'namespace') ?? ''}/${name}` : name;
  });
}

export const installationChecks: readonly Check[] = [definitionsServed, serviceExists, permissionsGranted];

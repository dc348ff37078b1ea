/** Service mirrors, which keep services here for those of linked clusters. */
import { itemsAt, listAt, numberAt, stringAt } from '../../../model/body.ts';
import type { Check, Facts } from '../../../model/check.ts';
import { readSamples } from '../../../text/prometheus.ts';
import { count, quotedList } from '../../../text/words.ts';
import { hasReadyEndpoint } from '../../checks/webhooks.ts';
import { binds } from '../bindings.ts';
import { extensionNamespace, extensionPods } from '../extensions.ts';
import {
  CLUSTER_NAME,
  CLUSTER_ROLE_BINDING,
  DEPLOYMENT,
  ENDPOINT_SLICE,
  hints,
  LEASE,
  LINK,
  NAMESPACE,
  POD,
  ROLE_BINDING,
  SERVICE,
  SERVICE_ACCOUNT,
} from '../kinds.ts';
import { gatewayMirrors, isDiscovered, isLegacyMirror, type Link, links, mirrorServices, mirrorsOf } from '../links.ts';
import { proxiesAmong } from '../proxies.ts';
import { proxyTroubles } from './data-plane.ts';
import { clusters, LINKS_DEFINED, NO_LINKS, ofEach, onLinks } from './links.ts';
import { type Trouble, verdict } from './verdict.ts';
import { proxiesCurrent } from './versions.ts';

const mirrorsPermitted = onLinks({
  id: 'linkerd/multicluster-permissions-exist',
  title: 'Every service mirror has its ServiceAccount and is bound to roles.',
  why: 'A service mirror that may not write services and endpoints mirrors nothing.',
  anchor: 'l5d-multicluster-source-rbac-correct',
  reads: [DEPLOYMENT, CLUSTER_ROLE_BINDING, ROLE_BINDING],
  judge: async (facts, all) => {
    const bindings = [...(await facts.list(CLUSTER_ROLE_BINDING)), ...(await facts.list(ROLE_BINDING))];
    const deployments = (await Promise.all(all.map((link) => mirrorsOf(facts, link)))).flat();
    const troubles = await Promise.all(
      deployments.map(async (resource): Promise<readonly Trouble[]> => {
        const { namespace } = resource;
        const name = stringAt(resource.body, 'spec', 'template', 'spec', 'serviceAccountName') ?? 'default';
        const hint = `Apply the roles, the bindings and ServiceAccount "${namespace}/${name}" again from the chart of the extension.`;
        if (!(await facts.get({ kind: SERVICE_ACCOUNT, namespace, name })))
          return [{ is: 'failed', resource, detail: `Its ServiceAccount "${name}" does not exist.`, hint }];
        const own = bindings.filter((binding) => binds(binding, namespace, name));
        const lacking = [CLUSTER_ROLE_BINDING, ROLE_BINDING].filter((kind) => !own.some((binding) => binding.kind === kind));
        const kinds = lacking.map((kind) => kind.slice(kind.indexOf('/') + 1));
        return lacking.length === 0
          ? []
          : [{ is: 'failed', resource, detail: `No ${kinds.join(' and no ')} names its ServiceAccount "${name}".`, hint }];
      }),
    );
    return verdict(troubles.flat(), `${count(deployments.length, 'service mirror')}.`, 'Service mirrors lack their permissions.');
  },
});

const MIRRORS_RUN = 'linkerd/multicluster-mirrors-running';

const mirrorsRunning = onLinks({
  id: MIRRORS_RUN,
  title: 'For every Link one service mirror runs.',
  why: 'Without one services of the other cluster are not mirrored, and the endpoints of those that are grow old.',
  anchor: 'l5d-multicluster-service-mirror-running',
  settles: true,
  reads: [DEPLOYMENT],
  judge: async (facts, all) => {
    const troubles = await ofEach(all, async (link) => {
      const { resource, cluster } = link;
      const found = await mirrorsOf(facts, link);
      const [first] = found;
      const hint = first
        ? `Run "kubectl -n ${first.namespace} describe deployment ${first.name}".`
        : `Add cluster "${cluster}" to "controllers" in the values of the extension "multicluster", and upgrade it.`;
      const bad = (detail: string): Trouble => ({ is: 'failed', resource, detail, hint });
      if (!first) return bad('No Deployment mirrors the services of its cluster.');
      if (found.length > 1)
        return bad(`${found.length} Deployments mirror the services of its cluster: ${quotedList(found.map(({ name }) => name))}.`);
      const available = numberAt(first.body, 'status', 'availableReplicas') ?? numberAt(first.body, 'status', 'readyReplicas') ?? 0;
      return available > 0 ? undefined : bad(`Deployment "${first.namespace}/${first.name}" has no replica available.`);
    });
    return verdict(troubles, clusters(all), 'Service mirrors do not run.');
  },
});

const mirrorsManaged = onLinks({
  id: 'linkerd/multicluster-mirrors-managed',
  title: "Service mirrors belong to the extension's chart.",
  why: 'Those that "linkerd multicluster link" made are left behind when the extension is upgraded.',
  anchor: 'l5d-multicluster-managed-controllers',
  reads: [DEPLOYMENT],
  judge: async (facts, all) => {
    const found = (await Promise.all(all.map((link) => mirrorsOf(facts, link)))).flat();
    const troubles = found.filter(isLegacyMirror).map((resource): Trouble => {
      const hint = `Add cluster "${resource.labels[CLUSTER_NAME]}" to "controllers" in the values of the extension, upgrade it, and delete Deployment "${resource.namespace}/${resource.name}".`;
      return { is: 'warning', resource, detail: 'It was made by "linkerd multicluster link".', hint };
    });
    return verdict(troubles, `${count(found.length, 'service mirror')}.`, 'Service mirrors are not kept by the chart.');
  },
});

const gatewaysAlive = onLinks({
  id: 'linkerd/multicluster-gateways-alive',
  title: 'Service mirrors reach the gateways of their clusters.',
  why: 'While a gateway does not answer, the services that are mirrored through it have no endpoints here.',
  anchor: 'l5d-multicluster-gateways-endpoints',
  settles: true,
  needs: [MIRRORS_RUN],
  reads: [SERVICE, POD],
  judge: async (facts, all) => {
    const gated = all.filter(({ hasGateway }) => hasGateway);
    if (gated.length === 0) return { is: 'ok', reason: 'No cluster is linked by a gateway.' };
    const troubles = await ofEach(gated, (link) => gatewayTrouble(facts, link));
    return verdict(troubles, clusters(gated), 'Gateways of linked clusters do not answer.');
  },
});

const MIRROR_ADMIN_PORT = 9999;

async function gatewayTrouble(facts: Facts, link: Link): Promise<Trouble | undefined> {
  const { resource, cluster } = link;
  const address = stringAt(resource.body, 'spec', 'gatewayAddress');
  const hint = `See that the gateway of cluster "${cluster}" is reachable from here at ${address}, port ${numberAt(resource.body, 'spec', 'gatewayPort') ?? stringAt(resource.body, 'spec', 'gatewayPort') ?? 4143} and the port of its probe.`;
  const [probe, ...more] = await gatewayMirrors(facts, link);
  const bad = (detail: string): Trouble => ({ is: 'failed', resource, detail, hint });
  if (!probe) return bad(`There is no probe service for the gateway of cluster "${cluster}".`);
  if (more.length > 0) return bad(`There are ${more.length + 1} probe services for the gateway of cluster "${cluster}".`);
  const isAlive = await saysAlive(facts, resource.namespace, cluster);
  if (isAlive === false) return bad(`Its service mirror gets no answer from the gateway of cluster "${cluster}".`);
  if (isAlive === true || (await hasEndpoints(facts, probe.namespace, probe.name))) return undefined;
  return bad(`Service "${probe.namespace}/${probe.name}" has no endpoint, so that the gateway is not probed.`);
}

/** Only the mirror that holds the lease probes. @returns undefined when it does not tell */
async function saysAlive(facts: Facts, namespace: string, cluster: string): Promise<boolean | undefined> {
  const lease = await facts.get({ kind: LEASE, namespace, name: `service-mirror-write-${cluster}` });
  const holder = stringAt(lease?.body, 'spec', 'holderIdentity');
  const pod = (await facts.list(POD)).find((each) => each.namespace === namespace && each.name === holder);
  const answer = pod && (await facts.ask(pod, MIRROR_ADMIN_PORT, '/metrics'));
  if (answer?.status !== 200) return undefined;
  const samples = readSamples(answer.body, (name) => name === 'gateway_alive');
  const own = samples.find(({ labels }) => (labels['target_cluster_name'] ?? cluster) === cluster);
  return own && own.value === 1;
}

/** Service mirrors write Endpoints; the cluster makes slices of them, except where it is told not to. */
async function hasEndpoints(facts: Facts, namespace: string, name: string): Promise<boolean> {
  if (await hasReadyEndpoint(facts, namespace, name)) return true;
  const endpoints = await facts.get({ kind: 'core/Endpoints', namespace, name });
  return itemsAt(endpoints?.body, 'subsets').some(({ item }) => listAt(item, 'addresses').length > 0);
}

const mirrorsHaveEndpoints = onLinks({
  id: 'linkerd/multicluster-mirrors-have-endpoints',
  title: 'Every service that is mirrored through a gateway has an endpoint.',
  why: 'Requests to a mirror without endpoints fail.',
  anchor: 'l5d-multicluster-services-endpoints',
  settles: true,
  reads: [SERVICE, ENDPOINT_SLICE],
  judge: async (facts) => {
    const mirrors = (await mirrorServices(facts)).filter((service) => !isDiscovered(service));
    const served = await servedNames(facts);
    const troubles = mirrors.flatMap((resource): readonly Trouble[] => {
      const { namespace, name } = resource;
      if (served.has(`${namespace}/${name}`)) return [];
      const from = resource.labels[CLUSTER_NAME] ?? 'unknown';
      const hint = `See whether the service behind "${namespace}/${name}" in cluster "${from}" has endpoints, and whether its gateway answers.`;
      return [{ is: 'failed', resource, detail: `It is mirrored from cluster "${from}" and has no endpoint.`, hint }];
    });
    return verdict(troubles, `${count(mirrors.length, 'mirror')}.`, 'Mirrored services have no endpoints.');
  },
});

/** Of all services at once: mirrors may stand in any number of namespaces. */
async function servedNames(facts: Facts): Promise<ReadonlySet<string>> {
  const slices = (await facts.list(ENDPOINT_SLICE)).filter(({ body }) => listAt(body, 'endpoints').length > 0);
  return new Set(slices.map(({ namespace, labels }) => `${namespace}/${labels['kubernetes.io/service-name']}`));
}

/** Orphans are left where there are no links any more, so that this one looks there too. */
const mirrorsLinked: Check = {
  id: 'linkerd/multicluster-mirrors-linked',
  category: 'extensions',
  title: 'Every mirrored service belongs to a Link.',
  why: 'Nobody keeps a mirror whose Link is gone: its endpoints are those of the day when it was left.',
  docs: hints('l5d-multicluster-orphaned-services'),
  aliases: ['l5d-multicluster-orphaned-services'],
  needs: [LINKS_DEFINED],
  reads: [SERVICE, LINK],
  run: async (facts) => {
    const known = new Set((await links(facts)).map(({ cluster }) => cluster));
    const mirrors = (await mirrorServices(facts)).filter(({ labels }) => labels[CLUSTER_NAME] !== undefined);
    if (mirrors.length === 0 && known.size === 0) return NO_LINKS;
    const troubles = mirrors.flatMap((resource): readonly Trouble[] => {
      const from = resource.labels[CLUSTER_NAME] ?? '';
      if (known.has(from)) return [];
      const hint = `Delete Service "${resource.namespace}/${resource.name}", or link cluster "${from}" again.`;
      return [{ is: 'warning', resource, detail: `It mirrors cluster "${from}", to which there is no Link.`, hint }];
    });
    return verdict(troubles, `${count(mirrors.length, 'mirror')}.`, 'Mirrored services are left of links that are gone.');
  },
};

const proxiesReady = onLinks({
  id: 'linkerd/multicluster-proxies-ready',
  title: 'The proxies of the extension "multicluster" are ready.',
  why: 'A gateway or service mirror whose proxy is not ready takes and probes nothing.',
  anchor: 'l5d-multicluster-proxy-healthy',
  settles: true,
  reads: [POD, NAMESPACE],
  judge: async (facts) => {
    const home = await extensionNamespace(facts, 'multicluster');
    return proxyTroubles(facts, home ? proxiesAmong(await extensionPods(facts, home)) : []);
  },
});

const proxiesSameRelease: Check = {
  ...onLinks({
    id: 'linkerd/multicluster-proxies-current',
    title: 'The proxies of the extension "multicluster" are of the release that new pods get.',
    why: 'Its proxies lack the fixes of the release that is installed.',
    anchor: 'l5d-multicluster-proxy-cp-version',
    settles: true,
    reads: [POD, NAMESPACE],
    judge: async (facts) => {
      const home = await extensionNamespace(facts, 'multicluster');
      return proxiesCurrent(facts, home ? proxiesAmong(await extensionPods(facts, home)) : []);
    },
  }),
  aliases: ['l5d-multicluster-proxy-cp-version', 'l5d-multicluster-proxy-cli-version'],
};

export const mirrorChecks: readonly Check[] = [
  mirrorsPermitted,
  mirrorsRunning,
  mirrorsManaged,
  gatewaysAlive,
  mirrorsHaveEndpoints,
  mirrorsLinked,
  proxiesReady,
  proxiesSameRelease,
];

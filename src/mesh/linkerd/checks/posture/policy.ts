/** Who may call workloads of the mesh, and whom they may call. */
import { itemsAt, objectAt, stringAt } from '../../../../model/body.ts';
import type { Affected, Check } from '../../../../model/check.ts';
import { labelSelectorMatches } from '../../../../model/labels.ts';
import type { Body, Kind, Resource } from '../../../../model/resource.ts';
import { count } from '../../../../text/words.ts';
import { type ProxiedWorkload, proxiedWorkloads } from '../../../checks/posture/proxied-workloads.ts';
import { POD, postureCheck } from '../../../checks/posture/traits.ts';
import { isLinkerdsOwn } from './control-planes.ts';

export const PROXY = 'linkerd-proxy';

const SERVER: Kind = 'policy.linkerd.io/Server';
const EGRESS_NETWORK: Kind = 'policy.linkerd.io/EgressNetwork';

const POLICY_VARIABLE = 'LINKERD2_PROXY_INBOUND_DEFAULT_POLICY';

/** What these let in has no identity. `audit` lets in everything too, and notes what a policy would have refused. */
const OPEN: ReadonlySet<string> = new Set(['all-unauthenticated', 'cluster-unauthenticated', 'audit']);

export const inboundAuthenticated: Check = postureCheck({
  id: 'linkerd/posture-inbound-authenticated',
  title: 'Workloads of the mesh let in only clients of the mesh.',
  why: 'With the default policy "all-unauthenticated" anybody in the network calls a workload without an identity.',
  docs: 'https://linkerd.io/2/features/server-policy/',
  reads: [POD, SERVER],
  run: async (facts) => {
    const servers = await facts.list(SERVER);
    const workloads = (await proxiedWorkloads(facts, PROXY)).filter(({ pod }) => !isLinkerdsOwn(pod));
    const affected = workloads.flatMap((workload): readonly Affected[] => {
      const policy = defaultPolicy(workload);
      if (policy === undefined || !OPEN.has(policy) || servers.some((server) => selects(server, workload.pod))) return [];
      return [{ resource: workload.resource, detail: `Its default policy is "${policy}", and no Server selects its pods.` }];
    });
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${count(workloads.length, 'workload')}.` };
    return {
      is: 'warning',
      reason: `${count(affected.length, 'workload')} of ${workloads.length} ${affected.length === 1 ? 'lets' : 'let'} in clients without an identity.`,
      hint: `Annotate the namespace with "config.linkerd.io/default-inbound-policy: all-authenticated" (or "deny", with an AuthorizationPolicy for what is allowed) and restart the workloads, as in "kubectl annotate namespace ${first.resource.namespace} config.linkerd.io/default-inbound-policy=all-authenticated"; for the whole mesh set "proxy.defaultInboundPolicy".`,
      affected,
    };
  },
});

/** As the injector wrote it into the pod; undefined when another program of injection did. */
function defaultPolicy({ proxy }: ProxiedWorkload): string | undefined {
  return stringAt(itemsAt(proxy, 'env').find(({ item }) => item['name'] === POLICY_VARIABLE)?.item, 'value');
}

const selects = (server: Resource, pod: Resource): boolean =>
  server.namespace === pod.namespace &&
  Object.keys(objectAt(server.body, 'spec', 'podSelector')).length > 0 &&
  labelSelectorMatches(objectAt(server.body, 'spec', 'podSelector'), pod.labels);

export const serversAuthorized: Check = postureCheck({
  id: 'linkerd/posture-servers-authorized',
  title: 'Every Server says who may call it.',
  why: 'A Server with the access policy "all-unauthenticated" takes requests of anybody, whatever the default policy of its pods says.',
  docs: 'https://linkerd.io/2/reference/authorization-policy/',
  reads: [SERVER],
  run: async (facts) => {
    const servers = (await facts.scoped(SERVER)).filter((server) => !isLinkerdsOwn(server));
    const affected = servers.flatMap((resource): readonly Affected[] => {
      const policy = stringAt(resource.body, 'spec', 'accessPolicy') ?? 'deny';
      return OPEN.has(policy) ? [{ resource, detail: `Its accessPolicy is "${policy}".` }] : [];
    });
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${count(servers.length, 'Server')}.` };
    return {
      is: 'warning',
      reason: `${count(affected.length, 'Server')} of ${servers.length} ${affected.length === 1 ? 'takes' : 'take'} requests of anybody.`,
      hint: `Remove "accessPolicy" from Server "${first.resource.namespace}/${first.resource.name}" and apply an AuthorizationPolicy for its clients.`,
      affected,
    };
  },
});

export const egressRestricted: Check = postureCheck({
  id: 'linkerd/posture-egress-restricted',
  title: 'Proxies send requests out of the cluster only where a policy allows it.',
  why: 'Without an EgressNetwork a workload that was broken into reaches every address outside, and nobody sees where requests go.',
  docs: 'https://linkerd.io/2/features/egress/',
  reads: [EGRESS_NETWORK],
  run: async (facts) => {
    if (!(await facts.kinds()).has(EGRESS_NETWORK)) return { is: 'ok', reason: 'This version of Linkerd has no policy for egress.' };
    const networks = await facts.list(EGRESS_NETWORK);
    const denying = networks.filter(({ body }) => stringAt(body, 'spec', 'trafficPolicy') === 'Deny');
    if (denying.length > 0) return { is: 'ok', reason: `${count(denying.length, 'EgressNetwork')} with the policy "Deny".` };
    return {
      is: 'warning',
      reason: networks.length === 0 ? 'There is no EgressNetwork.' : 'Every EgressNetwork allows what no route forbids.',
      hint: 'Apply an EgressNetwork with "trafficPolicy: Deny" in namespace "linkerd-egress" for all workloads, or in their own, and routes for what is allowed.',
      affected: networks.map((resource) => ({ resource })),
    };
  },
});

/** Levels of Rust's log filters: `warn,linkerd=debug`. */
const LOUD = /\b(debug|trace)\b/;

export const logLevelsQuiet: Check = postureCheck({
  id: 'linkerd/posture-log-levels-quiet',
  title: 'Proxies do not log for debugging.',
  why: 'Such logs are long, slow the proxy down, and show headers of requests.',
  docs: 'https://linkerd.io/2/reference/proxy-log-level/',
  reads: [POD],
  run: async (facts) => {
    const affected = (await proxiedWorkloads(facts, PROXY)).flatMap(({ resource, proxy }): readonly Affected[] => {
      const level = logLevel(proxy);
      return level !== undefined && LOUD.test(level) ? [{ resource, detail: `The log level of its proxy is "${level}".` }] : [];
    });
    if (affected.length === 0) return { is: 'ok' };
    return {
      is: 'warning',
      reason: 'Logs are written for debugging.',
      hint: 'Remove the annotation "config.linkerd.io/proxy-log-level" and restart the workloads.',
      affected,
    };
  },
});

const logLevel = (proxy: Body): string | undefined =>
  stringAt(itemsAt(proxy, 'env').find(({ item }) => item['name'] === 'LINKERD2_PROXY_LOG')?.item, 'value');

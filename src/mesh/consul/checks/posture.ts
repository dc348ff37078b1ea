/** How Consul is run: what its documentation for production asks for, each with the objects that fall short. */
import { has, itemsAt, stringAt } from '../../../model/body.ts';
import type { Affected, Check, Facts } from '../../../model/check.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import { availabilityPosture } from '../../checks/posture/availability.ts';
import { containerPosture } from '../../checks/posture/control-plane-containers.ts';
import { exposurePosture } from '../../checks/posture/exposure.ts';
import { metricsPosture } from '../../checks/posture/metrics.ts';
import { proxiedWorkloads } from '../../checks/posture/proxied-workloads.ts';
import { proxyPosture } from '../../checks/posture/proxies.ts';
import { DEPLOYMENT, type PostureTraits, postureCheck } from '../../checks/posture/traits.ts';

const STATEFUL_SET: Kind = 'apps/StatefulSet';
const INTENTIONS: Kind = 'consul.hashicorp.com/ServiceIntentions';
const CONFIG_MAP: Kind = 'core/ConfigMap';

const PROXY = 'consul-dataplane';
const isPart = ({ labels }: Resource, ...components: readonly string[]): boolean =>
  labels['app'] === 'consul' && components.includes(labels['component'] ?? '');

async function servers(facts: Facts): Promise<readonly Resource[]> {
  return (await facts.list(STATEFUL_SET)).filter((each) => isPart(each, 'server'));
}

const traits: PostureTraits = {
  mesh: 'consul',
  title: 'Consul',
  proxy: PROXY,
  workloads: (facts) => proxiedWorkloads(facts, PROXY),
  proxyResources:
    'Set "connectInject.sidecarProxy.resources", or the annotations "consul.hashicorp.com/sidecar-proxy-…", and restart the workloads.',
  highAvailability: 'Set "server.replicas" to 3 or 5, "connectInject.replicas=2", and leave the disruption budgets of the chart enabled.',
  nodeAgent: 'Install with "connectInject.cni.enabled=true", and restart the workloads.',
  docs: 'https://developer.hashicorp.com/consul/docs/connect/security',
  controlPlaneKinds: [DEPLOYMENT, STATEFUL_SET],
  controlPlane: async (facts) => [
    ...(await servers(facts)),
    ...(await facts.list(DEPLOYMENT)).filter((each) =>
      isPart(each, 'connect-injector', 'mesh-gateway', 'ingress-gateway', 'terminating-gateway', 'api-gateway'),
    ),
  ],
  adminPorts: { 8300: "the servers' own RPC", 8500: 'the HTTP API in plaintext', 8503: 'the gRPC API', 19000: "Envoy's administration" },
  isOwnService: ({ labels }) => labels['app'] === 'consul',
};

/** @returns undefined when the configuration of the servers is not to be found, as with servers outside of the cluster */
async function serverConfigs(facts: Facts): Promise<readonly Resource[] | undefined> {
  const found: Resource[] = [];
  for (const { namespace, name } of await servers(facts)) {
    const configMap = await facts.get({ kind: CONFIG_MAP, namespace, name: `${name}-config` });
    if (configMap) found.push(configMap);
  }
  return found.length === 0 ? undefined : found;
}

const NO_SERVERS = 'The configuration of the servers is not in this cluster.';

const aclsEnabled: Check = postureCheck({
  id: 'consul/posture-acls-enabled',
  title: 'The servers ask for a token.',
  why: 'Without ACLs anybody who reaches a server changes intentions and configuration, and registers services.',
  docs: 'https://developer.hashicorp.com/consul/docs/secure/acl/best-practice',
  reads: [STATEFUL_SET],
  run: async (facts) => configured(facts, hasAcls, 'Set "global.acls.manageSystemACLs=true".', 'ACLs are not enabled.'),
});

const tlsEnabled: Check = postureCheck({
  id: 'consul/posture-tls-enabled',
  title: 'The servers speak TLS.',
  why: 'Without it tokens and configuration travel in plaintext between servers, injector and proxies.',
  docs: 'https://developer.hashicorp.com/consul/docs/connect/security',
  reads: [STATEFUL_SET],
  run: async (facts) => configured(facts, hasTls, 'Set "global.tls.enabled=true".', 'TLS is not enabled.'),
});

async function configured(facts: Facts, isSet: (config: Resource) => boolean, hint: string, reason: string): ReturnType<Check['run']> {
  const configs = await serverConfigs(facts);
  if (configs === undefined) return { is: 'skipped', reason: NO_SERVERS };
  const affected = configs.filter((config) => !isSet(config));
  if (affected.length === 0) return { is: 'ok' };
  return { is: 'warning', reason, hint, affected: affected.map((resource) => ({ resource })) };
}

/** The chart adds a file of its own for each; those who write the configuration themselves put it into another. */
const hasAcls = ({ body }: Resource): boolean =>
  has(body, 'data', 'acl-config.json') || mentions(body, /"acl"\s*:\s*\{[^}]*"enabled"\s*:\s*true/);
const hasTls = ({ body }: Resource): boolean => has(body, 'data', 'tls-config.json') || mentions(body, /"(?:tls|ca_file|cert_file)"\s*:/);

const deniesByDefault = ({ body }: Resource): boolean => mentions(body, /"default_intention_policy"\s*:\s*"deny"/);

const mentions = (body: Resource['body'], pattern: RegExp): boolean =>
  ['server.json', 'extra-from-values.json'].some((key) => pattern.test(stringAt(body, 'data', key) ?? ''));

const intentionsDeny: Check = postureCheck({
  id: 'consul/posture-intentions-deny',
  title: 'Requests are refused unless an intention allows them.',
  why: 'Without ACLs the default of intentions is to allow: every workload of the mesh may call every other.',
  docs: 'https://developer.hashicorp.com/consul/docs/secure-mesh/intention/create',
  reads: [STATEFUL_SET, INTENTIONS],
  run: async (facts) => {
    const intentions = await facts.list(INTENTIONS);
    const whole = intentions.filter(({ body }) => stringAt(body, 'spec', 'destination', 'name') === '*');
    const toAll = whole.flatMap((resource) =>
      itemsAt(resource.body, 'spec', 'sources').flatMap(({ item }) =>
        item['name'] === '*' ? [{ resource, action: stringAt(item, 'action') }] : [],
      ),
    );
    const allowing: readonly Affected[] = toAll
      .filter(({ action }) => action === 'allow')
      .map(({ resource }) => ({ resource, detail: 'It allows every call.' }));
    const hint = 'Apply ServiceIntentions for the calls that are needed, and one from "*" to "*" with the action "deny".';
    if (allowing.length > 0) return { is: 'warning', reason: 'An intention allows everything.', hint, affected: allowing };
    if (toAll.some(({ action }) => action === 'deny')) return { is: 'ok', reason: 'An intention denies what no other allows.' };
    const configs = await serverConfigs(facts);
    if (configs === undefined) return { is: 'skipped', reason: NO_SERVERS };
    if (configs.every((config) => hasAcls(config) || deniesByDefault(config)))
      return { is: 'ok', reason: 'The servers deny what no intention allows.' };
    return {
      is: 'warning',
      reason: 'No intention denies what no other allows.',
      hint,
      affected: configs.map((resource) => ({ resource })),
    };
  },
});

export const postureChecks: readonly Check[] = [
  aclsEnabled,
  tlsEnabled,
  intentionsDeny,
  ...exposurePosture(traits),
  ...proxyPosture(traits),
  ...availabilityPosture(traits),
  ...containerPosture(traits),
  ...metricsPosture(traits),
];

/** The certificates that proxies prove themselves with, as their Envoy tells them. */
import { servedCertificates } from '../../../envoy/certs.ts';
import { itemsAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Affected, Check, CheckResult, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { jsonValue } from '../../../text/json-value.ts';
import { count } from '../../../text/words.ts';
import { LEAST_LEFT_OF_WORKLOADS, lifetimeOf } from '../../checks/certificates.ts';
import { CONFIG_MAP, POD } from '../kinds.ts';
import { configMapName, embeddedYaml } from '../mesh-config.ts';
import { CONTROL_PLANE_EXISTS, controlPlanes } from './control-plane.ts';
import { isReady } from './istiod.ts';
import { PROXY, proxyPods } from './proxies.ts';
import { rootConfigMapName, rootsIn } from './trusted-roots.ts';

const ADMIN_PORT = 15000;

/** What a proxy shows others, and whom it trusts. */
interface Shown {
  readonly pod: Resource;
  readonly notBefore: number;
  readonly notAfter: number;
  /** `spiffe://cluster.local/ns/shop/sa/cart`. */
  readonly identity: string;
  /** Serial number of the root that it trusts; undefined where Envoy does not tell. */
  readonly root: string | undefined;
}

const workloadsValid: Check = {
  id: 'istio/certificates-workloads-valid',
  category: 'certificates',
  title: 'Every proxy has a valid certificate for its own service account, under the root of the mesh.',
  why: 'Other workloads refuse its connections, or authorize it as somebody else.',
  settles: true,
  docs: 'https://istio.io/latest/docs/concepts/security/#pki',
  modes: ['proxy'],
  needs: [CONTROL_PLANE_EXISTS],
  reads: [POD],
  run: async (facts) => {
    const pods = (await proxyPods(facts)).map(({ pod }) => pod).filter(isReady);
    if (pods.length === 0) return { is: 'ok', reason: 'No pod with a proxy is ready.' };
    const asked = facts.sample(pods);
    const answers = await Promise.all(asked.map((pod) => shownBy(facts, pod)));
    const shown = answers.flatMap((answer) => answer ?? []);
    if (shown.length === 0) {
      return { is: 'skipped', reason: `None of ${count(asked.length, 'pod')} tells its certificates on port ${ADMIN_PORT}.` };
    }
    const [roots, domains] = await Promise.all([meshRoots(facts), trustDomains(facts)]);
    return resultOf(shown, asked.length, pods.length, (each) => [
      ...faultsOf(each, facts.now),
      ...strangeRoot(each, roots.get(each.pod.namespace)),
      ...strangeDomain(each, domains),
    ]);
  },
};

function resultOf(shown: readonly Shown[], asked: number, all: number, faults: (shown: Shown) => readonly string[]): CheckResult {
  const affected: readonly Affected[] = shown.flatMap((each) => faults(each).map((detail) => ({ resource: each.pod, detail })));
  const [first] = affected;
  const seen = `${shown.length} of ${asked} asked${asked < all ? `, of ${all} in all` : ''}.`;
  if (!first) return { is: 'ok', reason: seen };
  const { namespace, name } = first.resource;
  return {
    is: 'failed',
    reason: `A proxy has no certificate that the mesh accepts. Looked at: ${seen}`,
    hint: `Run "kubectl -n ${namespace} logs ${name} -c ${PROXY}" for why it gets no new one from istiod, and delete the pod to have it start anew.`,
    affected,
  };
}

/** @returns undefined when the proxy does not tell; a gateway may serve further certificates, which are no identities */
async function shownBy(facts: Facts, pod: Resource): Promise<Shown | undefined> {
  const answer = await facts.ask(pod, ADMIN_PORT, '/certs');
  if (answer?.status !== 200) return undefined;
  for (const { identity, notBefore, notAfter, root } of servedCertificates(jsonValue(answer.body)))
    if (identity !== undefined) return { pod, notBefore, notAfter, identity, root };
  return undefined;
}

function faultsOf({ pod, notBefore, notAfter, identity }: Shown, now: number): readonly string[] {
  const lifetime = Number.isNaN(notBefore + notAfter) ? undefined : lifetimeOf({ notBefore, notAfter }, now, LEAST_LEFT_OF_WORKLOADS);
  const [, namespace, account] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity) ?? [];
  const own = stringAt(pod.body, 'spec', 'serviceAccountName') ?? 'default';
  const isOther = namespace !== undefined && (namespace !== pod.namespace || account !== own);
  return [
    ...(lifetime && lifetime.is !== 'ok' ? [`Its certificate ${lifetime.words}, and has not been renewed.`] : []),
    ...(isOther
      ? [`Its certificate is for "${identity}", but the pod runs as service account "${own}" of namespace "${pod.namespace}".`]
      : []),
  ];
}

function strangeRoot({ pod, root }: Shown, roots: ReadonlySet<string> | undefined): readonly string[] {
  if (root === undefined || !roots || roots.size === 0 || roots.has(bare(root)) || hasOtherIssuer(pod)) return [];
  return ['It trusts another root than the mesh publishes in its namespace.'];
}

/** SPIRE and the authorities of some clouds hand certificates out by a volume, which is empty in the injector's own template. */
function hasOtherIssuer({ body }: Resource): boolean {
  return itemsAt(body, 'spec', 'volumes').some(
    ({ item }) => ['workload-socket', 'workload-certs'].includes(stringAt(item, 'name') ?? '') && item['emptyDir'] === undefined,
  );
}

function strangeDomain({ identity }: Shown, domains: ReadonlySet<string>): readonly string[] {
  const domain = identity.slice('spiffe://'.length).split('/')[0] ?? '';
  return domains.size === 0 || domains.has(domain) ? [] : [`Its certificate is of trust domain "${domain}", which the mesh does not name.`];
}

/** Those that the mesh configuration of any control plane names; none where one of them names none. */
async function trustDomains(facts: Facts): Promise<ReadonlySet<string>> {
  const configured = await Promise.all(
    (await controlPlanes(facts)).map(async ({ deployment: { namespace }, revision }) => {
      const config = embeddedYaml(await facts.get({ kind: CONFIG_MAP, namespace, name: configMapName('istio', revision) }), 'mesh');
      const own = stringAt(config, 'trustDomain');
      return own === undefined ? [] : [own, ...stringsAt(config, 'trustDomainAliases').map(({ value }) => value)];
    }),
  );
  return new Set(configured.some((domains) => domains.length === 0) ? [] : configured.flat());
}

/** Serial numbers of the roots that proxies are given, by namespace. */
async function meshRoots(facts: Facts): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const name = rootConfigMapName(await controlPlanes(facts));
  if (name === undefined) return new Map();
  const published = await facts.list(CONFIG_MAP, { fieldSelector: `metadata.name=${name}` });
  return new Map(published.map((configMap) => [configMap.namespace, new Set(rootsIn(configMap).map(({ serial }) => bare(serial)))]));
}

/** Envoy writes serial numbers in lower case, others with leading zeros. */
const bare = (serial: string): string => serial.toLowerCase().replace(/^0+/, '');

export const workloadCertificateChecks: readonly Check[] = [workloadsValid];

/** The authority of the mesh: whether its certificates are good, and everybody trusts the same ones. */
import type { Affected, Check, CheckResult, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import type { Certificate } from '../../../text/pem.ts';
import { count, quotedList } from '../../../text/words.ts';
import { type Lifetime, lifetimeOf, longestLifetime } from '../../checks/certificates.ts';
import { CONFIG_MAP } from '../kinds.ts';
import { CONTROL_PLANE_EXISTS, controlPlanes } from './control-plane.ts';
import { proxyPods } from './proxies.ts';
import { leadsTo, type SigningSecret, signingSecret } from './signing-secret.ts';
import { environmentOf, rootConfigMapName, rootsByNamespace, rootsIn, rootsMeet } from './trusted-roots.ts';

const DOCS = 'https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/';
const RENEW = 'Without it new workloads get no certificate, and those that run lose theirs within a day.';

/** The Secrets of all control planes of this cluster that sign certificates themselves. */
async function signingSecrets(facts: Facts): Promise<readonly (SigningSecret | 'forbidden')[]> {
  const signers = (await controlPlanes(facts)).map(({ deployment }) => deployment).filter((deployment) => !signsElsewhere(deployment));
  const namespaces = [...new Set(signers.map(({ namespace }) => namespace))];
  const found = await Promise.all(namespaces.map((namespace) => signingSecret(facts, namespace)));
  return found.filter((each) => each !== undefined);
}

/** What istiod made before another authority took over stays in its Secret. */
function signsElsewhere(deployment: Resource): boolean {
  return environmentOf(deployment, 'ENABLE_CA_SERVER') === 'false' || environmentOf(deployment, 'EXTERNAL_CA') !== undefined;
}

const authorityValid: Check = {
  id: 'istio/certificates-authority-valid',
  category: 'certificates',
  title: 'The certificates of the mesh authority are valid, and will be for a while.',
  why: 'Once they expire no workload trusts another: every connection with mutual TLS fails.',
  docs: DOCS,
  needs: [CONTROL_PLANE_EXISTS],
  run: async (facts) => {
    const published = [...(await rootsByNamespace(facts)).values()];
    const secrets = (await signingSecrets(facts)).filter((each) => each !== 'forbidden');
    const judged = [
      ...published.flatMap(({ configMap, certificates }) => judge(configMap, 'Its root', longestLifetime(certificates, facts.now))),
      ...secrets.flatMap(({ secret, signing }) => judge(secret, 'Its signing certificate', signing && lifetimeOf(signing, facts.now))),
      ...secrets.flatMap(({ secret, roots }) => judge(secret, 'Its root', longestLifetime(roots, facts.now))),
    ];
    if (judged.length === 0) return { is: 'skipped', reason: 'The cluster shows no certificate of the mesh authority.' };
    const bad = judged.filter(({ lifetime }) => lifetime.is !== 'ok');
    const [first] = bad;
    if (!first) return { is: 'ok', reason: judged[0]?.affected.detail };
    return {
      is: bad.some(({ lifetime }) => lifetime.is === 'failed') ? 'failed' : 'warning',
      reason: bad.some(({ lifetime }) => lifetime.is === 'failed')
        ? 'A certificate of the mesh authority is not valid.'
        : 'A certificate of the mesh authority expires soon.',
      hint: renewal(first.affected.resource, secrets),
      affected: bad.map(({ affected }) => affected),
    };
  },
};

interface Judged {
  readonly lifetime: Lifetime;
  readonly affected: Affected;
}

function judge(resource: Resource, what: string, lifetime: Lifetime | undefined): readonly Judged[] {
  return lifetime ? [{ lifetime, affected: { resource, detail: `${what} ${lifetime.words}.` } }] : [];
}

function renewal({ namespace }: Affected['resource'], secrets: readonly SigningSecret[]): string {
  const own = secrets.find(({ secret }) => secret.namespace === namespace)?.secret;
  if (own?.name === 'istio-ca-secret') {
    return `istiod renews the root that it made itself: run "kubectl -n ${namespace} logs -l app=istiod" for why it has not. ${RENEW}`;
  }
  return own
    ? `Write a new certificate into Secret "${namespace}/${own.name}" and restart istiod. ${RENEW}`
    : `Renew the certificate of the authority that istiod in namespace "${namespace}" works with. ${RENEW}`;
}

const authorityConsistent: Check = {
  id: 'istio/certificates-authority-consistent',
  category: 'certificates',
  title: 'The signing certificate, its chain, its root and its key belong together.',
  why: 'istiod does not start with what does not belong together, and workloads do not trust what it signed.',
  docs: DOCS,
  needs: [CONTROL_PLANE_EXISTS],
  run: async (facts) => {
    const secrets = await signingSecrets(facts);
    const readable = secrets.filter((each) => each !== 'forbidden');
    if (readable.length === 0) return nothingReadable(secrets.length > 0);
    const affected = readable.flatMap((each) => faultsOf(each).map((detail) => ({ resource: each.secret, detail })));
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${quotedList(readable.map(({ secret }) => `${secret.namespace}/${secret.name}`))}.` };
    return {
      is: 'failed',
      reason: 'What istiod signs certificates with does not belong together.',
      hint: `Write Secret "${first.resource.namespace}/${first.resource.name}" anew from one signing certificate, its key, its chain and its root, and restart istiod.`,
      affected,
    };
  },
};

function nothingReadable(isForbidden: boolean): CheckResult {
  return isForbidden
    ? { is: 'skipped', reason: 'You may not read the Secret that istiod signs certificates with.' }
    : { is: 'ok', reason: 'No Secret of this cluster holds what certificates are signed with.' };
}

function faultsOf({ signing, chain, roots, keyMatches }: SigningSecret): readonly string[] {
  if (!signing) return ['It holds no signing certificate that can be read.'];
  const isRoot = roots.length === 0 || roots.some(({ fingerprint }) => fingerprint === signing.fingerprint);
  const isShown = chain.some(({ fingerprint }) => fingerprint === signing.fingerprint);
  return [
    ...(keyMatches === false ? ['Its key is not the one of the signing certificate.'] : []),
    ...(signing.isCa ? [] : ['Its signing certificate is not that of an authority.']),
    ...(isRoot || leadsTo(signing, roots, chain)
      ? []
      : ['Its root has not issued the signing certificate, nor any certificate of the chain that has.']),
    ...(isRoot || isShown ? [] : ['Its chain lacks the signing certificate, so that workloads show it to nobody.']),
  ];
}

const rootsPublished: Check = {
  id: 'istio/certificates-roots-published',
  category: 'certificates',
  title: 'Every namespace with proxies trusts the root that istiod signs under.',
  why: 'Proxies of the namespace trust neither istiod nor the other workloads: they get no configuration, and their connections fail.',
  settles: true,
  docs: DOCS,
  needs: [CONTROL_PLANE_EXISTS],
  run: async (facts) => {
    const name = rootConfigMapName(await controlPlanes(facts));
    const roots = await rootsByNamespace(facts);
    if (name === undefined || roots.size === 0) return { is: 'skipped', reason: 'No control plane of this cluster publishes its root.' };
    const trusted = [...roots.values()].flatMap(({ certificates }) => certificates);
    const namespaces = new Set((await proxyPods(facts)).map(({ pod }) => pod.namespace));
    const published = await facts.list(CONFIG_MAP, { fieldSelector: `metadata.name=${name}` });
    const affected = [
      ...notTaken(await signingSecrets(facts), trusted),
      ...published.filter(({ namespace }) => namespaces.has(namespace)).flatMap((configMap) => strange(configMap, trusted)),
      ...[...namespaces].filter((each) => !published.some(({ namespace }) => namespace === each)).map((each) => absent(each, name)),
    ];
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${count(namespaces.size, 'namespace')}.` };
    const planes = [...roots.keys()];
    return {
      is: 'failed',
      reason: 'Not everybody trusts the root that istiod signs under.',
      hint: `istiod in namespace "${planes[0]}" writes ConfigMap "${name}" into every namespace: restart it with "kubectl -n ${planes[0]} rollout restart deployment -l app=istiod", and run "kubectl -n ${first.resource.namespace || first.resource.name} get configmap ${name} -o yaml" to see who else writes it.`,
      affected,
    };
  },
};

function strange(configMap: Resource, trusted: readonly Certificate[]): readonly Affected[] {
  const own = rootsIn(configMap);
  if (own.length > 0 && rootsMeet(own, trusted)) return [];
  const detail = own.length === 0 ? 'It holds no certificate that can be read.' : 'It holds another root than the control plane publishes.';
  return [{ resource: configMap, detail }];
}

const absent = (namespace: string, name: string): Affected => ({
  resource: { apiVersion: 'v1', kind: 'core/Namespace', namespace: '', name: namespace },
  detail: `It has proxies, but no ConfigMap "${name}".`,
});

/** istiod reads its Secret when it starts. */
function notTaken(secrets: readonly (SigningSecret | 'forbidden')[], trusted: readonly Certificate[]): readonly Affected[] {
  return secrets.flatMap((each) => {
    if (each === 'forbidden' || !each.signing) return [];
    const own = each.roots.length > 0 ? each.roots : [each.signing];
    return rootsMeet(own, trusted)
      ? []
      : [{ resource: each.secret, detail: 'istiod does not publish its root: it has not read the Secret since it was written.' }];
  });
}

export const authorityChecks: readonly Check[] = [authorityValid, authorityConsistent, rootsPublished];

/** The certificates that gateways serve hosts with. */
import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Affected, Check, Facts } from '../../../model/check.ts';
import { concerns } from '../../../model/check-scope.ts';
import type { Ref, Resource } from '../../../model/resource.ts';
import { resourceSet } from '../../../model/resource-set.ts';
import { readCertificates } from '../../../text/pem.ts';
import { count } from '../../../text/words.ts';
import { type Lifetime, lifetimeOf } from '../../checks/certificates.ts';
import { fromBase64 } from '../../checks/webhooks.ts';
import { DEPLOYMENT, GATEWAY, KUBERNETES_GATEWAY, POD, SECRET } from '../kinds.ts';
import { credentialRefs } from '../live-reads.ts';

/** Secrets are read one by one, so that a cluster with thousands of hosts must not cost as many calls. */
const MOST_READ = 50;

/** Keys under which a Secret holds the certificate of a server. */
const KEYS = ['tls.crt', 'cert'];

interface Credential {
  readonly ref: Ref;
  /** The Gateway that names it. */
  readonly gateway: Resource;
}

const gatewaysValid: Check = {
  id: 'istio/certificates-gateways-valid',
  category: 'certificates',
  title: 'The certificates of gateways are valid, and will be for a while.',
  why: 'Clients from outside refuse the connection once the certificate of the host has expired.',
  docs: 'https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/',
  needs: ['kubernetes/api-reachable'],
  reads: [GATEWAY, POD],
  run: async (facts) => {
    const credentials = await credentialsOf(facts);
    const read = credentials.slice(0, MOST_READ);
    const judged = await Promise.all(read.map(async (credential) => ({ credential, lifetime: await lifetimeIn(facts, credential.ref) })));
    const rest = credentials.length > read.length ? ` The first ${read.length} of ${credentials.length} were read.` : '';
    const bad = judged.flatMap(({ credential, lifetime }) => (lifetime && lifetime.is !== 'ok' ? [{ credential, lifetime }] : []));
    const [first] = bad;
    if (!first) return { is: 'ok', reason: `${count(read.length, 'certificate')}.${rest}` };
    const failed = bad.some(({ lifetime }) => lifetime.is === 'failed');
    const { namespace, name } = first.credential.ref;
    return {
      is: failed ? 'failed' : 'warning',
      reason: `${failed ? 'Gateways serve hosts with certificates that are not valid.' : 'Certificates of gateways expire soon.'}${rest}`,
      hint: `Renew the certificate in Secret "${namespace}/${name}"; where cert-manager writes it, run "kubectl -n ${namespace} get certificates" for why it does not.`,
      affected: bad.map(({ credential, lifetime }) => toAffected(credential, lifetime)),
    };
  },
};

function toAffected({ ref, gateway }: Credential, { words }: Lifetime): Affected {
  return {
    resource: { apiVersion: 'v1', kind: SECRET, namespace: ref.namespace, name: ref.name },
    detail: `Its certificate, which Gateway "${gateway.namespace}/${gateway.name}" serves, ${words}.`,
  };
}

/** Secrets that exist and that Gateways of either kind name, each once. */
async function credentialsOf(facts: Facts): Promise<readonly Credential[]> {
  const gateways = (await facts.list(GATEWAY)).filter((gateway) => concerns(facts, gateway));
  const kubernetes = (await facts.list(KUBERNETES_GATEWAY)).filter((gateway) => concerns(facts, gateway));
  if (gateways.length + kubernetes.length === 0) return [];
  const secrets = await facts.list(SECRET, { metadataOnly: true });
  const resources = resourceSet([...gateways, ...secrets, ...(await facts.list(POD)), ...(await facts.list(DEPLOYMENT))]);
  const exists = new Set(secrets.map(({ namespace, name }) => `${namespace}/${name}`));
  const found = [
    ...gateways.flatMap((gateway) => credentialRefs(gateway, resources).map((ref) => ({ ref, gateway }))),
    ...kubernetes.flatMap((gateway) => listenerSecrets(gateway).map((ref) => ({ ref, gateway }))),
  ].filter(({ ref }) => ref.kind === SECRET && exists.has(`${ref.namespace}/${ref.name}`));
  return [...new Map(found.map((each) => [`${each.ref.namespace}/${each.ref.name}`, each])).values()];
}

function listenerSecrets(gateway: Resource): readonly Ref[] {
  const references = itemsAt(gateway.body, 'spec', 'listeners').flatMap(({ item }) => itemsAt(item, 'tls', 'certificateRefs'));
  return references.flatMap(({ item }) => {
    const name = stringAt(item, 'name');
    if (name === undefined || (stringAt(item, 'kind') ?? 'Secret') !== 'Secret') return [];
    return [{ kind: SECRET, namespace: stringAt(item, 'namespace') ?? gateway.namespace, name }];
  });
}

/** @returns undefined for what holds no certificate of a server that can be read, which analysis tells */
async function lifetimeIn(facts: Facts, ref: Ref): Promise<Lifetime | undefined> {
  const secret = await facts.get(ref);
  const [certificate] = KEYS.flatMap((key) => readCertificates(fromBase64(stringAt(secret?.body, 'data', key) ?? '')));
  return certificate && lifetimeOf(certificate, facts.now);
}

export const gatewayCertificateChecks: readonly Check[] = [gatewaysValid];

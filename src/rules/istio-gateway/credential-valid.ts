import { gatewayWorkloads } from '../../mesh/istio/gateway-workloads.ts';
import { CONFIG_MAP, GATEWAY, SECRET } from '../../mesh/istio/kinds.ts';
import { shortKind } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Problem, Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS } from '../../model/workloads.ts';
import { type Certificate, readCertificates } from '../../text/pem.ts';
import { quotedSample } from '../../text/words.ts';
import { AUTHORITY_KEYS, type Contents, type Credential, contentsOf, credentialsOf } from './_credentials.ts';

/** Texts of this rule name keys, dates and objects only, never what a Secret holds. */
export const credentialValid: Rule = {
  meta: {
    id: 'istio-gateway/credential-valid',
    aliases: ['IST0161'],
    analyzers: ['gateway.SecretAnalyzer'],
    severity: 'error',
    summary: 'Every credential of a Gateway holds a valid certificate and, for a server, its private key.',
    why: 'The control plane does not hand out the credential, or the proxy rejects it, and TLS connections to the hosts of the server fail.',
    inputs: [GATEWAY, SECRET, CONFIG_MAP, ...WORKLOAD_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0161/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: ingress }
spec:
  template:
    metadata: { labels: { istio: ingress } }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
---
apiVersion: v1
kind: Secret
metadata: { name: shop-tls, namespace: ingress }
stringData: { certificate.pem: "", private-key.pem: "" }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: ingress }
spec:
  template:
    metadata: { labels: { istio: ingress } }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
---
apiVersion: v1
kind: Secret
metadata: { name: shop-tls, namespace: ingress }
type: kubernetes.io/tls
data:
  tls.crt: |
    LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJaRENDQVF1Z0F3SUJBZ0lCQVRBS0JnZ3Foa2pPUFFRREFqQWJNUmt3RndZRFZRUUREQkJ6YUc5d0xt
    VjQKWVcxd2JHVXVZMjl0TUNBWERUSTFNREV3TVRBd01EQXdNRm9ZRHpJeE1qVXdNVEF4TURBd01EQXdXakFiTVJrdwpGd1lEVlFRRERCQnphRzl3TG1WNFlX
    MXdiR1V1WTI5dE1Ga3dFd1lIS29aSXpqMENBUVlJS29aSXpqMERBUWNEClFnQUVNWnBNWG9yOXdrVVUxRjJTSkJvOG9RU2hnVjVQVUdvTHVVa0dteU1UQUZC
    WlpDYm1PV3p0cTVLUGxOMngKNTVEZ0lwVnRvdVdSRGdBdlRENTJSSXBkWjZNK01Ed3dHd1lEVlIwUkJCUXdFb0lRYzJodmNDNWxlR0Z0Y0d4bApMbU52YlRB
    ZEJnTlZIUTRFRmdRVUdPZmg3S1dMY21OVWdMSTZZZFQ4elNPa1l5Z3dDZ1lJS29aSXpqMEVBd0lEClJ3QXdSQUlnRHFBclFzVHN2VUFYRWMxbnRKZ0hXY2ZX
    b0lkdDZ4RVltYURnajAzYjg1WUNJQktjeUNENUhPOTEKLzczS3B6Y1R2S0NBYkxOMmhpcWwybngvTnpIYWNFODQKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0t
    LQo=
  tls.key: |
    LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JR0hBZ0VBTUJNR0J5cUdTTTQ5QWdFR0NDcUdTTTQ5QXdFSEJHMHdhd0lCQVFRZ2kyeEdYOGlTSlVZbUVK
    eDYKVm1kTlVzdVZLc2NjZmFvV1hzU2pXMHcrNXZPaFJBTkNBQVF4bWt4ZWl2M0NSUlRVWFpJa0dqeWhCS0dCWGs5UQphZ3U1U1FhYkl4TUFVRmxrSnVZNWJP
    MnJrbytVM2JIbmtPQWlsVzJpNVpFT0FDOU1QblpFaWwxbgotLS0tLUVORCBQUklWQVRFIEtFWS0tLS0tCg==
`,
    differs:
      'Also judges the private key, the further certificates of the chain, and the authority of servers that demand client certificates. Values that SOPS encrypted are not judged, and dates only when the time is known.',
  },
  *check(resources) {
    const behind = resources.derive(gatewayWorkloads);
    for (const gateway of resources.all(GATEWAY)) {
      for (const credential of credentialsOf(gateway)) {
        const namespaces = credential.namespace === undefined ? behind.namespacesOf(gateway) : [credential.namespace];
        const problem = namespaces.map((namespace) => judge(credential, namespace, resources)).find((found) => found !== undefined);
        if (problem) yield { at: gateway, path: credential.path, ...problem };
      }
    }
  },
};

type Judgement = Required<Pick<Problem, 'message' | 'fix' | 'related'>>;

function judge({ kind, names, use, implied }: Credential, namespace: string, resources: ResourceSet): Judgement | undefined {
  const object = names.map((name) => resources.get(kind, namespace, name)).find((found) => found !== undefined);
  const contents = object && contentsOf(object);
  if (!contents) return undefined;
  const now = Number(resources.settings.now);
  const fault = use === 'server' ? serverFault(contents, now) : authorityFault(contents, now);
  // A server's own Secret without the authority's certificate is credential-exists' finding.
  if (!fault || (fault === NO_AUTHORITY && implied && object.name === names.at(-1))) return undefined;
  return { message: `${shortKind(kind)} "${namespace}/${object.name}" ${fault.is}.`, fix: fault.fix, related: [object] };
}

interface Fault {
  /** Follows the name of the object. */
  readonly is: string;
  readonly fix: string;
}

/** Names of certificate and key in a Secret, in the order in which istiod looks for them. */
const PAIRS = [
  ['cert', 'key'],
  ['tls.crt', 'tls.key'],
] as const;

function serverFault(contents: Contents, now: number): Fault | undefined {
  const pair = PAIRS.find((keys) => keys.every((key) => isFilled(contents, key)));
  if (!pair) return pairFault(contents);
  const [certificate, key] = pair;
  const chain = certificatesUnder(contents, certificate);
  if ('is' in chain) return chain;
  const stale = chain.map((link, index) =>
    timeFault(link, now, index === 0 ? 'a certificate' : 'an intermediate certificate', certificate),
  );
  return keyFault(contents, chain[0], certificate, key) ?? stale.find((fault) => fault !== undefined);
}

function isFilled(contents: Contents, key: string): boolean {
  const value = contents.value(key);
  return value.is === 'text' ? value.text !== '' : value.is === 'undecodable';
}

function pairFault(contents: Contents): Fault {
  const fix = 'Put the certificate chain under "tls.crt" and its private key under "tls.key", as "kubectl create secret tls" does.';
  const pair = PAIRS.find((keys) => keys.some((key) => contents.keys.includes(key)));
  if (!pair) {
    const held = contents.keys.length > 0 ? `it has ${quotedSample(contents.keys)}` : 'it is empty';
    return { is: `has neither "tls.crt" and "tls.key" nor "cert" and "key" (${held})`, fix };
  }
  const absent = pair.find((key) => !contents.keys.includes(key));
  return { is: absent ? `has no key "${absent}"` : `has nothing under "${pair.find((key) => !isFilled(contents, key))}"`, fix };
}

function keyFault(contents: Contents, certificate: Certificate | undefined, certificateKey: string, key: string): Fault | undefined {
  const value = contents.value(key);
  const matches = value.is === 'text' ? certificate?.matchesKey(value.text) : undefined;
  if (matches) return undefined;
  return {
    is:
      matches === false
        ? `holds a private key under "${key}" that does not belong to the certificate under "${certificateKey}"`
        : `holds no readable private key under "${key}"`,
    fix: 'Store the unencrypted private key that the certificate was made for, in PEM form.',
  };
}

const NO_AUTHORITY: Fault = {
  is: 'has no certificate of an authority under "ca.crt" or "cacert"',
  fix: 'Put the certificate that client certificates are verified with under "ca.crt".',
};

function authorityFault(contents: Contents, now: number): Fault | undefined {
  const key = AUTHORITY_KEYS.find((candidate) => contents.value(candidate).is !== 'absent');
  if (!key) return NO_AUTHORITY;
  const bundle = certificatesUnder(contents, key);
  if ('is' in bundle) return bundle;
  // While an authority is replaced, its old certificate stays in the bundle beyond its end.
  const stale = bundle.map((certificate) => timeFault(certificate, now, 'a certificate', key));
  return stale.every((fault) => fault !== undefined) ? stale[0] : undefined;
}

function certificatesUnder(contents: Contents, key: string): readonly Certificate[] | Fault {
  const value = contents.value(key);
  const read = value.is === 'text' ? readCertificates(value.text) : [];
  if (read.length > 0) return read;
  return {
    is: `holds no readable certificate under "${key}"`,
    fix: 'Store the certificate in PEM form; what stands under "data" of a Secret is the base64 of it.',
  };
}

/** @param now NaN when the time is not known, which no comparison holds for */
function timeFault({ notBefore, notAfter }: Certificate, now: number, what: string, key: string): Fault | undefined {
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  if (now > notAfter) return { is: `holds ${what} under "${key}" that expired on ${day(notAfter)}`, fix: 'Renew the certificate.' };
  if (now < notBefore)
    return { is: `holds ${what} under "${key}" that is not valid before ${day(notBefore)}`, fix: 'Use a certificate that is valid now.' };
  return undefined;
}

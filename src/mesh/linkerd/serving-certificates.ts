/** Certificates that Linkerd's own servers show to the API server, and the bundles that it trusts them by. */
import { stringAt } from '../../model/body.ts';
import type { Facts } from '../../model/check.ts';
import type { Resource } from '../../model/resource.ts';
import { type Certificate, readCertificates } from '../../text/pem.ts';
import { lifetimeOf, longestLifetime } from '../checks/certificates.ts';
import { fromBase64 } from '../checks/webhooks.ts';
import { SECRET } from './kinds.ts';

export interface Served {
  /** The webhook configuration or APIService that calls the server. */
  readonly caller: Resource;
  /** In base64; undefined when none is set. */
  readonly bundle: string | undefined;
  readonly service: { readonly namespace: string; readonly name: string };
}

export interface ServingTrouble {
  readonly is: 'failed' | 'warning';
  readonly resource: Resource;
  readonly detail: string;
}

/** What is wrong, the first thing first; none when the API server can trust the server for long. */
export async function servingTrouble(facts: Facts, served: Served): Promise<ServingTrouble | undefined> {
  const { caller, bundle, service } = served;
  const failed = (resource: Resource, detail: string): ServingTrouble => ({ is: 'failed', resource, detail });
  if (bundle === undefined) return failed(caller, 'It has no caBundle.');
  const authorities = readCertificates(fromBase64(bundle));
  if (authorities.length === 0) return failed(caller, 'Its caBundle holds no certificate that can be read.');
  const secret = await servingSecret(facts, service);
  if (!secret) return bundleTrouble(served, authorities, facts.now);
  const chain = readCertificates(fromBase64(stringAt(secret.body, 'data', 'tls.crt') ?? stringAt(secret.body, 'data', 'crt.pem') ?? ''));
  const [certificate, ...intermediates] = chain;
  if (!certificate) return failed(secret, 'It holds no certificate that can be read.');
  const name = `${service.name}.${service.namespace}.svc`;
  const lifetime = lifetimeOf(certificate, facts.now);
  if (lifetime.is === 'failed') return failed(secret, `Its certificate ${lifetime.words}.`);
  if (!certificate.isFor(name)) return failed(secret, `Its certificate is not for "${name}".`);
  if (!isTrusted(certificate, intermediates, authorities))
    return failed(caller, `Its caBundle has not signed the certificate in Secret "${secret.name}".`);
  return lifetime.is === 'warning' ? { is: 'warning', resource: secret, detail: `Its certificate ${lifetime.words}.` } : undefined;
}

/** `linkerd-proxy-injector-k8s-tls`, and without `k8s-` from releases before 2.9. */
async function servingSecret(facts: Facts, { namespace, name }: Served['service']): Promise<Resource | undefined> {
  const named = (suffix: string): Promise<Resource | undefined> => facts.get({ kind: SECRET, namespace, name: `${name}-${suffix}` });
  return (await named('k8s-tls')) ?? (await named('tls'));
}

/** Servers may be given their certificates in other ways; then the bundle alone is judged. */
function bundleTrouble({ caller }: Served, authorities: readonly Certificate[], now: number): ServingTrouble | undefined {
  const lifetime = longestLifetime(authorities, now);
  return !lifetime || lifetime.is === 'ok' ? undefined : { is: lifetime.is, resource: caller, detail: `Its caBundle ${lifetime.words}.` };
}

/** A bundle may hold the server's own certificate, as that of the charts does. */
function isTrusted(certificate: Certificate, intermediates: readonly Certificate[], authorities: readonly Certificate[]): boolean {
  return [certificate, ...intermediates].some((each) =>
    authorities.some((authority) => authority.fingerprint === each.fingerprint || each.isIssuedBy(authority)),
  );
}

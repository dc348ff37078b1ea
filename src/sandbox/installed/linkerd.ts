/** Linkerd where charts have installed it: its programs serve and sign with what their Secrets hold. */
import { X509Certificate } from 'node:crypto';
import { stringAt } from '../../model/body.ts';
import { CONTROL_NAMESPACE } from '../linkerd/names.ts';
import { programOf, proxyOf } from '../linkerd/pods.ts';
import { linkerdPrograms } from '../linkerd/programs.ts';
import { type MeshTrust, SERVING, type ServingName } from '../linkerd/trust.ts';
import type { Inside, Programs } from '../options.ts';
import type { Certificate } from '../pki/certificate.ts';
import { readCertificate } from '../pki/read-certificate.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';

export function installedLinkerd(inside: Inside): Programs {
  let running: { readonly trust: string; readonly programs: Programs } | undefined;
  /** Certificates change with an upgrade; the programs read them anew, as the real ones do. */
  const programs = (): Programs => {
    const trust = trustIn(inside.store);
    if (!trust) return {};
    const own = [trust.anchor, trust.issuer, ...Object.values(trust.serving)].map(({ certificatePem }) => certificatePem).join('');
    if (running?.trust !== own) running = { trust: own, programs: linkerdPrograms(trust, { behaviours: [], clients: [] })(inside) };
    return running.programs;
  };
  const isConcerned = (pod: KubeObject): boolean => programOf(pod) !== undefined || proxyOf(pod) !== undefined;
  return {
    dial: (pod, port) => (isConcerned(pod) ? programs().dial?.(pod, port) : undefined),
    logs: (pod, request) => (isConcerned(pod) ? programs().logs?.(pod, request) : undefined),
  };
}

/** @returns undefined until the control plane's chart has brought its Secrets */
function trustIn(store: Store): MeshTrust | undefined {
  const issuer = certificateIn(store, CONTROL_NAMESPACE, 'linkerd-identity-issuer', ['crt.pem', 'key.pem']);
  if (!issuer) return undefined;
  const anchors = stringAt(store.get('core/ConfigMap', CONTROL_NAMESPACE, 'linkerd-identity-trust-roots'), 'data', 'ca-bundle.crt') ?? '';
  const serving = (Object.keys(SERVING) as ServingName[]).map((name) => {
    const found = certificateIn(store, SERVING[name], `${name}-k8s-tls`, ['tls.crt', 'tls.key']);
    // What is not installed has no pods that could be called.
    return [name, found ?? issuer] as const;
  });
  return {
    anchor: { ...issuer, certificatePem: anchors },
    issuer,
    issuerNotAfter: Date.parse(new X509Certificate(issuer.certificatePem).validTo),
    serving: Object.fromEntries(serving) as MeshTrust['serving'],
  };
}

function certificateIn(store: Store, namespace: string, name: string, keys: readonly [string, string]): Certificate | undefined {
  const secret = store.get('core/Secret', namespace, name);
  const [certificate = '', key = ''] = keys.map((each) => Buffer.from(stringAt(secret, 'data', each) ?? '', 'base64').toString());
  return readCertificate(certificate, key);
}

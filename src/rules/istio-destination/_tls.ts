/** Client TLS settings of a DestinationRule that name no authority to check the server's certificate by. */
import { fullHost, hostsOverlap } from '../../mesh/istio/hosts.ts';
import { booleanAt, has, itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import type { Problem } from '../../model/rule.ts';

interface TlsSettings {
  readonly tls: Body;
  readonly path: FieldPath;
  /** Undefined for the settings of all ports. */
  readonly port: number | undefined;
}

/** Settings of the rule itself and of its subsets, for all ports and for single ones. */
export function tlsSettings({ body }: Resource): readonly TlsSettings[] {
  const subsets = itemsAt(body, 'spec', 'subsets').map(({ path }) => [...path, 'trafficPolicy']);
  return [['spec', 'trafficPolicy'], ...subsets].flatMap((policy) => [
    { tls: objectAt(body, ...policy, 'tls'), path: [...policy, 'tls'], port: undefined },
    ...itemsAt(body, ...policy, 'portLevelSettings').map(({ item, path }) => ({
      tls: objectAt(item, 'tls'),
      path: [...path, 'tls'],
      port: numberAt(item, 'port', 'number') ?? 0,
    })),
  ]);
}

/** The problem with settings by which anybody, or any public authority, may vouch for the server; none when they name an authority. */
export function* unverified(rule: Resource, { tls, path, port }: TlsSettings, clusterDomain: string): Iterable<Problem> {
  const mode = stringAt(tls, 'mode');
  if ((mode !== 'SIMPLE' && mode !== 'MUTUAL') || stringAt(tls, 'caCertificates')) return;
  const credential = stringAt(tls, 'credentialName') ?? '';
  // The certificate authority of a ConfigMap is for everybody.
  if (credential.startsWith('configmap://') || (credential !== '' && has(rule.body, 'spec', 'workloadSelector'))) return;
  const host = stringAt(rule.body, 'spec', 'host') ?? '';
  // Servers elsewhere are vouched for by public authorities, which is what proxies go by since Istio 1.21.
  const isInCluster = hostsOverlap(fullHost(host, rule.namespace, clusterDomain), `*.svc.${clusterDomain}`);
  if (!isInCluster && credential === '' && !booleanAt(tls, 'insecureSkipVerify')) return;
  const server = `"${host}"${port ? ` on port ${port}` : ''}`;
  const { field, ...texts } = weakness(tls, mode, credential, server);
  yield { at: rule, path: [...path, field], ...texts };
}

/**
 * Istiod reads credentialName for gateways, and for sidecars only when a workloadSelector limits who
 * has to read the Secret; otherwise sidecars get no TLS settings at all (pilot `core/cluster_tls.go`).
 */
function weakness(tls: Body, mode: string, credential: string, server: string): { field: string; message: string; fix: string } {
  if (credential) {
    return {
      field: 'credentialName',
      message: `Sidecars ignore credentialName "${credential}" in a rule without workloadSelector and send to ${server} without TLS; only gateways use it.`,
      fix: 'Add a workloadSelector for the workloads that may read the Secret, or set caCertificates to a file in the proxies.',
    };
  }
  if (booleanAt(tls, 'insecureSkipVerify')) {
    return {
      field: 'insecureSkipVerify',
      message: `Nobody checks the certificate of ${server}: TLS mode "${mode}" names no caCertificates, and insecureSkipVerify is true.`,
      fix: "Set caCertificates to the file of the server's authority, and remove insecureSkipVerify.",
    };
  }
  return {
    field: 'mode',
    message: `TLS mode "${mode}" for ${server} names no caCertificates, so proxies trust every authority that their operating system knows (before Istio 1.21: any certificate).`,
    fix: 'Set caCertificates to the file of the server\'s authority, or to "system" if those authorities are meant.',
  };
}

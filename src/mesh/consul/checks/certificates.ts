import type { Check } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { type CertificateSecret, mountedSecrets, secretCertificatesValid } from '../../checks/secret-certificates.ts';
import { corePlanes, needingPlane } from '../../checks/sidecar-mesh.ts';
import { consulMesh, firstKeyOf } from '../sidecar-mesh.ts';
import { isServer, STATEFUL_SET } from './servers.ts';

const AUTHORITY = 'consul-ca-cert';

const serversValid = needingPlane(consulMesh, {
  id: 'consul/server-certificates-valid',
  category: 'certificates',
  title: 'The certificates of the servers, and of the authority that proxies trust them by, are in date.',
  why: 'Neither proxies nor servers trust a server whose certificate has ended.',
  docs: 'https://developer.hashicorp.com/consul/docs/k8s/operations/certificate-rotation',
  reads: [STATEFUL_SET],
  run: async (facts) => {
    const servers = (await facts.list(STATEFUL_SET)).filter(isServer);
    const injectors = await corePlanes(consulMesh, facts);
    const own = servers
      .flatMap((server) => mountedSecrets(server, ['consul-server-cert']))
      .map((secret) => ({ ...secret, key: 'tls.crt' }));
    const secrets = [...own, ...[...servers, ...injectors].flatMap(authoritiesOf)];
    if (secrets.length === 0) return { is: 'ok', reason: 'Consul keeps none in Secrets: TLS is off, or its certificates come from Vault.' };
    return secretCertificatesValid(facts, secrets, {
      meaning: 'A certificate of the servers has ended, or that of their authority.',
      hint: 'Upgrade the release: its job "tls-init" renews the certificate of the servers; an authority of your own is renewed where you keep it.',
    });
  },
});

const authoritiesOf = (workload: Resource): readonly CertificateSecret[] =>
  mountedSecrets(workload, [AUTHORITY]).map((secret) => ({ ...secret, key: firstKeyOf(workload, AUTHORITY), isBundle: true }));

const webhookValid = needingPlane(consulMesh, {
  id: 'consul/webhook-certificate-valid',
  category: 'certificates',
  title: 'The certificate that the connect-injector serves its webhooks with is in date.',
  why: 'The API server calls no webhook whose certificate has ended: new pods and new configuration are refused, or pass as they are.',
  docs: consulMesh.docs.injection,
  settles: true,
  run: async (facts) => {
    const secrets = (await corePlanes(consulMesh, facts)).flatMap((injector) => mountedSecrets(injector, ['certs']));
    if (secrets.length === 0) return { is: 'ok', reason: 'It comes from Vault.' };
    // It is good for a day, and renewed when a tenth of that is left.
    return secretCertificatesValid(
      facts,
      secrets.map((secret) => ({ ...secret, key: 'tls.crt', leastLeft: 0 })),
      {
        meaning: 'The certificate of the webhooks has ended.',
        hint: 'Restart the Deployment "webhook-cert-manager", which renews it, and look in its log if that does not help.',
      },
    );
  },
});

export const certificateChecks: readonly Check[] = [serversValid, webhookValid];

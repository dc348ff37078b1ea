import { issueCertificate } from '../pki/certificate.ts';
import { bookinfoMesh } from './_bookinfo.ts';
import { BOOKINFO, ROOT_NAMESPACE } from './_names.ts';
import { object, type Written } from './_objects.ts';
import type { Scenario } from './_scenario.ts';

const DAY_MS = 86_400_000;
const HOST = 'bookinfo.example.com';
const SECRET = 'bookinfo-certificate';

function secret(): Written {
  const notBefore = Date.now() - 92 * DAY_MS;
  const { certificatePem, keyPem } = issueCertificate({ commonName: HOST, dnsNames: [HOST], notBefore, notAfter: notBefore + 90 * DAY_MS });
  const data = { 'tls.crt': Buffer.from(certificatePem).toString('base64'), 'tls.key': Buffer.from(keyPem).toString('base64') };
  return object('v1', 'Secret', ROOT_NAMESPACE, SECRET, { type: 'kubernetes.io/tls', data });
}

export const expiredCertificate: Scenario = {
  name: 'expired-certificate',
  summary: 'bookinfo, but the certificate that its Gateway serves HTTPS with expired two days ago',
  options: () =>
    bookinfoMesh({
      replace: ({ kind, metadata: { name } }) =>
        kind === 'Gateway'
          ? object('networking.istio.io/v1', kind, BOOKINFO, name, {
              spec: {
                selector: { istio: 'ingressgateway' },
                servers: [
                  { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [HOST] },
                  {
                    port: { number: 443, name: 'https', protocol: 'HTTPS' },
                    tls: { mode: 'SIMPLE', credentialName: SECRET },
                    hosts: [HOST],
                  },
                ],
              },
            })
          : undefined,
      more: [secret()],
    }),
};

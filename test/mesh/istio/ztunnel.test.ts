/** What is read of ztunnel's dump. */
import { expect, it } from 'vitest';
import { readZtunnelDump } from '../../../src/mesh/istio/ztunnel.ts';
import { issueCertificate } from '../../../src/sandbox/pki/certificate.ts';

it.each([
  ['as it is', (pem: string) => pem],
  ['in base64', (pem: string) => btoa(pem)],
])('reads certificates that are written %s', (_title, written) => {
  const { certificatePem } = issueCertificate({ commonName: 'x', notBefore: 0, notAfter: 1e12 });
  const entry = { pem: written(certificatePem), validFrom: '2026-08-01T12:00:00Z', expirationTime: '2026-08-02T12:00:00Z' };
  const dump = readZtunnelDump({ workloads: [], services: [], certificates: [{ identity: 'x', state: 'Available', certChain: [entry] }] });
  expect(dump?.certificates[0]?.serial).toMatch(/^[0-9a-f]{10,}$/);
});

import { describe, expect, it } from 'vitest';
import { issueCertificate } from '../../src/sandbox/pki/certificate.ts';
import { readCertificates } from '../../src/text/pem.ts';

/** Made for these tests: shop.example.com from 2025 to 2125, with its key; pay.example.com's key; shop.example.com of 2023. */
const shop = `-----BEGIN CERTIFICATE-----
MIIBZDCCAQugAwIBAgIBATAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBzaG9wLmV4
YW1wbGUuY29tMCAXDTI1MDEwMTAwMDAwMFoYDzIxMjUwMTAxMDAwMDAwWjAbMRkw
FwYDVQQDDBBzaG9wLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAEMZpMXor9wkUU1F2SJBo8oQShgV5PUGoLuUkGmyMTAFBZZCbmOWztq5KPlN2x
55DgIpVtouWRDgAvTD52RIpdZ6M+MDwwGwYDVR0RBBQwEoIQc2hvcC5leGFtcGxl
LmNvbTAdBgNVHQ4EFgQUGOfh7KWLcmNUgLI6YdT8zSOkYygwCgYIKoZIzj0EAwID
RwAwRAIgDqArQsTsvUAXEc1ntJgHWcfWoIdt6xEYmaDgj03b85YCIBKcyCD5HO91
/73KpzcTvKCAbLN2hiql2nx/NzHacE84
-----END CERTIFICATE-----`;
const shopKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgi2xGX8iSJUYmEJx6
VmdNUsuVKsccfaoWXsSjW0w+5vOhRANCAAQxmkxeiv3CRRTUXZIkGjyhBKGBXk9Q
agu5SQabIxMAUFlkJuY5bO2rko+U3bHnkOAilW2i5ZEOAC9MPnZEil1n
-----END PRIVATE KEY-----`;
const payKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSI3QximUeduPtudl
O+N6W0yhaM+DPub2cVxhzAVxVUChRANCAASafREDv5qLwzim+1Y4ReeNFjQ8fOtB
277qPa5QeuHF5QLhwZhfrksTUUmkGc18pWyxzZRYaPM069m8BFK/HJtd
-----END PRIVATE KEY-----`;
const old = `-----BEGIN CERTIFICATE-----
MIIBYzCCAQmgAwIBAgIBAjAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBzaG9wLmV4
YW1wbGUuY29tMB4XDTIzMDEwMTAwMDAwMFoXDTI0MDEwMTAwMDAwMFowGzEZMBcG
A1UEAwwQc2hvcC5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
BKF1vIcQfaDdpnnx+EIMNzIVYRAUTQZzBOKrdaIyZWQZs/a1rg1QuMur62cpqgXg
T6guSwEIGfVd1+c4iddhAYujPjA8MBsGA1UdEQQUMBKCEHNob3AuZXhhbXBsZS5j
b20wHQYDVR0OBBYEFFhyrf9KXZ+OYnSp6vGgsTY77I//MAoGCCqGSM49BAMCA0gA
MEUCIEcAu/t8y1KP3UJIqbqXOYXwghheFUQChSNMcCF4F8vQAiEAifPZxOO0anjv
+PzejaEsjA59TKrPbQ6al7uDqQGoxOo=
-----END CERTIFICATE-----`;

describe('readCertificates', () => {
  it('tells when a certificate is valid', () => {
    const [certificate] = readCertificates(shop);
    expect(certificate?.notBefore).toBe(Date.UTC(2025, 0, 1));
    expect(certificate?.notAfter).toBe(Date.UTC(2125, 0, 1));
  });

  it('reads the certificate of a workload, which has no subject', () => {
    const { certificatePem } = issueCertificate({ commonName: '', uris: ['spiffe://td/ns/a/sa/b'], notBefore: 0, notAfter: 86_400_000 });
    const [certificate] = readCertificates(certificatePem);
    expect(certificate).toMatchObject({ subject: '', names: ['URI:spiffe://td/ns/a/sa/b'], notAfter: 86_400_000 });
  });

  it('tells whether a key is the one of the certificate', () => {
    const [certificate] = readCertificates(shop);
    expect(certificate?.matchesKey(shopKey)).toBe(true);
    expect(certificate?.matchesKey(payKey)).toBe(false);
    expect(certificate?.matchesKey('')).toBeUndefined();
    expect(certificate?.matchesKey(shop)).toBeUndefined();
    expect(certificate?.matchesKey(shopKey.replace(/\n.{20}/, '\nAAAA'))).toBeUndefined();
  });

  it('keeps the order of a chain and passes over what is no certificate', () => {
    const chain = readCertificates(`leaf of shop\n${shop}\n${shopKey}\n${old}\n`);
    expect(chain.map((certificate) => new Date(certificate.notBefore).getUTCFullYear())).toEqual([2025, 2023]);
  });

  it('reads line ends of either kind', () => {
    expect(readCertificates(shop.replaceAll('\n', '\r\n'))).toHaveLength(1);
  });

  it.each([
    ['nothing', ''],
    ['a key alone', shopKey],
    ['a block that is cut off', shop.slice(0, 200)],
    ['a block of something else', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['a chain with such a block', `${shop}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`],
  ])('finds none in %s', (_, text) => {
    expect(readCertificates(text)).toEqual([]);
  });
});

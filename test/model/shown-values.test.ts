import { expect, it } from 'vitest';
import { HIDDEN, shownValues } from '../../src/model/shown-values.ts';

it('values are shown without keys, passwords and tokens, wherever they stand', () => {
  const key = '-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----\n';
  const values = {
    identity: { issuer: { tls: { crtPEM: '-----BEGIN CERTIFICATE-----', keyPEM: key } } },
    files: [{ data: `certificate\n${key}` }],
    postgres: { password: 'secret', passwordSecret: 'a-secret', user: 'kuma' },
    adminToken: 'abc',
    tokens: { privateKey: 'abc', lifetime: '1h' },
  };
  expect(shownValues(values)).toEqual({
    identity: { issuer: { tls: { crtPEM: '-----BEGIN CERTIFICATE-----', keyPEM: HIDDEN } } },
    files: [{ data: HIDDEN }],
    postgres: { password: HIDDEN, passwordSecret: 'a-secret', user: 'kuma' },
    adminToken: HIDDEN,
    tokens: { privateKey: HIDDEN, lifetime: '1h' },
  });
});

it('values that are no secret stay as they are', () => {
  const values = { replicas: 2, password: '', token: null, enabled: true, list: ['a', 1], sds: { token: { aud: 'istio-ca' } } };
  expect(shownValues(values)).toEqual(values);
});

/** Tokens of service accounts: who gets them, and whom they prove. */
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/cluster/connect.ts';
import { memoryHost } from '../../src/host/memory.ts';
import { at, stringAt } from '../../src/model/body.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { type Api, openSandbox } from './api.ts';
import { openCluster } from './cluster.ts';

const TOKENS = '/api/v1/namespaces/default/serviceaccounts/default/token';
const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';

const request = ({ call }: Api, spec: object, path = TOKENS) =>
  call('POST', path, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec });

const tokenOf = async (api: Api, spec: object): Promise<string> => stringAt((await request(api, spec)).body, 'status', 'token') ?? '';

const review = async ({ call }: Api, token: string, audiences?: readonly string[]): Promise<unknown> => {
  const spec = { token, ...(audiences && { audiences }) };
  return at((await call('POST', REVIEWS, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec })).body, ['status']);
};

describe('a token', () => {
  it('is for an account and an audience, and ends', async () => {
    const api = await openSandbox();
    const { code, body } = await request(api, { audiences: ['istio-ca'], expirationSeconds: 600 });
    expect([code, at(body, ['kind']), at(body, ['spec', 'expirationSeconds'])]).toEqual([201, 'TokenRequest', 600]);
    const token = stringAt(body, 'status', 'token') ?? '';
    expect(token).toMatch(/^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+$/);
    expect(await review(api, token, ['other', 'istio-ca'])).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:default:default', groups: expect.arrayContaining(['system:serviceaccounts:default']) },
      audiences: ['istio-ca'],
    });
    expect(await review(api, token, ['other'])).toMatchObject({ authenticated: false });
    expect(await review(api, token)).toMatchObject({ authenticated: false });
    expect(await review(api, await tokenOf(api, {}))).toMatchObject({ authenticated: true });
  });

  it('is none when it is changed, or foreign', async () => {
    const api = await openSandbox();
    const token = await tokenOf(api, {});
    const [head, , signature] = token.split('.');
    const forged = Buffer.from(JSON.stringify({ sub: 'system:admin' })).toString('base64url');
    for (const wrong of ['', 'x', `${token}x`, `${head}.${forged}.${signature}`, await tokenOf(await openSandbox(), {})]) {
      expect(await review(api, wrong)).toMatchObject({ authenticated: false, error: expect.stringContaining('invalid bearer token') });
    }
  });

  it('is refused for accounts that are not there, and for too short a time', async () => {
    const api = await openSandbox();
    expect((await request(api, {}, TOKENS.replace('/default/token', '/gone/token'))).code).toBe(404);
    expect(await request(api, { expirationSeconds: 60 })).toMatchObject({
      code: 422,
      body: {
        message: expect.stringContaining('spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes'),
      },
    });
  });
});

describe('the token of a cluster', () => {
  const ACCOUNT = { kind: 'core/ServiceAccount', namespace: 'default', name: 'default' } as const;

  it('is asked for once until it is about to end', async () => {
    const { sandbox, cluster, clock } = await openCluster({}, 'default');
    const first = await cluster.token(ACCOUNT, { audience: 'istio-ca' });
    expect(await cluster.token(ACCOUNT, { audience: 'istio-ca' })).toBe(first);
    expect(await cluster.token(ACCOUNT, { audience: 'other' })).not.toBe(first);
    expect(sandbox.requests.get('create serviceaccounts/token')).toBe(2);
    const later = { clock: { ...memoryHost().clock, now: () => clock.now() + 545_000 } };
    const late = await connect({ kubeconfig: '/kube' }, { ...memoryHost({ files: { '/kube': sandbox.kubeconfig() } }), ...later });
    await late.token(ACCOUNT, { audience: 'istio-ca' });
    await late.token(ACCOUNT, { audience: 'istio-ca' });
    await late.close();
    expect(sandbox.requests.get('create serviceaccounts/token')).toBe(4);
  });

  it('needs a permission, which the error names, and an account', async () => {
    const sandbox = await startSandbox({ forbid: ({ subresource }) => subresource === 'token' });
    const cluster = await connect({ kubeconfig: '/kube' }, memoryHost({ files: { '/kube': sandbox.kubeconfig() } }));
    const error = await cluster.token(ACCOUNT, { audience: 'istio-ca' }).catch((reason) => reason);
    expect([error.code, error.exit]).toEqual(['E_CLUSTER_FORBIDDEN', 3]);
    expect(error.message).toContain('lacks the permission "create" on "serviceaccounts/token"');
    await cluster.close();
    await sandbox.close();
    const open = await openCluster({}, 'default');
    const gone = await open.cluster.token({ ...ACCOUNT, name: 'gone' }, { audience: 'x' }).catch((reason) => reason);
    expect(gone.code).toBe('E_CLUSTER_NOT_FOUND');
  });
});

/** Logging in with the tokens of an OpenID Connect issuer, against a real one on loopback with an authority of its own. */
import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/cluster/connect.ts';
import { withTokens } from '../../src/cluster/save-tokens.ts';
import { type MemoryHost, memoryHost } from '../../src/host/memory.ts';
import { nodeHost } from '../../src/host/node.ts';
import { closeAll, failureOf, serve, status } from './api.ts';
import { authority, good } from './certificates.ts';

const NOW = Date.UTC(2026, 0, 1);
const token = (name: string, expiresInSeconds: number): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ name, exp: NOW / 1000 + expiresInSeconds })}.c2ln`;
};
const OLD = token('old', -60);
const NEW = token('new', 3600);
const REFRESH = 'planted-refresh-1/+=';
const NEXT_REFRESH = 'planted-refresh-2';

interface Issuer {
  readonly url: string;
  /** Of the token endpoint. */
  readonly asked: { readonly form: URLSearchParams; readonly authorization: string | undefined }[];
}

const servers: Server[] = [];
afterEach(async () => {
  await closeAll();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

type Grant = (form: URLSearchParams, authorization: string | undefined) => { readonly status?: number; readonly json: unknown };
const granted: Grant = () => ({ json: { id_token: NEW, refresh_token: NEXT_REFRESH } });

async function issuer(grant: Grant, options: { readonly plain?: boolean; readonly endpoint?: string } = {}): Promise<Issuer> {
  const asked: Issuer['asked'] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url === '/realm/.well-known/openid-configuration') {
      return void response.end(JSON.stringify({ token_endpoint: options.endpoint ?? `${url}/token` }));
    }
    if (request.url !== '/realm/token') return void response.writeHead(404).end('<html>');
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    asked.push({ form, authorization: request.headers.authorization });
    const { status: code = 200, json } = grant(form, request.headers.authorization);
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  };
  const server = options.plain ? createServer(answer) : createTlsServer(good, answer);
  servers.push(server as Server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http${options.plain ? '' : 's'}://127.0.0.1:${(server.address() as AddressInfo).port}/realm`;
  return { url, asked };
}

const kubeconfig = (server: string, config: object, name = 'oidc'): string =>
  JSON.stringify({
    'current-context': 'test',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'jane', user: { 'auth-provider': { name, config } } }],
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'jane' } }],
  });
const configOf = (url: string, more: object = {}): object => ({
  'idp-issuer-url': url,
  'client-id': 'meshctl tests',
  'id-token': OLD,
  'refresh-token': REFRESH,
  'idp-certificate-authority-data': Buffer.from(authority).toString('base64'),
  ...more,
});

const apiServer = () =>
  serve(({ headers }) => (headers.authorization === `Bearer ${NEW}` ? { json: { gitVersion: 'v1.34.0' } } : status(401, 'no')));

async function clusterFor(config: object, more: { readonly files?: Record<string, string> } = {}) {
  const server = await apiServer();
  const host = memoryHost({ files: { '/kube/config': kubeconfig(server.url, config), ...more.files }, now: NOW });
  const cluster = await connect({ kubeconfig: '/kube/config' }, host);
  closing.push(() => cluster.close());
  return { cluster, host, server };
}
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const stored = (host: MemoryHost): Record<string, string> =>
  JSON.parse(host.contents.get('/kube/config') ?? '').users[0].user['auth-provider'].config;

const isSilent = (error: Error & { hint?: string | undefined }): void => {
  expect(`${error.message}${error.hint}${error.stack}${JSON.stringify(error.cause)}`).not.toMatch(/planted|eyJ/);
};

describe('an ID token', () => {
  it('that is valid is used without asking the issuer', async () => {
    const idp = await issuer(granted);
    const { cluster, host } = await clusterFor(configOf(idp.url, { 'id-token': NEW }));
    const before = host.contents.get('/kube/config');
    await cluster.version();
    expect(idp.asked).toEqual([]);
    expect(host.contents.get('/kube/config')).toBe(before);
  });

  it.each([
    ['has expired', OLD],
    ['is about to expire', token('soon', 5)],
    ['is missing', undefined],
    ['cannot be read', 'planted-garbage'],
  ])('that %s is renewed once for all, and saved with the next refresh token', async (_, idToken) => {
    const idp = await issuer(granted);
    const { cluster, host } = await clusterFor(configOf(idp.url, { 'id-token': idToken }));
    await Promise.all([cluster.version(), cluster.version(), cluster.version()]);
    await cluster.version();
    expect(idp.asked).toHaveLength(1);
    expect(Object.fromEntries(idp.asked[0]?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: REFRESH,
      client_id: 'meshctl tests',
    });
    expect(stored(host)).toMatchObject({ 'id-token': NEW, 'refresh-token': NEXT_REFRESH, 'idp-issuer-url': idp.url });
    expect([host.contents.has('/kube/config.lock'), host.stderr()]).toEqual([false, '']);
  });

  it('is renewed when it expires while meshctl runs', async () => {
    const idp = await issuer(granted);
    const server = await serve(() => ({ json: { gitVersion: 'v1.34.0' } }));
    const short = token('short', 60);
    const host = memoryHost({ files: { '/kube/config': kubeconfig(server.url, configOf(idp.url, { 'id-token': short })) }, now: NOW });
    const cluster = await connect({ kubeconfig: '/kube/config' }, host);
    closing.push(() => cluster.close());
    await cluster.version();
    await host.clock.sleep(61_000);
    await cluster.version();
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${short}`, `Bearer ${NEW}`]);
  });

  it('that another program has renewed meanwhile is taken from the file', async () => {
    const idp = await issuer(() => ({ status: 400, json: { error: 'invalid_grant' } }));
    const { cluster, host, server } = await clusterFor(configOf(idp.url));
    await host.files.write('/kube/config', kubeconfig(server.url, configOf(idp.url, { 'id-token': NEW })));
    await cluster.version();
    expect(idp.asked).toEqual([]);
  });

  it('is renewed with a client secret in the header, and in the body where the issuer wants it there', async () => {
    const config = (url: string): object => configOf(url, { 'client-secret': 'planted secret' });
    const strict: Grant = (form) => (form.has('client_secret') ? granted(form, '') : { status: 401, json: { error: 'invalid_client' } });
    const [first, second] = [await issuer(granted), await issuer(strict)];
    await (await clusterFor(config(first.url))).cluster.version();
    await (await clusterFor(config(second.url))).cluster.version();
    const basic = `Basic ${Buffer.from('meshctl%20tests:planted%20secret').toString('base64')}`;
    expect(first.asked.map(({ form, authorization }) => [authorization, form.get('client_secret')])).toEqual([[basic, null]]);
    expect(second.asked.map(({ form }) => form.get('client_secret'))).toEqual([null, 'planted secret']);
  });

  it('may be of an issuer whose authority is a file beside the kubeconfig', async () => {
    const idp = await issuer(granted);
    const config = configOf(idp.url, { 'idp-certificate-authority-data': undefined, 'idp-certificate-authority': 'idp.crt' });
    await (await clusterFor(config, { files: { '/kube/idp.crt': authority } })).cluster.version();
    expect(idp.asked).toHaveLength(1);
  });
});

describe('an ID token that cannot be renewed', () => {
  const failing = async (config: object): Promise<string> => {
    const { cluster, host } = await clusterFor(config);
    const before = host.contents.get('/kube/config');
    const error = await failureOf(cluster.version());
    expect([error.code, error.exit]).toEqual(['E_CLUSTER_UNAUTHORIZED', 3]);
    expect(error.message).toMatch(/^The login of user "jane" has expired and cannot be renewed: .* \(context "test", server http:\S+\)\.$/);
    expect(error.hint).toBe('Log in again, or choose another context with --context.');
    isSilent(error);
    expect(host.contents.get('/kube/config')).toBe(before);
    return error.message.replace(/^.*?renewed: (.*) \(context.*$/, '$1').replace(/127\.0\.0\.1:\d+/, 'ISSUER');
  };
  const refusing = (code: number, json: object): Promise<Issuer> => issuer(() => ({ status: code, json }));

  it('is one clear error', async () => {
    const { url } = await issuer(granted);
    const wrong = await refusing(400, { error: 'invalid_grant', error_description: `Token ${REFRESH} is not active.` });
    const empty = await refusing(200, { access_token: 'planted-access' });
    const leaking = await issuer(granted, { endpoint: 'http://127.0.0.1:1/token' });
    expect(await failing(configOf(url, { 'refresh-token': undefined }))).toBe('there is no refresh token');
    expect(await failing(configOf(url, { 'client-id': undefined }))).toBe('the kubeconfig names no client-id');
    expect(await failing(configOf('nowhere'))).toBe('the kubeconfig names no idp-issuer-url');
    expect(await failing(configOf(url, { 'idp-certificate-authority-data': undefined }))).toBe(
      'the issuer https://ISSUER cannot be asked: its certificate is signed by an authority that is not known',
    );
    expect(await failing(configOf(url.replace('realm', 'gone')))).toBe('the issuer https://ISSUER does not tell its token endpoint (404)');
    expect(await failing(configOf(wrong.url))).toBe(
      'the issuer https://ISSUER refuses to renew it: invalid_grant, Token [redacted] is not active',
    );
    expect(await failing(configOf(empty.url))).toBe('the issuer https://ISSUER answers without an ID token');
    expect(await failing(configOf(leaking.url))).toBe('the issuer https://ISSUER wants the refresh token without TLS');
    expect(await failing(configOf('http://127.0.0.1:1/realm'))).toBe(
      'the issuer http://ISSUER cannot be asked: the connection was refused',
    );
  });

  it('ends with the cluster when the issuer is silent', async () => {
    let arrived: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const server = createServer(() => arrived());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { cluster } = await clusterFor(configOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/realm`));
    const failed = failureOf(cluster.version());
    await asked;
    await cluster.close();
    expect((await failed).message).toBe('The cluster was closed.');
  });

  it('is given up with the request when the issuer is silent', async () => {
    const server = createServer(() => {});
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const config = configOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/realm`);
    const host = memoryHost({ files: { '/kube': kubeconfig('http://127.0.0.1:1', config) }, now: NOW });
    const cluster = await connect({ kubeconfig: '/kube', requestTimeout: '100ms' }, host);
    closing.push(() => cluster.close());
    expect((await failureOf(cluster.version())).message).toContain('no answer from the issuer of the ID token within 100 ms');
  });
});

describe('saving tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshctl-oidc-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('does not touch a file that another program writes, and says so', async () => {
    const { url } = await issuer(granted);
    const { cluster, host } = await clusterFor(configOf(url), { files: { '/kube/config.lock': '' } });
    await cluster.version();
    expect(host.stderr()).toBe(
      'Warning: the renewed login of user "jane" could not be saved in "/kube/config": "/kube/config.lock" says that another program writes it.\n',
    );
    expect(stored(host)['id-token']).toBe(OLD);
    expect(host.contents.has('/kube/config.lock')).toBe(true);
  });

  it('keeps comments, layout and everything else', () => {
    const text = [
      '# mine, do not touch',
      'users:',
      '- name: other # and this',
      '  user: {token: abc}',
      '- name: jane',
      '  user:',
      '    auth-provider:',
      '      name: oidc',
      `      config: {id-token: "${OLD}", refresh-token: '${REFRESH}'}`,
      '',
    ].join('\n');
    expect(withTokens(text, 'jane', { idToken: NEW, refreshToken: NEXT_REFRESH })).toBe(
      text.replace(OLD, NEW).replace(REFRESH, NEXT_REFRESH),
    );
    expect(withTokens(text, 'other', { idToken: NEW, refreshToken: NEXT_REFRESH })).toBeUndefined();
  });

  it('writes the file anew where the tokens do not stand there word for word', () => {
    const text = `users:\n- {name: jane, user: {auth-provider: {name: oidc, config: {refresh-token: r, client-id: r}}}}\n`;
    expect(withTokens(text, 'jane', { idToken: NEW, refreshToken: 'x: "y' })).toBe(
      `users:\n  - name: jane\n    user:\n      auth-provider:\n        name: oidc\n        config:\n          refresh-token: 'x: "y'\n          client-id: r\n          id-token: ${NEW}\n`,
    );
  });

  it('replaces a real file at once: a link stays a link, permissions stay, nothing is left behind', async () => {
    const { files } = nodeHost('0.0.0');
    const [real, link] = [join(folder, 'real'), join(folder, 'link')];
    writeFileSync(real, 'old');
    chmodSync(real, 0o640);
    symlinkSync(real, link);
    await files.replace(link, 'new');
    expect(readFileSync(real, 'utf8')).toBe('new');
    expect([lstatSync(link).isSymbolicLink(), statSync(real).mode & 0o777, readdirSync(folder)]).toEqual([true, 0o640, ['link', 'real']]);
    await expect(files.replace(join(folder, 'gone'), 'x')).rejects.toThrow('ENOENT');
  });
});

describe('the auth providers that Kubernetes removed', () => {
  it.each([
    [
      'gcp',
      'Install gke-gcloud-auth-plugin, and run "gcloud container clusters get-credentials" again.',
      'which Kubernetes removed in 1.26',
    ],
    ['azure', 'Install kubelogin, and run "kubelogin convert-kubeconfig".', 'which Kubernetes removed in 1.26'],
    ['openstack', 'Use "oidc", or a credential plugin under "exec".', 'which is not known'],
  ])('%s: the error says what to do', async (name, hint, reason) => {
    const file = kubeconfig('https://k8s.example.com', { 'access-token': 'planted-access', 'cmd-path': 'gcloud' }, name);
    const error = await failureOf(connect({ kubeconfig: '/k' }, memoryHost({ files: { '/k': file } })));
    expect(error).toMatchObject({ code: 'E_KUBECONFIG', exit: 3, hint });
    expect(error.message).toBe(`User "jane" of the kubeconfig logs in by the auth provider "${name}", ${reason}.`);
    isSilent(error);
  });
});

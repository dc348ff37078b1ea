import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/cluster/connect.ts';
import { proxyFor } from '../../src/cluster/proxy.ts';
import { memoryHost } from '../../src/host/memory.ts';
import { closeAll, clusterAt, failureOf, serve, status, TOKEN } from './api.ts';
import { authority, client, good } from './certificates.ts';

afterEach(closeAll);

const config = (name: string, current: string | undefined, more: object = {}): string =>
  JSON.stringify({
    ...(current && { 'current-context': current }),
    clusters: [{ name, cluster: { server: `https://${name}.example.com:6443/` } }],
    users: [{ name, user: { token: TOKEN } }],
    contexts: [{ name, context: { cluster: name, user: name, ...more } }],
  });

describe('a kubeconfig', () => {
  it('is merged from the files of KUBECONFIG: the first that says a thing wins, files that are absent do not count', async () => {
    const files = {
      '/a': config('east', undefined),
      '/b': config('west', 'west', { namespace: 'shop' }),
      '/c': config('east', 'east').replace('east.', 'other.'),
    };
    const host = memoryHost({ files, env: { KUBECONFIG: '/absent:/a:/b:/c' } });
    expect(await connect({}, host)).toMatchObject({ context: 'west', namespace: 'shop', server: 'https://west.example.com:6443' });
    expect(await connect({ context: 'east', namespace: 'mine' }, host)).toMatchObject({
      server: 'https://east.example.com:6443',
      namespace: 'mine',
    });
  });

  it('may be JSON, and may begin with a byte order mark', async () => {
    const yaml = `\uFEFFcurrent-context: b\nclusters: [{name: b, cluster: {server: "https://b"}}]\ncontexts: [{name: b, context: {cluster: b}}]\n`;
    expect(await connect({ kubeconfig: '/k' }, memoryHost({ files: { '/k': yaml } }))).toMatchObject({ context: 'b' });
    expect(await connect({ kubeconfig: '/k' }, memoryHost({ files: { '/k': `\uFEFF${config('a', 'a')}` } }))).toMatchObject({
      context: 'a',
    });
  });

  it('that cannot be read is told with the reason', async () => {
    const host = memoryHost();
    const failing = (error: Error): Promise<string> =>
      failureOf(connect({ kubeconfig: 'kc' }, { ...host, files: { ...host.files, read: () => Promise.reject(error) } })).then(
        (e) => e.message,
      );
    expect(await failing(Object.assign(new Error('x'), { code: 'EACCES' }))).toBe(
      'The kubeconfig "kc" cannot be read: permission is denied.',
    );
    expect(await failing(new Error('it is UTF-16; save it as UTF-8'))).toBe(
      'The kubeconfig "kc" cannot be read: it is UTF-16; save it as UTF-8.',
    );
  });

  it('gives way to the service account when it is empty and none was asked for', async () => {
    const files = { '/kc': '', '/var/run/secrets/kubernetes.io/serviceaccount/token': TOKEN };
    const env = { KUBECONFIG: '/kc', KUBERNETES_SERVICE_HOST: 'fd00::1' };
    expect(await connect({}, memoryHost({ files, env }))).toMatchObject({ context: 'in-cluster', server: 'https://[fd00::1]:443' });
  });

  it('is found in the home directory', async () => {
    const host = memoryHost({ files: { '/home/jane/.kube/config': config('east', 'east') }, env: { HOME: '/home/jane' } });
    expect(await connect({}, host)).toMatchObject({ context: 'east', namespace: 'default' });
  });

  it('is made of the service account inside a cluster', async () => {
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
    const host = memoryHost({
      files: { [`${folder}/token`]: `${TOKEN}\n`, [`${folder}/namespace`]: 'ops', [`${folder}/ca.crt`]: '' },
      env: { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' },
    });
    expect(await connect({}, host)).toMatchObject({ context: 'in-cluster', namespace: 'ops', server: 'https://10.0.0.1:443' });
  });

  it.each([
    ['does not exist', {}, {}, 'There is no kubeconfig: "/home/jane/.kube/config" does not exist.'],
    ['is named but absent', {}, { kubeconfig: 'gone' }, 'The kubeconfig "gone" cannot be read: it does not exist.'],
    ['is a directory', { '/kc/file': '' }, { kubeconfig: '/kc' }, 'The kubeconfig "/kc" cannot be read: it is a directory.'],
    ['is empty', { kc: '' }, { kubeconfig: 'kc' }, 'The kubeconfig "kc" has no contexts.'],
    ['is no kubeconfig', { kc: '- a' }, { kubeconfig: 'kc' }, 'The kubeconfig "kc" holds no kubeconfig.'],
    ['is no YAML', { kc: `users: [{ token: ${TOKEN}` }, { kubeconfig: 'kc' }, 'The kubeconfig "kc" is not valid YAML'],
    ['has no current context', { kc: config('east', undefined) }, { kubeconfig: 'kc' }, 'The kubeconfig "kc" has no current context.'],
    [
      'lacks the context',
      { kc: config('east', 'east') },
      { kubeconfig: 'kc', context: 'eats' },
      'There is no context "eats" in the kubeconfig "kc".',
    ],
    [
      'has an address that is none',
      { kc: config('east', 'east').replace('https://east', 'https://a b') },
      { kubeconfig: 'kc' },
      'Context "east" has no server address',
    ],
    [
      'has a proxy that is none',
      { kc: config('east', 'east').replace('"cluster":{', '"cluster":{"proxy-url":"nowhere",') },
      { kubeconfig: 'kc' },
      'The proxy of context "east" has no address',
    ],
    [
      'lacks the cluster',
      { kc: config('east', 'east').replace('"cluster":"east"', '"cluster":"gone"') },
      { kubeconfig: 'kc' },
      'Context "east" names the cluster "gone", which',
    ],
  ])('that %s is one clear error', async (_, files, options, message) => {
    const error = await failureOf(connect(options, memoryHost({ files, env: { HOME: '/home/jane' } })));
    expect(error.message).toContain(message);
    expect(error.exit).toBe(3);
    expect(`${error.message}${error.hint}${error.stack}`).not.toContain(TOKEN);
    if ('context' in options) expect(error.hint).toBe('Did you mean "east"? The contexts are "east".');
  });
});

describe('credentials', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshctl-exec-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const plugin = (name: string, script: string): object => {
    const command = join(folder, name);
    writeFileSync(command, `#!/bin/sh\n${script}\n`);
    chmodSync(command, 0o755);
    return {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command, env: [{ name: 'LOGIN', value: TOKEN }], interactiveMode: 'Never' },
    };
  };
  const version = { json: { gitVersion: 'v1.34.0' } };

  it('of a plugin are asked for once, and again when the server no longer accepts them', async () => {
    const runs = join(folder, 'runs');
    const user = plugin(
      'login',
      `echo "$KUBERNETES_EXEC_INFO" >> ${runs}; echo '{"kind":"ExecCredential","status":{"token":"run-'$(wc -l < ${runs} | tr -d ' ')'"}}'`,
    );
    const server = await serve(({ headers, path }) =>
      path === '/version' && headers.authorization === 'Bearer run-1'
        ? version
        : headers.authorization === 'Bearer run-2'
          ? version
          : status(401, 'no'),
    );
    const { cluster } = await clusterAt(server.url, { user });
    await cluster.version();
    await cluster.version();
    expect(readFileSync(runs, 'utf8').trim().split('\n')).toHaveLength(1);
    expect(readFileSync(runs, 'utf8')).toContain('"kind":"ExecCredential"');
    const { cluster: other } = await clusterAt(server.url, { user: plugin('always-old', `echo '{"status":{"token":"old"}}'`) });
    expect((await failureOf(other.version())).code).toBe('E_CLUSTER_UNAUTHORIZED');
    expect(server.asked.slice(2)).toHaveLength(2);
  });

  it('of a plugin may depend on the cluster, which it is told about when it wants to know', async () => {
    const told = join(folder, 'told');
    const { exec } = plugin('asks', `echo "$KUBERNETES_EXEC_INFO" > ${told}; echo '{"status":{"token":"t"}}'`) as { exec: object };
    const server = await serve(() => version);
    const files = {
      '/kube/config': JSON.stringify({
        'current-context': 'c',
        clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority': 'ca.crt', 'tls-server-name': 'k8s' } }],
        users: [{ name: 'u', user: { exec: { ...exec, provideClusterInfo: true } } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      }),
      '/kube/ca.crt': 'authority',
    };
    const cluster = await connect({ kubeconfig: '/kube/config' }, memoryHost({ files }));
    await cluster.version();
    await cluster.close();
    expect(JSON.parse(readFileSync(told, 'utf8')).spec.cluster).toEqual({
      server: server.url,
      'tls-server-name': 'k8s',
      'certificate-authority-data': Buffer.from('authority').toString('base64'),
    });
  });

  it('of a plugin are renewed once for all requests that were refused at once', async () => {
    const runs = join(folder, 'renewals');
    const user = plugin('renewing', `echo x >> ${runs}; echo '{"status":{"token":"run-'$(wc -l < ${runs} | tr -d ' ')'"}}'`);
    let late = 0;
    const server = await serve(async ({ headers }) => {
      if (headers.authorization !== 'Bearer run-1') return version;
      await new Promise((resolve) => setTimeout(resolve, 80 * late++));
      return status(401, 'no');
    });
    const { cluster } = await clusterAt(server.url, { user });
    await Promise.all(Array.from({ length: 4 }, () => cluster.version()));
    expect(readFileSync(runs, 'utf8').trim().split('\n')).toHaveLength(2);
  });

  it.each([
    ['is not installed', { exec: { command: 'no-such-login-plugin', installHint: 'See example.com.' } }, 'is not installed or not in PATH'],
    [
      'fails',
      plugin('fails', `echo "session expired for token=${TOKEN}, log in" >&2; exit 1`),
      'failed with exit code 1: session expired for token=[redacted], log in',
    ],
    ['prints something else', plugin('garbage', `echo "hello ${TOKEN}"`), 'did not print an ExecCredential'],
    ['prints no status', plugin('empty', `echo '{}'`), 'did not print an ExecCredential'],
  ])('plugin that %s is one clear error', async (_, user, message) => {
    const server = await serve(() => version);
    const { cluster } = await clusterAt(server.url, { user });
    const error = await failureOf(cluster.version());
    expect(error.message).toContain(message);
    expect(error.message).toContain(`context "test", server ${server.url}`);
    expect([error.code, error.exit]).toEqual(['E_CLUSTER_UNAUTHORIZED', 3]);
    expect(`${error.message}${error.hint}${error.stack}`).not.toContain(TOKEN);
  });

  it('a plugin that hangs is given up with the request', async () => {
    const server = await serve(() => version);
    const { cluster } = await clusterAt(server.url, { user: plugin('hangs', 'exec sleep 5'), timeout: '200ms' });
    const error = await failureOf(cluster.version());
    expect(error.code).toBe('E_CLUSTER_TIMEOUT');
    expect(error.message).toContain('no answer from the credential plugin within 200 ms');
  });

  it('may be a user and a password', async () => {
    const server = await serve(() => version);
    const { cluster } = await clusterAt(server.url, { user: { username: 'jane', password: 'pw' } });
    await cluster.version();
    expect(server.asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('jane:pw').toString('base64')}`);
  });

  it('of a service account are read again, as the kubelet rewrites them', async () => {
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
    const server = await serve(() => version, good);
    const { port } = new URL(server.url);
    const host = memoryHost({
      files: { [`${folder}/token`]: 'first', [`${folder}/ca.crt`]: authority },
      env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: port },
    });
    const cluster = await connect({}, host);
    await cluster.version();
    await host.files.write(`${folder}/token`, 'second\n');
    await cluster.version();
    await host.clock.sleep(61_000);
    await cluster.version();
    await cluster.close();
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer first', 'Bearer second']);
  });

  it('in files are found beside the kubeconfig that names them, and data goes before files', async () => {
    const server = await serve(() => version, { ...good, ca: authority, requestCert: true, rejectUnauthorized: true });
    const file = (user: object): string =>
      JSON.stringify({
        'current-context': 'c',
        clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority': '../ca.crt' } }],
        users: [{ name: 'u', user: { 'client-certificate': 'a.crt', 'client-key': './a.key', ...user } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      });
    const pems = { '/kube/ca.crt': authority, '/kube/sub/a.crt': client.cert, '/kube/sub/a.key': client.key };
    const asked = async (kubeconfig: string, files: Record<string, string>): Promise<unknown> => {
      const cluster = await connect({ kubeconfig }, memoryHost({ files }));
      return cluster.version().finally(() => cluster.close());
    };
    expect(await asked('/kube/sub/config', { ...pems, '/kube/sub/config': file({}) })).toEqual({ gitVersion: 'v1.34.0' });
    const data = { 'client-key-data': Buffer.from(client.key).toString('base64') };
    expect(await asked('/kube/sub/config', { ...pems, '/kube/sub/a.key': 'broken', '/kube/sub/config': file(data) })).toBeTruthy();
    const error = await failureOf(asked('/kube/sub/config', { '/kube/ca.crt': authority, '/kube/sub/config': file({}) }));
    expect(error.message).toBe('The file "/kube/sub/a.crt", which the kubeconfig names, cannot be read.');
  });

  it('may be for a server that is verified under another name, or not at all', async () => {
    const server = await serve(() => version, good);
    const ca = { 'certificate-authority-data': Buffer.from(authority).toString('base64') };
    const named = server.url.replace('127.0.0.1', 'localhost');
    expect((await failureOf((await clusterAt(named, { cluster: ca })).cluster.version())).message).toContain('is for another name');
    expect(await (await clusterAt(named, { cluster: { ...ca, 'tls-server-name': '127.0.0.1' } })).cluster.version()).toBeTruthy();
    expect(await (await clusterAt(named, { cluster: { 'insecure-skip-tls-verify': true } })).cluster.version()).toBeTruthy();
  });

  it('may be a token in a file', async () => {
    const server = await serve(() => version);
    const host = memoryHost({
      files: {
        '/kube/config': JSON.stringify({
          'current-context': 'c',
          clusters: [{ name: 'c', cluster: { server: server.url } }],
          users: [{ name: 'u', user: { tokenFile: 'token' } }],
          contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        }),
        '/kube/token': 'from-file\n',
      },
    });
    const cluster = await connect({ kubeconfig: '/kube/config' }, host);
    await cluster.version();
    await cluster.close();
    expect(server.asked[0]?.headers.authorization).toBe('Bearer from-file');
  });
});

describe('the address of a server', () => {
  it('is shown without what stands before the @', async () => {
    const { cluster } = await clusterAt('https://jane:planted@pass@k8s.example.com:6443');
    expect(cluster.server).toBe('https://k8s.example.com:6443');
  });

  it('is told to be unverified where the kubeconfig says so', async () => {
    const said = async (address: string, skip: boolean): Promise<string> => {
      const { host } = await clusterAt(address, { cluster: { 'insecure-skip-tls-verify': skip } });
      return host.stderr();
    };
    expect(await said('https://k8s.example.com', true)).toBe(
      'Warning: the certificate of https://k8s.example.com is not verified, as context "test" says insecure-skip-tls-verify.\n',
    );
    expect(await said('https://k8s.example.com', false)).toBe('');
    expect(await said('http://k8s.example.com', true)).toBe('');
  });
});

describe('proxyFor', () => {
  it('passes over a variable that is empty', () => {
    expect(proxyFor('https://k8s.example.com', { HTTPS_PROXY: '', https_proxy: 'http://p:1' })).toBe('http://p:1');
  });

  const env = { HTTPS_PROXY: 'proxy.example.com:3128', NO_PROXY: 'internal.example.com, .svc,10.1.0.0/16,192.0.2.7:6443' };
  it.each([
    ['https://k8s.example.com', 'http://proxy.example.com:3128'],
    ['http://k8s.example.com', undefined],
    ['https://127.0.0.1:6443', undefined],
    ['https://internal.example.com', undefined],
    ['https://a.internal.example.com', undefined],
    ['https://kubernetes.default.svc', undefined],
    ['https://10.1.200.3:6443', undefined],
    ['https://10.2.0.3:6443', 'http://proxy.example.com:3128'],
    ['https://192.0.2.7:6443', undefined],
    ['https://192.0.2.7:7443', 'http://proxy.example.com:3128'],
  ])('%s', (server, proxy) => {
    expect(proxyFor(server, env)).toBe(proxy);
  });
});

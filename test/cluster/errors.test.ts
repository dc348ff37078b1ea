import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { credentialSource } from '../../src/cluster/credentials.ts';
import { redact } from '../../src/cluster/errors.ts';
import { createApi } from '../../src/cluster/request.ts';
import type { MeshctlError } from '../../src/errors.ts';
import { memoryHost } from '../../src/host/memory.ts';
import { all, closeAll, clusterAt, failureOf, type Handler, type KubeconfigParts, serve, status, TOKEN, withDiscovery } from './api.ts';
import { authority, client, expired, good } from './certificates.ts';

afterEach(closeAll);

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What a user sees of listing Pods at a server that behaves like this. */
async function listing(
  handler: Handler,
  parts: KubeconfigParts & { timeout?: string } = {},
  tls?: object,
): Promise<MeshctlError & { shown: string; url: string }> {
  const server = await serve(withDiscovery(handler), tls);
  const { cluster } = await clusterAt(server.url, parts);
  const error = await failureOf(all(cluster.list('core/Pod')));
  expect(error.exit).toBe(3);
  expect(`${error.message} ${error.hint} ${error.stack} ${JSON.stringify(error.cause)}`).not.toContain(TOKEN);
  return Object.assign(error, { shown: error.message.replaceAll(server.url, 'SERVER'), url: server.url });
}

describe('an error of a cluster', () => {
  it('names context, server, verb and resource', async () => {
    const error = await listing(() => status(500, 'etcd is sad'));
    expect(error.code).toBe('E_CLUSTER_FAILED');
    expect(error.shown).toBe('Cannot list Pods: the server answered with 500: etcd is sad (context "test", server SERVER).');
  });

  it('names the user whose credentials are not accepted', async () => {
    const error = await listing(() => status(401, 'Unauthorized'));
    expect(error.code).toBe('E_CLUSTER_UNAUTHORIZED');
    expect(error.message).toContain('does not accept the credentials of user "jane"');
  });

  it('names the missing permission', async () => {
    const error = await listing(() =>
      status(403, 'pods is forbidden: User "jane" cannot list resource "pods" in API group ""', { reason: 'Forbidden' }),
    );
    expect(error.code).toBe('E_CLUSTER_FORBIDDEN');
    expect(error.message).toContain('user "jane" lacks the permission "list" on "pods"');
    expect(error.hint).toBe('Ask for it, or see with: kubectl auth can-i list pods --all-namespaces --context test');
  });

  it('gives the words of a policy that forbids', async () => {
    const error = await listing(() => status(403, 'admission webhook "policy" denied the request: not today'));
    expect(error.message).toContain('denied the request: not today');
  });

  it('says that a kind is not installed', async () => {
    const server = await serve(withDiscovery(() => status(404, 'not found')));
    const { cluster } = await clusterAt(server.url);
    const kind = 'networking.istio.io/Gateway';
    const error = await failureOf(cluster.apply({ kind, namespace: 'a', name: 'b', body: {} }));
    expect([error.code, error.exit]).toEqual(['E_CLUSTER_NOT_SERVED', 3]);
    expect(error.hint).toBe('Its CustomResourceDefinition "gateways.networking.istio.io" is not installed.');
    expect(await cluster.get({ kind, namespace: 'a', name: 'b' })).toBeUndefined();
    expect(await all(cluster.list(kind))).toEqual([]);
  });

  it('says that the connection was refused', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const { cluster, host } = await clusterAt(`http://127.0.0.1:${port}`);
    const error = await failureOf(cluster.version());
    expect(error.code).toBe('E_CLUSTER_UNREACHABLE');
    expect(error.message).toBe(`Cannot get the version: the connection was refused (context "test", server http://127.0.0.1:${port}).`);
    // It never answered, so waiting for it is in vain.
    expect(host.clock.now()).toBe(Date.UTC(2026, 0, 1));
  });

  it('says that a name cannot be resolved', async () => {
    const { cluster } = await clusterAt('https://cluster.invalid');
    expect((await failureOf(cluster.version())).message).toMatch(/the name of the server cannot be resolved/);
  });

  it('says that the authority of the certificate is not known', async () => {
    const error = await listing(() => ({ json: {} }), {}, good);
    expect(error.code).toBe('E_CLUSTER_UNREACHABLE');
    expect(error.message).toContain('signed by an authority that is not known');
    expect(error.hint).toContain('certificate-authority-data');
  });

  it('says that the certificate has expired', async () => {
    const error = await listing(() => ({ json: {} }), { cluster: { 'certificate-authority-data': base64(authority) } }, expired);
    expect(error.message).toContain("the server's certificate has expired");
  });

  it('says that the certificate is for another name', async () => {
    const cluster = { 'certificate-authority-data': base64(authority), 'tls-server-name': 'other.example.com' };
    expect((await listing(() => ({ json: {} }), { cluster }, good)).message).toContain("the server's certificate is for another name");
  });

  it('says that a client certificate is refused', async () => {
    const cluster = { 'certificate-authority-data': base64(authority) };
    const error = await listing(() => ({ json: {} }), { cluster }, { ...good, ca: authority, requestCert: true, rejectUnauthorized: true });
    // With TLS 1.3 the refusal comes after the handshake, and the end of the connection may overtake it.
    expect(error.message).toMatch(/the server refuses the client certificate|the connection was lost/);
  });

  it('says that https is the wrong protocol', async () => {
    const server = await serve(() => ({ json: {} }));
    const { cluster } = await clusterAt(server.url.replace('http:', 'https:'));
    expect((await failureOf(cluster.version())).message).toContain('it does not speak TLS');
  });

  it('says that a server is too slow, without trying again', async () => {
    const server = await serve(withDiscovery(() => new Promise(() => {})));
    const { cluster } = await clusterAt(server.url, { timeout: '100ms' });
    const error = await failureOf(all(cluster.list('core/Pod')));
    expect(error.code).toBe('E_CLUSTER_TIMEOUT');
    expect(error.message).toContain('no answer within 100 ms');
    expect(error.hint).toContain('--request-timeout');
    expect(server.asked.filter(({ path }) => path === '/api/v1/pods')).toHaveLength(1);
  });

  it('says that the answer is no JSON', async () => {
    expect((await listing(() => ({ json: '<html>Log in</html>' }))).message).toContain('the answer is not JSON');
  });
});

describe('what is no Kubernetes API server', () => {
  const page =
    (code: number): Handler =>
    (_, response) => {
      response
        .writeHead(code, { 'content-type': 'text/html; charset=utf-8' })
        .end(`<html><script>const token = '${TOKEN}'</script></html>`);
      return undefined;
    };

  it.each([200, 401, 403, 404])('is told when it answers with a web page and %d', async (code) => {
    const error = await listing(page(code));
    expect(error.code).toBe('E_CLUSTER_FAILED');
    expect(error.shown).toBe(`Cannot list Pods: a web page came instead of an answer (${code}) (context "test", server SERVER).`);
    expect(error.hint).toBe('Is this the address of a Kubernetes API server? A login page or a proxy may be in the way.');
  });

  it('is waited for when it is a load balancer without servers', async () => {
    let calls = 0;
    const server = await serve(withDiscovery((asked, response) => (++calls < 3 ? page(502)(asked, response) : { json: { items: [] } })));
    const { cluster } = await clusterAt(server.url);
    expect(await all(cluster.list('core/Pod'))).toEqual([]);
    expect((await listing(page(502))).shown).toBe('Cannot list Pods: the server answered with 502 (context "test", server SERVER).');
  });

  it('is not taken for an empty cluster', async () => {
    const server = await serve(() => ({ json: { status: 'ok' } }));
    const { cluster } = await clusterAt(server.url);
    const error = await failureOf(cluster.kinds());
    expect([error.code, error.exit]).toEqual(['E_CLUSTER_FAILED', 3]);
    expect(error.message).toContain('Cannot discover what the server serves: the answer is no Kubernetes discovery (context "test"');
  });
});

describe('a server that accepts connections and says nothing', () => {
  it('is given up after --request-timeout, whatever it stalls at', async () => {
    const stalls: Record<string, (socket: Socket) => void> = {
      'the TLS handshake': () => {},
      'the headers': () => {},
      'the middle of the body': (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":'),
    };
    for (const [stage, stall] of Object.entries(stalls)) {
      const sockets = new Set<Socket>();
      const silent = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {}).on('close', () => sockets.delete(socket));
        socket.once('data', () => stall(socket));
      });
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const { port } = silent.address() as AddressInfo;
      const { cluster } = await clusterAt(`http${stage.includes('TLS') ? 's' : ''}://127.0.0.1:${port}`, { timeout: '150ms' });
      const error = await failureOf(cluster.version());
      expect([stage, error.code, error.exit]).toEqual([stage, 'E_CLUSTER_TIMEOUT', 3]);
      expect(error.message).toBe(`Cannot get the version: no answer within 150 ms (context "test", server ${cluster.server}).`);
      await cluster.close();
      await expect.poll(() => sockets.size).toBe(0);
      await new Promise((resolve) => silent.close(resolve));
    }
  });
});

describe('a stream', () => {
  it('that falls silent is told to be dead, where silence has a limit', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200);
      response.write('one');
      return undefined;
    });
    const host = memoryHost();
    const context = { name: 'c', namespace: '', cluster: { server: server.url }, userName: '', user: {} };
    const credentials = credentialSource(context, { groups: [] }, host, () => {});
    const place = { context: 'c', server: server.url, user: '', secrets: [] };
    const api = createApi(place, server.url, credentials, 5000, host);
    const stream = await api.stream({ about: { verb: 'watch', what: 'Pods' }, path: '/', silentMs: 50 });
    const error = await failureOf(
      (async () => {
        for await (const _ of stream);
      })(),
    );
    await api.close();
    expect(error.message).toContain('Cannot watch Pods: the server fell silent');
  });
});

describe('a client certificate', () => {
  it('opens the door', async () => {
    const server = await serve(() => ({ json: { gitVersion: 'v1.34.0' } }), {
      ...good,
      ca: authority,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const { cluster } = await clusterAt(server.url, {
      cluster: { 'certificate-authority-data': base64(authority) },
      user: { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) },
    });
    expect(await cluster.version()).toEqual({ gitVersion: 'v1.34.0' });
  });
});

describe('a broken certificate in the kubeconfig', () => {
  it('is one clear error', async () => {
    const server = await serve(() => ({ json: {} }), good);
    const ca = base64(authority);
    const user = { 'client-certificate-data': base64(client.cert), 'client-key-data': base64('-----BEGIN PRIVATE KEY-----\nnonsense') };
    const { cluster } = await clusterAt(server.url, { cluster: { 'certificate-authority-data': ca }, user });
    const error = await failureOf(cluster.version());
    expect(error.message).toContain('a certificate or key of the kubeconfig cannot be used');
    expect(error.exit).toBe(3);
  });
});

describe('a forbidden object', () => {
  it('is asked for in its namespace', async () => {
    const server = await serve(withDiscovery(() => status(403, 'pods "a" is forbidden: User "jane" cannot get resource "pods"')));
    const { cluster } = await clusterAt(server.url);
    const error = await failureOf(cluster.get({ kind: 'core/Pod', namespace: 'shop', name: 'a' }));
    expect(error.hint).toContain('kubectl auth can-i get pods -n shop --context test');
  });
});

describe('redact', () => {
  it.each([
    ['Authorization: Bearer abcdefgh.ijk', 'Authorization: Bearer [redacted]'],
    ['got eyJhbGciOi.eyJzdWIi.c2ln from it', 'got [redacted] from it'],
    ['id_token=abcdef123&x=1', 'id_token=[redacted]&x=1'],
    ['"refresh_token": "abcdef123"', '"refresh_token": "[redacted]"'],
    ['the secret is planted-token', 'the secret is [redacted]'],
    ['-----BEGIN PRIVATE KEY----- abc -----END PRIVATE KEY----- x', '[redacted] x'],
    ['no permission for pods', 'no permission for pods'],
  ])('%s', (text, clean) => {
    expect(redact(text, ['planted-token'])).toBe(clean);
  });
});

/** Chart repositories over HTTP, real ones on loopback. */
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { authority, good } from '../cluster/certificates.ts';
import { packedChart } from './pack.ts';
import { closeAll, hexOf, indexOf, type Listed, listening, type Reply, serve, table, trial } from './servers.ts';

afterEach(closeAll);

const mesh = async (version: string): Promise<Buffer> => packedChart('mesh', version);

/** @param more replies besides the index and the archives of these versions */
async function repository(versions: readonly string[], more: Readonly<Record<string, Reply>> = {}, listed: Partial<Listed> = {}) {
  const archives = await Promise.all(versions.map(mesh));
  const entries = versions.map((version, index) => ({
    version,
    url: `mesh-${version}.tgz`,
    digest: hexOf(archives[index] as Buffer),
    ...listed,
  }));
  return serve(
    table({
      '/charts/index.yaml': { body: indexOf({ mesh: entries }) },
      ...Object.fromEntries(versions.map((version, index) => [`/charts/mesh-${version}.tgz`, { body: archives[index] as Buffer }])),
      ...more,
    }),
  );
}

describe('a version', () => {
  it.each([
    [undefined, '1.10.0'],
    ['1.9.0', '1.9.0'],
    ['~1.9', '1.9.2'],
    ['>=1 <1.10', '1.9.2'],
    ['2.0.0-rc.1', '2.0.0-rc.1'],
    ['>1.10.0-0', '2.0.0-rc.1'],
  ])('%j is %s', async (version, chosen) => {
    const server = await repository(['1.9.0', '1.10.0', '2.0.0-rc.1', '1.9.2']);
    const found = await trial().charts.get({ repository: `${server.url}/charts/`, name: 'mesh', version });
    expect([found.version, found.chart.name]).toEqual([chosen, 'mesh']);
  });

  it('that no chart has is told with those that are there', async () => {
    const server = await repository(['1.9.0', '1.10.0']);
    await expect(trial().charts.get({ repository: `${server.url}/charts`, name: 'mesh', version: '3' })).rejects.toMatchObject({
      code: 'E_CHART_NOT_FOUND',
      message: `The repository "${server.url}/charts" has no version that fits "3" of chart "mesh".`,
      hint: 'There is 1.10.0, 1.9.0.',
    });
  });

  it('that is none is refused', async () => {
    const server = await repository(['1.9.0']);
    await expect(trial().charts.get({ repository: `${server.url}/charts`, name: 'mesh', version: 'newest' })).rejects.toThrow(
      '"newest" is no version and no range of versions.',
    );
  });

  it('is listed with all others, the newest first', async () => {
    const server = await repository(['1.9.0', '1.10.0', '2.0.0-rc.1']);
    expect(await trial().charts.versions({ repository: `${server.url}/charts`, name: 'mesh' })).toEqual(['2.0.0-rc.1', '1.10.0', '1.9.0']);
  });
});

describe('an archive', () => {
  it('of another digest is refused, with both named, and not kept', async () => {
    const server = await repository(['1.0.0'], { '/charts/mesh-1.0.0.tgz': { body: await mesh('6.6.6') } });
    const { charts, host } = trial();
    await expect(charts.get({ repository: `${server.url}/charts`, name: 'mesh' })).rejects.toMatchObject({
      code: 'E_CHART_DIGEST',
      message: `The archive "${server.url}/charts/mesh-1.0.0.tgz" is not what it should be: its digest is "sha256:${hexOf(await mesh('6.6.6'))}", and "sha256:${hexOf(await mesh('1.0.0'))}" was announced.`,
    });
    expect([...host.contents.keys()]).toEqual([]);
  });

  it('is downloaded once, and again when what was kept is broken', async () => {
    const server = await repository(['1.0.0']);
    const { charts, host } = trial();
    const get = async () => charts.get({ repository: `${server.url}/charts`, name: 'mesh' });
    await get();
    await get();
    const downloads = (): number => server.paths().filter((path) => path.endsWith('.tgz')).length;
    expect(downloads()).toBe(1);
    const kept = `/home/me/.cache/meshctl/charts/sha256/${hexOf(await mesh('1.0.0'))}`;
    expect([...host.contents.keys()]).toEqual([kept]);
    await host.files.save(kept, Buffer.from('broken'));
    await get();
    await get();
    expect(downloads()).toBe(2);
  });

  it('whose cache cannot be written is used all the same', async () => {
    const server = await repository(['1.0.0']);
    const { charts, host } = trial();
    host.files.save = async () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    expect((await charts.get({ repository: `${server.url}/charts`, name: 'mesh' })).version).toBe('1.0.0');
  });

  it('may be on another server, which is not told the login', async () => {
    const archive = await mesh('1.0.0');
    const other = await serve(table({ '/mesh.tgz': { body: archive } }));
    const server = await repository(['1.0.0'], {}, { url: `${other.url}/mesh.tgz` });
    const { charts } = trial({ login: { username: 'me', password: 'planted-secret' } });
    await charts.get({ repository: `${server.url}/charts`, name: 'mesh' });
    expect(server.asked.map(({ authorization }) => authorization)).toEqual([
      `Basic ${Buffer.from('me:planted-secret').toString('base64')}`,
    ]);
    expect(other.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('keeps the query of the repository, which may be its key', async () => {
    const server = await repository(['1.0.0']);
    await trial().charts.get({ repository: `${server.url}/charts?key=1`, name: 'mesh' });
    expect(server.paths()).toEqual(['/charts/index.yaml?key=1', '/charts/mesh-1.0.0.tgz?key=1']);
  });

  it('of another chart is refused', async () => {
    const evil = await packedChart('evil', '1.0.0');
    const server = await repository(['1.0.0'], { '/charts/mesh-1.0.0.tgz': { body: evil } }, { digest: hexOf(evil) });
    await expect(trial().charts.get({ repository: `${server.url}/charts`, name: 'mesh' })).rejects.toThrow(
      /holds the chart "evil", and "mesh" was asked for/,
    );
  });

  it('can be named by its address', async () => {
    const server = await repository(['1.0.0']);
    const found = await trial().charts.get({ url: `${server.url}/charts/mesh-1.0.0.tgz` });
    expect([found.version, found.digest]).toEqual(['1.0.0', `sha256:${hexOf(await mesh('1.0.0'))}`]);
  });
});

describe('a login', () => {
  it('in the address goes into the header, and into no message', async () => {
    const server = await serve(table({}));
    const address = server.url.replace('//', '//me:planted-secret@');
    const failure = await trial()
      .charts.get({ repository: address, name: 'mesh' })
      .catch((error: Error) => error);
    expect(server.asked[0]?.authorization).toBe(`Basic ${Buffer.from('me:planted-secret').toString('base64')}`);
    expect(JSON.stringify(failure) + String(failure)).not.toContain('planted-secret');
  });

  it('stays behind when a redirection leads to another server', async () => {
    const other = await serve(table({ '/index.yaml': { body: indexOf({}) } }));
    const server = await serve(table({ '/index.yaml': { status: 302, headers: { location: `${other.url}/index.yaml` } } }));
    const { charts } = trial({ login: { username: 'me', password: 'planted-secret' } });
    await expect(charts.get({ repository: server.url, name: 'mesh' })).rejects.toThrow(/has no chart "mesh"/);
    expect(server.asked[0]?.authorization).toBeDefined();
    expect(other.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('that is wrong is told, with what to do', async () => {
    const server = await serve(() => ({ status: 401 }));
    await expect(trial().charts.get({ repository: server.url, name: 'mesh' })).rejects.toMatchObject({
      message: `"${server.url}/index.yaml" cannot be read: the server asks for another login (401).`,
      hint: expect.stringContaining('--username'),
      exit: 3,
    });
  });
});

describe('redirections', () => {
  it('are followed, but not for ever', async () => {
    const server = await serve(() => ({ status: 307, headers: { location: '/again' } }));
    await expect(trial().charts.get({ repository: server.url, name: 'mesh' })).rejects.toThrow(/redirects more than 5 times/);
    expect(server.asked.length).toBe(6);
  });

  it('do not lead out of TLS', async () => {
    const plain = await serve(table({}));
    const server = await serve(() => ({ status: 302, headers: { location: plain.url } }), good);
    await expect(trial({ ca: authority }).charts.get({ repository: server.url, name: 'mesh' })).rejects.toThrow(
      /redirects from TLS to plain HTTP/,
    );
    expect(plain.asked).toEqual([]);
  });
});

describe('a server', () => {
  it('that is not there is named, with the way out', async () => {
    await expect(trial().charts.get({ repository: 'http://127.0.0.1:1/charts', name: 'mesh' })).rejects.toMatchObject({
      code: 'E_CHART_UNREACHABLE',
      message: '"http://127.0.0.1:1/charts/index.yaml" cannot be read: the connection was refused.',
      hint: 'Use --chart COMPONENT=DIR|TGZ.',
      exit: 3,
    });
  });

  it('that fails for a while is asked again', async () => {
    let failures = 2;
    const archive = await mesh('1.0.0');
    const server = await serve(({ path }, response) => {
      if (failures-- > 0) {
        if (failures > 0) return { status: 503 };
        response.destroy();
        return undefined;
      }
      return path === '/index.yaml'
        ? { body: indexOf({ mesh: [{ version: '1.0.0', url: 'a.tgz', digest: hexOf(archive) }] }) }
        : { body: archive };
    });
    expect((await trial().charts.get({ repository: server.url, name: 'mesh' })).version).toBe('1.0.0');
    expect(server.asked.length).toBe(4);
  });

  it('that fails for longer is given up', async () => {
    const server = await serve(() => ({ status: 500 }));
    await expect(trial().charts.get({ repository: server.url, name: 'mesh' })).rejects.toThrow(/the server answered with 500/);
    expect(server.asked.length).toBe(3);
  });

  it('that breaks off in the middle is asked again, and no part is used', async () => {
    const archive = await mesh('1.0.0');
    const server = await serve(({ path }, response) => {
      if (path === '/index.yaml') return { body: indexOf({ mesh: [{ version: '1.0.0', url: 'a.tgz' }] }) };
      response.writeHead(200, { 'content-length': String(archive.length) });
      response.write(archive.subarray(0, 20), () => response.destroy());
      return undefined;
    });
    await expect(trial().charts.get({ repository: server.url, name: 'mesh' })).rejects.toThrow(
      /a.tgz" cannot be read: the connection was lost/,
    );
    expect(server.paths().filter((path) => path === '/a.tgz').length).toBe(3);
  });

  it('that falls silent is given up', async () => {
    const server = await serve(() => undefined);
    await expect(trial({ timeoutMs: 50 }).charts.get({ repository: server.url, name: 'mesh' })).rejects.toThrow(/no answer within 0.05 s/);
  });

  it('that says too much is not listened to', async () => {
    const server = await serve((_, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(1024 * 1024)) && !response.destroyed);
        response.once('drain', more);
      };
      more();
      return undefined;
    });
    await expect(trial().charts.get({ url: `${server.url}/a.tgz` })).rejects.toThrow(/answers with more than 50 MiB/);
  });

  it('is left when the command is ended', async () => {
    const ending = new AbortController();
    const server = await serve(() => {
      ending.abort(new Error('ended'));
      return undefined;
    });
    await expect(trial({}, {}, ending.signal).charts.get({ repository: server.url, name: 'mesh' })).rejects.toThrow('ended');
  });

  it('without TLS is asked on this machine only, unless that is wanted', async () => {
    await expect(trial().charts.get({ repository: 'http://charts.example.com', name: 'mesh' })).rejects.toMatchObject({
      message: '"charts.example.com" would be asked without TLS, where anybody on the way can change the answer.',
      hint: 'Allow it with --plain-http.',
    });
  });

  it.each([
    ['<html>login</html>', /is no index of a chart repository/],
    ['a: [', /cannot be read/],
    ['apiVersion: v1\nentries: []\n', /is no index of a chart repository/],
  ])('that answers %j has no index', async (body, message) => {
    const server = await serve(table({ '/index.yaml': { body } }));
    await expect(trial().charts.get({ repository: server.url, name: 'mesh' })).rejects.toThrow(message);
  });

  it('whose index holds other charts too is told by them', async () => {
    const server = await serve(table({ '/index.yaml': { body: indexOf({ b: [], a: [] }) } }));
    await expect(trial().charts.get({ repository: server.url, name: 'mesh' })).rejects.toMatchObject({ hint: 'It has a, b.' });
  });
});

describe('TLS', () => {
  it('of a private authority needs that authority', async () => {
    const server = await serve(table({ '/index.yaml': { body: indexOf({ mesh: [] }) } }), good);
    const get = async (more: Parameters<typeof trial>[0]) => trial(more).charts.get({ repository: server.url, name: 'mesh' });
    await expect(get({})).rejects.toMatchObject({
      message: expect.stringContaining('an authority that is not known'),
      hint: expect.stringContaining('--ca-file'),
    });
    await expect(get({ ca: authority })).rejects.toThrow(/no stable version/);
    await expect(get({ skipTlsVerify: true })).rejects.toThrow(/no stable version/);
  });
});

it('a proxy is used for servers elsewhere, as NO_PROXY allows', async () => {
  const server = await repository(['1.0.0']);
  const tunnels: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    tunnels.push(request.url ?? '');
    const target = connect(Number(new URL(server.url).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    target.on('error', () => socket.destroy());
    socket.on('error', () => target.destroy());
  });
  const address = `http://127.0.0.1:${await listening(proxy)}`;
  const get = async (env: Readonly<Record<string, string>>) =>
    trial({ plainHttp: true }, { env }).charts.get({ repository: 'http://charts.invalid/charts', name: 'mesh' });
  expect((await get({ HTTP_PROXY: address })).version).toBe('1.0.0');
  expect(new Set(tunnels.splice(0))).toEqual(new Set(['charts.invalid:80']));
  await expect(get({ HTTP_PROXY: address, NO_PROXY: '.invalid' })).rejects.toMatchObject({ code: 'E_CHART_UNREACHABLE' });
  await expect(get({ HTTP_PROXY: 'http://127.0.0.1:1' })).rejects.toMatchObject({ hint: 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.' });
  expect(tunnels).toEqual([]);
});

/** Charts in registries, small ones on loopback. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Ended } from '../../src/host/host.ts';
import { packedChart } from './pack.ts';
import { type Asked, closeAll, type Handler, imageReplies, type Reply, serve, type TestServer, table, trial } from './servers.ts';

afterEach(closeAll);

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const bearer = (realm: string): Reply => ({
  status: 401,
  headers: { 'www-authenticate': `Bearer realm="${realm}/token",service="charts",scope="repository:team/mesh:pull"` },
});

/** Lets in who has bought the token that the login buys; undefined: nobody needs one. */
async function tokenRegistry(
  replies: Readonly<Record<string, Reply>>,
  buys: (asked: Asked) => boolean,
): Promise<{ registry: TestServer; seller: TestServer }> {
  const seller = await serve((asked) => (buys(asked) ? { body: '{"token":"bought"}' } : { status: 401 }));
  const registry = await serve((asked, response) =>
    asked.authorization === 'Bearer bought' ? table(replies)(asked, response) : bearer(seller.url),
  );
  return { registry, seller };
}

const mesh = async (version = '1.2.3') => imageReplies('team/mesh', version, await packedChart('mesh', version));
const at = ({ host }: TestServer) => ({ repository: `oci://${host}/team`, name: 'mesh' });

describe('a chart', () => {
  it('comes by its version, without a list of tags', async () => {
    const { replies, digest, layer } = await mesh();
    const registry = await serve(table(replies));
    const found = await trial().charts.get({ ...at(registry), version: '1.2.3' });
    expect([found.version, found.digest, found.source]).toEqual(['1.2.3', digest, `oci://${registry.host}/team/mesh`]);
    expect(registry.paths()).toEqual(['/v2/team/mesh/manifests/1.2.3', `/v2/team/mesh/blobs/${layer}`]);
  });

  it('comes by a range, over all pages of tags, in which _ stands for +', async () => {
    const { replies } = await mesh('1.10.0+b1');
    const archive = await packedChart('mesh', '1.10.0+b1');
    const moved = imageReplies('team/mesh', '1.10.0_b1', archive).replies;
    const registry = await serve(({ path }, response) => {
      if (path.startsWith('/v2/team/mesh/tags/list?n=')) {
        return { headers: { link: '</v2/team/mesh/tags/list?page=2>; rel="next"' }, body: '{"tags":["1.9.0","latest","v1.11.0"]}' };
      }
      if (path === '/v2/team/mesh/tags/list?page=2') return { body: '{"tags":["1.10.0_b1","2.0.0-rc.1"]}' };
      return table({ ...replies, ...moved })({ path, authorization: undefined, body: '' }, response);
    });
    expect((await trial().charts.get({ ...at(registry), version: '^1' })).version).toBe('1.10.0+b1');
    expect(await trial().charts.versions(at(registry))).toEqual(['2.0.0-rc.1', '1.10.0+b1', '1.9.0']);
  });

  it('comes by its address, with a tag or a digest', async () => {
    const { replies, digest } = await mesh();
    const registry = await serve(table(replies));
    const get = async (url: string) => (await trial().charts.get({ url })).version;
    expect(await get(`oci://${registry.host}/team/mesh:1.2.3`)).toBe('1.2.3');
    expect(await get(`oci://${registry.host}/team/mesh@${digest}`)).toBe('1.2.3');
    await expect(trial().charts.get({ url: `oci://${registry.host}/team/mesh:1.2.3`, version: '2.0.0' })).rejects.toThrow(
      /names version "1.2.3", and "2.0.0"/,
    );
  });

  it('is downloaded once', async () => {
    const { replies, layer } = await mesh();
    const registry = await serve(table(replies));
    const { charts } = trial();
    await charts.get(at(registry));
    await charts.get(at(registry));
    expect(registry.paths().filter((path) => path.endsWith(layer)).length).toBe(1);
  });

  it('that is not there is told with the versions that are', async () => {
    const { replies } = await mesh();
    const registry = await serve(table(replies));
    await expect(trial().charts.get({ ...at(registry), version: '9.9.9' })).rejects.toMatchObject({
      message: `The registry has no version that fits "9.9.9" of "oci://${registry.host}/team/mesh".`,
      hint: 'There is 1.2.3.',
    });
    await expect(trial().charts.get({ repository: `oci://${registry.host}`, name: 'gone' })).rejects.toThrow(
      /The registry has no chart "oci:.*gone"/,
    );
  });
});

describe('what a registry gives', () => {
  const change = async (altered: (image: Awaited<ReturnType<typeof mesh>>) => Readonly<Record<string, Reply>>) => {
    const image = await mesh();
    const registry = await serve(table({ ...image.replies, ...altered(image) }));
    const { charts, host } = trial();
    const failure: unknown = await charts.get({ ...at(registry), version: '1.2.3' }).catch((error: unknown) => error);
    return { failure, image, kept: [...host.contents.keys()] };
  };

  it('is refused when the archive is another', async () => {
    const { failure, image, kept } = await change(({ layer }) => ({ [`/v2/team/mesh/blobs/${layer}`]: { body: 'something else' } }));
    expect(failure).toMatchObject({ code: 'E_CHART_DIGEST', message: expect.stringContaining(`and "${image.layer}" was announced`) });
    expect(kept).toEqual([]);
  });

  it('is refused when the manifest is another', async () => {
    const { failure } = await change(({ digest }) => ({
      '/v2/team/mesh/manifests/1.2.3': { headers: { 'docker-content-digest': digest }, body: '{}' },
    }));
    expect(failure).toMatchObject({ code: 'E_CHART_DIGEST', message: expect.stringContaining('The manifest of') });
  });

  it('is refused when it is no chart', async () => {
    const image = imageReplies('team/mesh', '1.2.3', Buffer.from('x'), 'application/vnd.oci.image.config.v1+json');
    const { failure } = await change(() => image.replies);
    expect(failure).toMatchObject({
      message: expect.stringContaining('is no Helm chart: its type is "application/vnd.oci.image.config.v1+json"'),
    });
  });

  it('is refused when it is no JSON', async () => {
    const { failure } = await change(() => ({ '/v2/team/mesh/manifests/1.2.3': { body: '<html>' } }));
    expect(failure).toMatchObject({ message: expect.stringContaining('something that is no JSON') });
  });
});

describe('a registry that wants a token', () => {
  it('gives one to everybody', async () => {
    const { registry, seller } = await tokenRegistry((await mesh()).replies, ({ authorization }) => authorization === undefined);
    expect((await trial().charts.get(at(registry))).version).toBe('1.2.3');
    expect(seller.paths()).toEqual(['/token?service=charts&scope=repository%3Ateam%2Fmesh%3Apull']);
  });

  const config = (entry: unknown, more: object = {}): string => JSON.stringify({ auths: entry, ...more });
  const encoded = Buffer.from('me:pass:word').toString('base64');

  it.each<[string, (host: string) => Parameters<typeof trial>[1]]>([
    ["helm's file", (host) => ({ files: { '/home/me/.config/helm/registry/config.json': config({ [host]: { auth: encoded } }) } })],
    ["docker's file", (host) => ({ files: { '/home/me/.docker/config.json': config({ [`https://${host}`]: { auth: encoded } }) } })],
    ['a file elsewhere', (host) => ({ env: { DOCKER_CONFIG: '/d' }, files: { '/d/config.json': config({ [host]: { auth: encoded } }) } })],
    [
      'a program for the registry',
      (host) => ({
        files: { '/home/me/.docker/config.json': config({}, { credHelpers: { [host]: 'safe' } }) },
        programs: {
          'docker-credential-safe': (args, input): Ended =>
            args[0] === 'get' && input === host
              ? { code: 0, stdout: '{"Username":"me","Secret":"pass:word"}', stderr: '' }
              : { code: 1, stdout: 'credentials not found', stderr: '' },
        },
      }),
    ],
  ])('gets the login of %s', async (_, machine) => {
    const { registry } = await tokenRegistry((await mesh()).replies, ({ authorization }) => authorization === basic('me:pass:word'));
    expect((await trial({}, machine(registry.host)).charts.get(at(registry))).version).toBe('1.2.3');
  });

  it('gets the identity token of a file, as a form', async () => {
    const { registry, seller } = await tokenRegistry((await mesh()).replies, ({ body }) => body.includes('refresh_token=planted'));
    const files = { '/home/me/.docker/config.json': config({ [registry.host]: { auth: '', identitytoken: 'planted' } }) };
    expect((await trial({}, { files }).charts.get(at(registry))).version).toBe('1.2.3');
    expect(seller.paths()).toEqual(['/token']);
  });

  it('gets the login of the flags before that of a file', async () => {
    const { registry } = await tokenRegistry((await mesh()).replies, ({ authorization }) => authorization === basic('you:other'));
    const files = { '/home/me/.docker/config.json': config({ [registry.host]: { auth: encoded } }) };
    const { charts } = trial({ login: { username: 'you', password: 'other' } }, { files });
    expect((await charts.get(at(registry))).version).toBe('1.2.3');
  });

  it('that does not like the login is told without it', async () => {
    const { registry, seller } = await tokenRegistry({}, () => false);
    const failure = await trial({ login: { username: 'me', password: 'planted-secret' } })
      .charts.get(at(registry))
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: `"${seller.url}/token" cannot be read: the server asks for another login (401).` });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('planted-secret');
  });

  it('is not given a login from a file that is broken, and the file is not quoted', async () => {
    const { registry } = await tokenRegistry({}, () => true);
    const files = { '/home/me/.docker/config.json': '{"auths": planted-secret' };
    const failure: unknown = await trial({}, { files })
      .charts.get(at(registry))
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'E_CREDENTIALS',
      message: 'The logins in "/home/me/.docker/config.json" cannot be read: the file is no JSON.',
    });
    expect((failure as Error).cause).toBeUndefined();
  });
});

describe('a registry', () => {
  it('that wants a name and a password gets them', async () => {
    const { replies } = await mesh();
    const handler: Handler = (asked, response) =>
      asked.authorization === basic('me:x')
        ? table(replies)(asked, response)
        : { status: 401, headers: { 'www-authenticate': 'Basic realm="charts"' } };
    const registry = await serve(handler);
    expect((await trial({ login: { username: 'me', password: 'x' } }).charts.get(at(registry))).version).toBe('1.2.3');
    await expect(trial().charts.get(at(registry))).rejects.toThrow(/asks for another login/);
  });

  it('whose archives lie elsewhere does not have its token sent there', async () => {
    const { replies, layer } = await mesh();
    const path = `/v2/team/mesh/blobs/${layer}`;
    const store = await serve(table({ '/blob': replies[path] as Reply }));
    const { registry } = await tokenRegistry(
      { ...replies, [path]: { status: 307, headers: { location: `${store.url}/blob` } } },
      () => true,
    );
    expect((await trial().charts.get(at(registry))).version).toBe('1.2.3');
    expect(store.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('may be where an index says that the archives are, with a login of its own', async () => {
    const { replies } = await mesh();
    const registry = await serve(table(replies));
    const index = await serve(
      table({
        '/index.yaml': {
          body: JSON.stringify({
            apiVersion: 'v1',
            entries: { mesh: [{ version: '1.2.3', urls: [`oci://${registry.host}/team/mesh:1.2.3`] }] },
          }),
        },
      }),
    );
    const { charts } = trial({ login: { username: 'me', password: 'x' } });
    expect((await charts.get({ repository: index.url, name: 'mesh' })).version).toBe('1.2.3');
    expect(registry.asked.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  it.each(['oci://registry', 'oci://registry/Upper', 'oci://me:x@registry/a', 'oci://registry/a/../b'])(
    'has no address such as %s',
    async (url) => {
      await expect(trial().charts.get({ url })).rejects.toThrow(/is no address of a chart in a registry/);
    },
  );
});

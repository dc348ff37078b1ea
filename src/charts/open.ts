/**
 * Charts from wherever they are: folders, archives, repositories and registries. Commands that install or render charts
 * call it; what is done with a chart is none of its business.
 */
import type { Host } from '../host/host.ts';
import type { ChartReference } from '../model/install.ts';
import type { Chart } from '../template/chart/chart.ts';
import { openCache } from './cache.ts';
import { newestFirst } from './choose-version.ts';
import { type Login, loginFor } from './credentials.ts';
import { digestOf } from './digest.ts';
import { shownUrl, strange } from './failures.ts';
import { basic, createFetcher, type FetchOptions, isLoopback } from './fetch.ts';
import { chartFromArchive } from './load.ts';
import { localChart } from './local.ts';
import { type ChartSource, type Image, imageOf, isImage, type Place, placeOf } from './reference.ts';
import { pull, versionsOf } from './registry.ts';
import { type Access, accessTo } from './registry-access.ts';
import { archiveUrl, downloadArchive, entriesOf, entryFor } from './repository.ts';

export interface OpenOptions extends FetchOptions {
  /** Undefined: nothing is kept between runs. */
  readonly cacheFolder: string | undefined;
  /** For the repository or registry that is named, and no other server. */
  readonly login?: { readonly username: string; readonly password: string } | undefined;
}

export interface OpenedChart {
  readonly chart: Chart;
  readonly version: string;
  /** Of the archive, or of the manifest in a registry; undefined for a folder. */
  readonly digest: string | undefined;
  /** As messages call it. */
  readonly source: string;
}

export interface Charts {
  /**
   * @throws MeshctlError E_INPUT, E_CHART, E_CHART_SOURCE, E_CHART_NOT_FOUND, E_CHART_VERSION, E_CHART_DIGEST,
   * E_CHART_UNREACHABLE, E_CREDENTIALS
   */
  get(source: ChartSource): Promise<OpenedChart>;
  /** All that are there, the newest first. */
  versions(reference: ChartReference): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** @param signal ends all downloads */
export function openCharts(options: OpenOptions, host: Host, signal: AbortSignal): Charts {
  const fetcher = createFetcher(options, host, signal);
  const cache = openCache(options.cacheFolder, host);

  /** @param given the login for this registry; without one, that of the user's files */
  const registryOf = (image: Image, given: OpenOptions['login']): { readonly server: string; readonly access: Access } => {
    // docker.io is a name for people; its registry has another.
    const registry = image.registry === 'docker.io' ? 'registry-1.docker.io' : image.registry;
    const wantsTls = options.ca !== undefined || options.skipTlsVerify;
    const isPlain = options.plainHttp || (!wantsTls && isLoopback(registry.replace(/:\d+$/, '')));
    const login = async (): Promise<Login | undefined> => (given ? { is: 'password', ...given } : loginFor(registry, host, signal));
    return { server: `${isPlain ? 'http' : 'https'}://${registry}`, access: accessTo(fetcher, image.repository, login) };
  };

  const fromImage = async (
    { image, version, name }: Omit<Place & { is: 'image' }, 'is'>,
    given: OpenOptions['login'],
  ): Promise<OpenedChart> => {
    if (version !== undefined && image.tag !== undefined && version !== image.tag) {
      throw strange(`"${image.shown}" names version "${image.tag}", and "${version}" is asked for.`, 'Name one of them.');
    }
    const { server, access } = registryOf(image, given);
    const { archive, digest } = await pull(image, server, version, access, cache);
    return opened(await chartFromArchive(archive, image.shown, name), digest, image.shown);
  };

  const fromArchive = async (
    url: URL,
    more: { readonly digest?: string | undefined; readonly authorization: string | undefined; readonly name?: string },
  ): Promise<OpenedChart> => {
    const archive = await downloadArchive(url, more.digest, more.authorization, fetcher, cache);
    return opened(await chartFromArchive(archive, shownUrl(url), more.name), digestOf(archive), shownUrl(url));
  };

  const fromRepository = async ({ url, name, version }: Place & { is: 'repository' }): Promise<OpenedChart> => {
    const authorization = authorizationOf(url, options.login);
    const entry = entryFor(await entriesOf(url, name, authorization, fetcher), name, version, url);
    // An index may name a registry, which is another server with a login of its own.
    if (isImage(entry.url)) return fromImage({ image: imageOf(entry.url), version: undefined, name }, undefined);
    const archive = archiveUrl(url, entry.url);
    return fromArchive(archive, {
      digest: entry.digest,
      authorization: archive.origin === url.origin ? authorization : undefined,
      name,
    });
  };

  return {
    async get(source) {
      const place = placeOf(source);
      switch (place.is) {
        case 'local': {
          const { chart, digest } = await localChart(place.path, host);
          return opened(chart, digest, place.path);
        }
        case 'archive':
          return fromArchive(place.url, { authorization: authorizationOf(place.url, options.login) });
        case 'repository':
          return fromRepository(place);
        case 'image':
          return fromImage(place, options.login);
      }
    },
    async versions(reference) {
      const place = placeOf(reference);
      if (place.is === 'image') {
        const { server, access } = registryOf(place.image, options.login);
        return newestFirst(await versionsOf(place.image, server, access));
      }
      if (place.is !== 'repository') return [];
      const entries = await entriesOf(place.url, place.name, authorizationOf(place.url, options.login), fetcher);
      return newestFirst(entries.map(({ version }) => version));
    },
    close: () => fetcher.close(),
  };
}

const opened = (chart: Chart, digest: string | undefined, source: string): OpenedChart => ({
  chart,
  version: chart.version,
  digest,
  source,
});

/** A login may stand in the address too. */
function authorizationOf({ username, password }: URL, login: OpenOptions['login']): string | undefined {
  if (login) return basic(login.username, login.password);
  return username === '' ? undefined : basic(decodeURIComponent(username), decodeURIComponent(password));
}

/** Repositories that are a web server with an index.yaml. @see https://helm.sh/docs/topics/chart_repository/ */

import { readYaml } from '../template/read-yaml.ts';
import { isList, isMap, type Value } from '../template/value.ts';
import { MOST_PACKED_BYTES } from './bounds.ts';
import type { Cache } from './cache.ts';
import { chooseVersion, knownVersions } from './choose-version.ts';
import { assertDigest } from './digest.ts';
import { notFound, refused, shownUrl, strange } from './failures.ts';
import type { Answer, Fetcher } from './fetch.ts';

export interface IndexEntry {
  readonly version: string;
  /** Absolute, or relative to the repository. */
  readonly url: string;
  /** `sha256:…`; undefined where the index has none. */
  readonly digest: string | undefined;
}

/** The largest public indexes take some 25 MiB. */
const MOST_INDEX_BYTES = 64 * 1024 * 1024;

/**
 * @param repository without login
 * @param authorization for the repository's own server
 */
export async function entriesOf(
  repository: URL,
  name: string,
  authorization: string | undefined,
  fetcher: Fetcher,
): Promise<readonly IndexEntry[]> {
  const url = new URL(repository.href);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/index.yaml`;
  const answer = await fetcher.get({ url, authorization, mostBytes: MOST_INDEX_BYTES });
  if (answer.status === 404) {
    throw notFound(
      `"${shownUrl(repository)}" is no chart repository: it has no index.yaml.`,
      'Charts in a registry have addresses that begin with "oci://".',
    );
  }
  if (answer.status !== 200) throw refused(url, answer.status, 'Check the address of the repository.');
  const charts = chartsIn(answer.body.toString('utf8'), shownUrl(url));
  const entries = charts.get(name);
  if (!entries) {
    const names = [...charts.keys()].sort();
    throw notFound(
      `The repository "${shownUrl(repository)}" has no chart "${name}".`,
      `It has ${names.length === 0 ? 'none at all' : names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}.`,
    );
  }
  return entries;
}

/** Entries that lack what is needed to use them are passed over, as by Helm. */
export function chartsIn(text: string, where: string): ReadonlyMap<string, readonly IndexEntry[]> {
  const index = parsed(text, where);
  const entries = isMap(index) ? index.get('entries') : undefined;
  if (!isMap(index) || typeof index.get('apiVersion') !== 'string' || !(isMap(entries) || entries === null || entries === undefined)) {
    throw strange(`"${where}" is no index of a chart repository.`, 'Check the address of the repository.');
  }
  return new Map([...(isMap(entries) ? entries : [])].map(([name, list]) => [name, isList(list) ? list.flatMap(entryOf) : []]));
}

function parsed(text: string, where: string): Value {
  try {
    return readYaml(text);
  } catch (error) {
    throw strange(
      `"${where}" cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'A login page or a proxy may be in the way.',
    );
  }
}

function entryOf(entry: Value): readonly IndexEntry[] {
  if (!isMap(entry)) return [];
  const [version, urls, digest] = [entry.get('version'), entry.get('urls'), entry.get('digest')];
  const url = isList(urls) ? urls[0] : undefined;
  if (typeof version !== 'string' || typeof url !== 'string') return [];
  const hash = typeof digest === 'string' ? digest.replace(/^sha256:/, '').toLowerCase() : '';
  return [{ version, url, digest: hash === '' ? undefined : `sha256:${hash}` }];
}

/** @throws MeshctlError E_CHART_NOT_FOUND */
export function entryFor(entries: readonly IndexEntry[], name: string, wanted: string | undefined, repository: URL): IndexEntry {
  const versions = entries.map(({ version }) => version);
  const chosen = chooseVersion(versions, wanted);
  const entry = entries.find(({ version }) => version === chosen);
  if (entry) return entry;
  const which = wanted === undefined ? 'no stable version' : `no version that fits "${wanted}"`;
  throw notFound(`The repository "${shownUrl(repository)}" has ${which} of chart "${name}".`, knownVersions(versions));
}

/** Where the archive lies. A query of the repository's address, which may be its key, goes with what lies below it. */
export function archiveUrl(repository: URL, url: string): URL {
  const base = new URL(repository.href);
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/`;
  if (!URL.canParse(url, base.href)) throw strange(`The repository "${shownUrl(repository)}" names "${url}", which is no address.`);
  const found = new URL(url, base);
  const isRelative = !URL.canParse(url);
  if (isRelative && found.search === '') found.search = base.search;
  return found;
}

/**
 * @param digest that the archive must have; undefined: any
 * @throws MeshctlError E_CHART_DIGEST
 */
export async function downloadArchive(
  url: URL,
  digest: string | undefined,
  authorization: string | undefined,
  fetcher: Fetcher,
  cache: Cache,
): Promise<Uint8Array> {
  const kept = digest === undefined ? undefined : await cache.get(digest);
  if (kept) return kept;
  const answer = await fetcher.get({ url, authorization, mostBytes: MOST_PACKED_BYTES });
  if (answer.status !== 200) throw failed(url, answer);
  if (digest !== undefined) {
    assertDigest(`The archive "${shownUrl(url)}"`, digest, answer.body);
    await cache.put(answer.body);
  }
  return answer.body;
}

function failed(url: URL, { status }: Answer): Error {
  return status === 404 ? notFound(`There is no chart at "${shownUrl(url)}".`) : refused(url, status, 'Check the address of the chart.');
}

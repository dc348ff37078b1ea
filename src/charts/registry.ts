/**
 * Charts in registries: a manifest whose configuration is a chart's, and whose layer is the archive.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 * @see https://helm.sh/docs/topics/registries/
 */
import { fromPlain, isList, isMap, type Value } from '../template/value.ts';
import { MOST_PACKED_BYTES } from './bounds.ts';
import type { Cache } from './cache.ts';
import { chooseVersion, knownVersions } from './choose-version.ts';
import { assertDigest, digestOf } from './digest.ts';
import { notFound, refused, strange } from './failures.ts';
import type { Answer } from './fetch.ts';
import type { Image } from './reference.ts';
import type { Access } from './registry-access.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.cncf.helm.config.v1+json';
/** The second is what the first Helm that knew registries wrote. */
const LAYERS: readonly string[] = ['application/vnd.cncf.helm.chart.content.v1.tar+gzip', 'application/tar+gzip'];

const MOST_MANIFEST_BYTES = 4 * 1024 * 1024;
const MOST_PAGES = 200;

export interface Pulled {
  readonly archive: Uint8Array;
  /** Of the manifest. */
  readonly digest: string;
}

/**
 * @param server `https://registry.example.com`
 * @param wanted a version or a range; undefined: the newest stable one
 */
export async function pull(image: Image, server: string, wanted: string | undefined, access: Access, cache: Cache): Promise<Pulled> {
  const { body, digest } = await manifestFor(image, server, wanted, access);
  const layer = layerIn(body, image);
  const kept = await cache.get(layer.digest);
  if (kept) return { archive: kept, digest };
  const url = new URL(`${server}/v2/${image.repository}/blobs/${layer.digest}`);
  const answer = await access.get({ url, mostBytes: MOST_PACKED_BYTES });
  if (answer.status !== 200)
    throw refused(url, answer.status, 'The registry is inconsistent: its manifest names a blob that it does not give.');
  assertDigest(`The archive of "${image.shown}"`, layer.digest, answer.body);
  await cache.put(answer.body);
  return { archive: answer.body, digest };
}

/** Versions by the tags, in which `_` stands for `+`; a registry's tags may be none at all. */
export async function versionsOf(image: Image, server: string, access: Access): Promise<readonly string[]> {
  const tags: string[] = [];
  let next: URL | undefined = new URL(`${server}/v2/${image.repository}/tags/list?n=1000`);
  for (let page = 0; next && page < MOST_PAGES; page++) {
    const answer: Answer = await access.get({ url: next, mostBytes: MOST_MANIFEST_BYTES, accept: 'application/json' });
    if (answer.status === 404) throw notFound(`The registry has no chart "${image.shown}".`, 'Check the address.');
    if (answer.status !== 200) throw refused(next, answer.status, 'Check the address of the registry.');
    const list = jsonIn(answer, image);
    const found: Value = isMap(list) ? list.get('tags') : undefined;
    if (isList(found)) tags.push(...found.map(String));
    next = nextPage(answer);
  }
  return tags.filter((tag) => VERSION.test(tag)).map((tag) => tag.replaceAll('_', '+'));
}

/** All three numbers, as registries are asked to tag charts. */
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:[_+][0-9A-Za-z.-]+)?$/;

/** @see https://www.rfc-editor.org/rfc/rfc8288 */
function nextPage({ headers, url }: Answer): URL | undefined {
  const [, target] = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec([headers['link']].flat().join(', ')) ?? [];
  const next = target === undefined || !URL.canParse(target, url.href) ? undefined : new URL(target, url.href);
  return next?.origin === url.origin ? next : undefined;
}

interface Manifest {
  readonly body: Value;
  readonly digest: string;
}

async function manifestFor(image: Image, server: string, wanted: string | undefined, access: Access): Promise<Manifest> {
  if (image.digest !== undefined) {
    const found = await manifestAt(image, server, image.digest, access);
    if (found) return found;
    throw notFound(`The registry has no "${image.shown}".`);
  }
  const version = wanted ?? image.tag;
  // A version in full needs no list of tags, which some registries do not give to everybody.
  if (version !== undefined && VERSION.test(version)) {
    const found = await manifestAt(image, server, version.replaceAll('+', '_'), access);
    if (found) return found;
  }
  const versions = await versionsOf(image, server, access);
  const chosen = chooseVersion(versions, version);
  const found = chosen === undefined ? undefined : await manifestAt(image, server, chosen.replaceAll('+', '_'), access);
  if (found) return found;
  const which = version === undefined ? 'no stable version' : `no version that fits "${version}"`;
  throw notFound(`The registry has ${which} of "${image.shown}".`, knownVersions(versions));
}

/** @returns undefined when there is none */
async function manifestAt(image: Image, server: string, reference: string, access: Access): Promise<Manifest | undefined> {
  const url = new URL(`${server}/v2/${image.repository}/manifests/${reference}`);
  const answer = await access.get({ url, accept: MANIFEST, mostBytes: MOST_MANIFEST_BYTES });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refused(url, answer.status, 'Check the address of the registry.');
  const announced = reference === image.digest ? reference : [answer.headers['docker-content-digest']].flat()[0];
  if (announced !== undefined) assertDigest(`The manifest of "${image.shown}"`, announced, answer.body);
  return { body: jsonIn(answer, image), digest: announced ?? digestOf(answer.body) };
}

function layerIn(manifest: Value, image: Image): { readonly digest: string } {
  const config = isMap(manifest) ? manifest.get('config') : undefined;
  const type = isMap(config) ? config.get('mediaType') : undefined;
  if (type !== CONFIG) {
    throw strange(`"${image.shown}" is no Helm chart${typeof type === 'string' ? `: its type is "${type}"` : ''}.`, 'Check the address.');
  }
  const layers = isMap(manifest) ? manifest.get('layers') : undefined;
  const layer = isList(layers) ? layers.filter(isMap).find((each) => LAYERS.includes(String(each.get('mediaType')))) : undefined;
  const digest = layer?.get('digest');
  if (typeof digest !== 'string' || !/^\w+:[0-9a-f]+$/.test(digest)) throw strange(`"${image.shown}" holds no archive of a chart.`);
  return { digest };
}

function jsonIn({ body, url }: Answer, image: Image): Value {
  try {
    return fromPlain(JSON.parse(body.toString()));
  } catch {
    throw strange(
      `"${url.host}" answers for "${image.shown}" with something that is no JSON.`,
      'A login page or a proxy may be in the way.',
    );
  }
}

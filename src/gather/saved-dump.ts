/** A dump that somebody saved: JSON, packed or not, as the proxy wrote it or inside of what other tools wrap around it. */
import { MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { isBody } from '../model/body.ts';
import { isGzip, unpacked } from '../text/gzip.ts';
import { quotedList } from '../text/words.ts';
import { reasonOf } from './files.ts';

/** Ten times what large proxies say; the text of a larger one would not fit into memory several times. */
const MOST_DUMP_BYTES = 256 * 1024 * 1024;

const HINT = 'Save a dump with "meshctl proxy-config all POD -o raw > dump.json"; it may be packed with gzip.';

/**
 * @param path `-` for standard input
 * @param title how messages name it
 * @param mostBytes packed and unpacked
 * @throws MeshctlError E_INPUT for what cannot be read, is too large, or is no JSON
 */
export async function readSavedDump(path: string, title: string, host: Host, mostBytes = MOST_DUMP_BYTES): Promise<SavedDump> {
  const refuse = refusals(title, mostBytes);
  return withoutWrapping(parsed(textOf(await bytesOf(path, mostBytes, host, refuse), mostBytes, refuse), refuse), title);
}

interface Refusals {
  readonly tooLarge: () => MeshctlError;
  readonly because: (clause: string, cause?: unknown) => MeshctlError;
}

const refusals = (title: string, mostBytes: number): Refusals => ({
  tooLarge: () =>
    new MeshctlError('E_INPUT', `"${title}" holds more than ${Math.floor(mostBytes / 1024 / 1024)} MiB.`, {
      hint: 'Ask the proxy for a part of its configuration, such as "/config_dump?mask=dynamic_route_configs".',
    }),
  because: (clause, cause) => new MeshctlError('E_INPUT', `"${title}" ${clause}.`, { hint: HINT, cause }),
});

async function bytesOf(path: string, mostBytes: number, host: Host, { tooLarge }: Refusals): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await (path === '-' ? host.stdin.bytes(mostBytes) : host.files.readBytes(path, mostBytes));
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'EFBIG') throw tooLarge();
    throw new MeshctlError('E_INPUT', `"${path}" cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
  // Pipes do not say beforehand how much they hold.
  if (bytes.length > mostBytes) throw tooLarge();
  return bytes;
}

function textOf(bytes: Uint8Array, mostBytes: number, refuse: Refusals): string {
  const whole = isGzip(bytes) ? unpacked(bytes, mostBytes) : bytes;
  if (whole === 'too-large') throw refuse.tooLarge();
  if (whole === 'damaged') throw refuse.because('is packed with gzip, and damaged or incomplete');
  // Redirection in PowerShell writes UTF-16 with its mark; the decoder takes marks away.
  const encoding = whole[0] === 0xff && whole[1] === 0xfe ? 'utf-16le' : whole[0] === 0xfe && whole[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(whole);
  } catch (error) {
    throw refuse.because('is neither JSON nor JSON packed with gzip', error);
  }
}

function parsed(text: string, refuse: Refusals): unknown {
  if (text.trim() === '') throw refuse.because('is empty');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse.because(`is no JSON: ${(error as Error).message}`, error);
  }
}

export interface SavedDump {
  readonly dump: unknown;
  /** The answer of `/clusters?format=json`, where it was saved beside the dump. */
  readonly clusters: unknown;
}

interface Found {
  readonly at: string;
  readonly value: unknown;
}

const isClusters = (value: unknown): boolean => isBody(value) && Array.isArray(value['cluster_statuses']);
const isDump = (value: unknown): boolean =>
  isBody(value) && (Array.isArray(value['configs']) || ('workloads' in value && 'services' in value));

/**
 * Consul's `proxy read -o raw` has `{pod: {config_dump, clusters}}`, and reports of bugs have the like.
 * @throws MeshctlError E_INPUT for dumps of several proxies
 */
function withoutWrapping(value: unknown, title: string): SavedDump {
  const all = isDump(value) || isClusters(value) ? [{ at: '', value }] : [...below(value, '', 2)];
  const dumps = all.filter((each) => isDump(each.value));
  if (dumps.length > 1) {
    throw new MeshctlError('E_INPUT', `"${title}" holds dumps of several proxies: ${quotedList(dumps.map(({ at }) => at))}.`, {
      hint: `Save one of them on its own, as in "jq '.${JSON.stringify(dumps[0]?.at.split(' ')[0] ?? '')}' ${title}".`,
    });
  }
  const clusters = all.find((each) => isClusters(each.value))?.value;
  return { dump: dumps[0]?.value ?? clusters ?? value, clusters };
}

function* below(value: unknown, at: string, depth: number): Iterable<Found> {
  if (!isBody(value) || depth === 0) return;
  for (const [name, inner] of Object.entries(value)) {
    const here = at === '' ? name : `${at} ${name}`;
    if (isDump(inner) || isClusters(inner)) yield { at: here, value: inner };
    else yield* below(inner, here, depth - 1);
  }
}

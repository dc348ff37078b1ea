/**
 * Downloads by their digests. Whoever asks for a digest gets what has it, or nothing: an entry that is broken is as good
 * as none, and is written anew. That it cannot be written is no reason to fail.
 */
import type { Host } from '../host/host.ts';
import { MOST_PACKED_BYTES } from './bounds.ts';
import { digestOf } from './digest.ts';

export interface Cache {
  /** @param digest `sha256:…` */
  get(digest: string): Promise<Uint8Array | undefined>;
  put(data: Uint8Array): Promise<void>;
}

/** @param folder undefined: nothing is kept */
export function openCache(folder: string | undefined, host: Host): Cache {
  const pathOf = (digest: string): string => `${folder}/${digest.replace(':', '/')}`;
  return {
    async get(digest) {
      if (folder === undefined || !/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
      const data = await host.files.readBytes(pathOf(digest), MOST_PACKED_BYTES).catch(() => undefined);
      return data && digestOf(data) === digest ? data : undefined;
    },
    async put(data) {
      if (folder !== undefined) await host.files.save(pathOf(digestOf(data)), data).catch(() => undefined);
    },
  };
}

/** @returns undefined on a machine that has no such place */
export function cacheFolder(env: Host['env']): string | undefined {
  const base = env['XDG_CACHE_HOME'] || env['LOCALAPPDATA'] || (env['HOME'] && `${env['HOME']}/.cache`);
  return base ? `${base}/meshctl/charts` : undefined;
}

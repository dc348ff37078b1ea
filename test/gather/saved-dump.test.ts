import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MeshctlError } from '../../src/errors.ts';
import { readSavedDump } from '../../src/gather/saved-dump.ts';
import { memoryHost } from '../../src/host/memory.ts';

const DUMP = { configs: [{ '@type': 'x', dynamic_listeners: [] }] };
const CLUSTERS = { cluster_statuses: [{ name: 'web' }] };
const ZTUNNEL = { workloads: [], services: [], policies: [] };
const text = JSON.stringify(DUMP);

const read = (content: string | Uint8Array, mostBytes?: number) =>
  readSavedDump('dump', 'dump', memoryHost({ files: { dump: content } }), mostBytes);

async function refusal(content: string | Uint8Array, mostBytes?: number): Promise<string> {
  const error = await read(content, mostBytes).catch((reason: unknown) => reason);
  if (!(error instanceof MeshctlError)) throw new Error('was read');
  expect([error.code, error.exit]).toEqual(['E_INPUT', 2]);
  return error.message;
}

describe('a saved dump', () => {
  it.each([
    ['JSON', text],
    ['with a mark of UTF-8', `\uFEFF${text}`],
    ['packed', gzipSync(text)],
    ['packed with a mark', gzipSync(`\uFEFF${text}`)],
    ['packed in several pieces', Buffer.concat([gzipSync(text.slice(0, 9)), gzipSync(text.slice(9))])],
    ['UTF-16, as PowerShell writes it', Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ])('is read: %s', async (_title, content) => {
    expect((await read(content)).dump).toEqual(DUMP);
  });

  it('may come from standard input, packed too', async () => {
    for (const stdin of [text, gzipSync(text)]) {
      expect((await readSavedDump('-', 'standard input', memoryHost({ stdin }))).dump).toEqual(DUMP);
    }
  });

  it.each([
    ['as a list', [{ bootstrap: {} }], [{ bootstrap: {} }]],
    ['of a ztunnel', ZTUNNEL, ZTUNNEL],
    ['as one of several fields', { server_info: {}, config_dump: DUMP }, DUMP],
    ['below its name in a report', { xds: DUMP }, DUMP],
    ['below the name of its pod', { 'web-0': { config_dump: DUMP, stats: 1 } }, DUMP],
    ['as anything else, which others judge', { a: { b: 1 } }, { a: { b: 1 } }],
  ])('is found %s', async (_title, written, dump) => {
    expect((await read(JSON.stringify(written))).dump).toEqual(dump);
  });

  it('has the answer of /clusters beside it, as Consul writes it, or is one', async () => {
    expect(await read(JSON.stringify({ 'web-0': { config_dump: DUMP, clusters: CLUSTERS } }))).toEqual({ dump: DUMP, clusters: CLUSTERS });
    expect((await read(JSON.stringify(CLUSTERS))).dump).toEqual(CLUSTERS);
  });

  it.each([
    ['nothing', '', 'is empty'],
    ['no JSON', 'configs:\n- x', 'is no JSON: Unexpected token'],
    ['half of it', text.slice(0, 20), 'is no JSON'],
    ['bytes of something else', Buffer.from([0x89, 0x50, 0xff, 0xfe]), 'is neither JSON nor JSON packed with gzip'],
    ['half of a packed one', gzipSync(text).subarray(0, 30), 'is packed with gzip, and damaged or incomplete'],
    ['no JSON, packed', gzipSync('hello'), 'is no JSON'],
    [
      'two proxies',
      JSON.stringify({ a: { config_dump: DUMP }, b: { config_dump: DUMP } }),
      'holds dumps of several proxies: "a config_dump" and "b config_dump"',
    ],
  ])('is refused for %s', async (_title, content, message) => {
    expect(await refusal(content)).toContain(message);
  });

  it('is refused beyond a size, packed and unpacked', async () => {
    const most = 2 * 1024 * 1024;
    const large = JSON.stringify({ configs: ['x'.repeat(most)] });
    const packed = gzipSync(large);
    expect(packed.length).toBeLessThan(10_000);
    expect(await refusal(large, most)).toBe('"dump" holds more than 2 MiB.');
    expect(await refusal(packed, most)).toBe('"dump" holds more than 2 MiB.');
    const stdin = memoryHost({ stdin: large });
    await expect(readSavedDump('-', 'standard input', stdin, most)).rejects.toThrow('"standard input" holds more than 2 MiB.');
  });

  it('is refused in words when it is not there', async () => {
    await expect(readSavedDump('gone', 'gone', memoryHost())).rejects.toThrow('"gone" cannot be read: it does not exist.');
  });
});

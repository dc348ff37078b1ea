import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gatherFiles } from '../../src/gather/gather.ts';
import type { Host } from '../../src/host/host.ts';
import { memoryHost } from '../../src/host/memory.ts';
import { nodeHost } from '../../src/host/node.ts';

const folder = mkdtempSync(join(tmpdir(), 'meshctl-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: { name: web }\n';

/** What is said about an input besides its objects, and how many objects there are. */
async function saidOf(input: string, host: Host = nodeHost('0.0.0')): Promise<readonly (string | number)[]> {
  const walk = { include: [], exclude: [] };
  const { resources, errors, notices } = await gatherFiles([input], host, walk, { namespace: 'default', namespaceGiven: false });
  const said = [...errors.map(({ line, message }) => `${line ?? '-'} ${message}`), ...notices.map(({ reason }) => reason)];
  return [resources.length, ...said];
}

function fileWith(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('files that are no text Kubernetes reads', () => {
  it.each<[string, string | Buffer, readonly (string | number)[]]>([
    ['UTF-8 with a mark', `\ufeff${SERVICE}`, [1]],
    ['UTF-16', Buffer.from(`\ufeff${SERVICE}`, 'utf16le'), [0, '- The file cannot be read: it is UTF-16; save it as UTF-8.']],
    ['Latin-1', Buffer.from(`${SERVICE}# caf\xe9\n`, 'latin1'), [0, '- The file cannot be read: it is not UTF-8 from line 4 on.']],
    ['a NUL', SERVICE.replace('web', 'w\u0000b'), [0, '3 A NUL character stands here, so this is no YAML.']],
    ['nothing', '', [0]],
    ['empty documents', '---\n'.repeat(10_000), [0]],
    ['JSON of endless depth', '['.repeat(100_000) + ']'.repeat(100_000), [0, '1 The document is nested more than 250 levels deep.']],
  ])('%s', async (name, content, said) => {
    expect(await saidOf(fileWith(`${name}.yaml`, content))).toEqual(said);
  });
});

describe('directories', () => {
  it('are walked past links in a circle, broken links and devices', async () => {
    const inside = join(folder, 'links');
    mkdirSync(inside);
    symlinkSync('.', join(inside, 'again'));
    symlinkSync('loop.yaml', join(inside, 'loop.yaml'));
    symlinkSync('gone', join(inside, 'broken.yaml'));
    symlinkSync('/dev/zero', join(inside, 'endless.yaml'));
    writeFileSync(join(inside, 'web.yaml'), SERVICE);
    expect(await saidOf(inside)).toEqual([1]);
  });

  it('that cannot be listed, and files that vanish, leave the others', async () => {
    const plain = memoryHost({ files: { 'k8s/a.yaml': SERVICE, 'k8s/locked/b.yaml': SERVICE, 'k8s/z.yaml': SERVICE } });
    const files = {
      ...plain.files,
      list: async (path: string) =>
        path.endsWith('locked') ? Promise.reject(Object.assign(new Error(), { code: 'EACCES' })) : plain.files.list(path),
      read: async (path: string) =>
        path.endsWith('z.yaml') ? Promise.reject(Object.assign(new Error(), { code: 'ENOENT' })) : plain.files.read(path),
    };
    expect(await saidOf('k8s', { ...plain, files })).toEqual([
      1,
      '- The directory cannot be read: permission denied.',
      '- The file cannot be read: it does not exist.',
    ]);
  });
});

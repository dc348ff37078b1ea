/** What fixture folders cannot hold: files that change or cannot be written, and edits of several rounds. */
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { fixInputs } from '../../src/commands/analyze.fix.ts';
import type { Host } from '../../src/host/host.ts';
import { type MemoryHost, memoryHost } from '../../src/host/memory.ts';
import { numberAt } from '../../src/model/body.ts';
import type { Finding } from '../../src/model/finding.ts';
import { finding } from '../analysis/rules.ts';
import { resourcesFrom } from '../builders.ts';

const sidecar = (version: string): string =>
  `apiVersion: networking.istio.io/${version}\nkind: Sidecar\nmetadata: { name: default, namespace: shop }\nspec: { egress: [{ hosts: [./*] }] }\n`;

const args = ['analyze', 'a.yaml', 'b.yaml', '--fix'];

/** A host one of whose files is not as one would wish. */
function troubled(change: (host: MemoryHost) => Partial<Host['files']>): MemoryHost {
  const host = memoryHost({ args, files: { 'a.yaml': sidecar('v1beta1'), 'b.yaml': sidecar('v1beta1').replace('shop', 'bank') } });
  return { ...host, files: { ...host.files, ...change(host) } };
}

describe('analyze --fix', () => {
  it('says which file it could not write, reports what is in it, and exits 2', async () => {
    const host = troubled(({ files }) => ({
      replace: async (path, text) => {
        if (path === 'a.yaml') throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
        await files.replace(path, text);
      },
    }));
    expect(await main(host)).toBe(2);
    expect(host.stderr()).toBe(
      'Fixed b.yaml: istio-deprecation/api-version-current.\nNot fixed: a.yaml cannot be written: permission denied.\nFixed 1 finding in 1 file.\n',
    );
    expect(host.stdout()).toContain('a.yaml:1:13');
    expect(host.stdout()).not.toContain('b.yaml');
    expect(host.contents.get('/project/b.yaml')).toContain('networking.istio.io/v1\n');
  });

  it('does not write over a file that somebody changes meanwhile', async () => {
    let reads = 0;
    const host = troubled(({ files }) => ({
      read: async (path) => (path === 'a.yaml' && ++reads > 1 ? `# mine\n${await files.read(path)}` : files.read(path)),
    }));
    expect(await main(host)).toBe(2);
    expect(host.stderr()).toContain('Not fixed: a.yaml was changed meanwhile.\n');
    expect(host.contents.get('/project/a.yaml')).toBe(sidecar('v1beta1'));
  });

  it('names failures only when it shall be quiet, and nothing when there are none', async () => {
    const failing = troubled(() => ({ replace: () => Promise.reject(new Error('no room')) }));
    expect(await main({ ...failing, args: [...args, '-q'] })).toBe(2);
    expect(failing.stderr()).toBe('Not fixed: a.yaml cannot be written: no room.\nNot fixed: b.yaml cannot be written: no room.\n');
    const fine = troubled(() => ({}));
    expect(await main({ ...fine, args: [...args, '-q'] })).toBe(0);
    expect(fine.stderr()).toBe('');
  });

  it('finds nothing more to fix when it is run again', async () => {
    const host = troubled(() => ({}));
    await main(host);
    const again = memoryHost({ args, files: Object.fromEntries(host.contents) });
    expect(await main(again)).toBe(0);
    expect(again.stderr()).toBe('Fixed nothing: no finding has a fix that is safe to make.\n');
  });
});

describe('fixInputs', () => {
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: { size: 0 }\n';

  /** An analysis that wants `size` larger up to a limit. */
  function counting(limit: number): (host: Host) => Promise<{ readonly reported: readonly Finding[] }> {
    return async (host) => {
      const [resource] = resourcesFrom(await host.files.read('./pod.yaml'), 'pod.yaml');
      const size = numberAt(resource?.body, 'spec', 'size') ?? limit;
      const edits = [{ is: 'set', path: ['spec', 'size'], value: size + 1 }] as const;
      if (!resource || size >= limit) return { reported: [] };
      return { reported: [{ ...finding('family/rule', resource), edits }] };
    };
  }

  it('fixes again what came out, and writes each file once', async () => {
    let writes = 0;
    const host = memoryHost({ files: { 'pod.yaml': pod } });
    const replace: Host['files']['replace'] = (path, text) => {
      writes++;
      return host.files.replace(path, text);
    };
    const result = await fixInputs(counting(3), { dryRun: false }, { ...host, files: { ...host.files, replace } });
    expect([host.contents.get('/project/pod.yaml'), writes]).toEqual([pod.replace('0', '3'), 1]);
    expect(result.sources).toMatchObject([{ source: 'pod.yaml', before: pod, fixed: { length: 3 } }]);
    expect(result.analyzed.reported).toEqual([]);
  });

  it('ends, whatever the rules say of what came out', async () => {
    const host = memoryHost({ files: { 'pod.yaml': pod } });
    const result = await fixInputs(counting(Number.POSITIVE_INFINITY), { dryRun: true }, host);
    expect(result.sources[0]?.fixed).toHaveLength(10);
    expect(host.contents.get('/project/pod.yaml')).toBe(pod);
  });
});

/** The repository as a client of Helm's sees it: an index over HTTP, and archives that its digests fit. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChartSource } from '../../../src/sandbox/charts/chart-source.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.ts';

const CHART: ChartSource = {
  name: 'small',
  description: 'A chart',
  releases: [
    { version: '2.0.0', appVersion: '2.0.0', fate: 'NotReady' },
    { version: '1.0.0', appVersion: '1.0.0' },
  ],
  files: { 'values.yaml': 'a: 1\n', 'templates/odd.txt': 'x'.repeat(512) },
};

const running: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

async function chartsAt(charts: readonly ChartSource[]): Promise<string> {
  const sandbox = await startSandbox({ charts });
  running.push(sandbox);
  return sandbox.charts ?? '';
}

/** Names, sizes and contents of the entries, read by the format's offsets. */
function entriesOf(archive: Buffer): readonly (readonly [name: string, text: string])[] {
  const entries: [string, string][] = [];
  for (let at = 0; archive[at] !== 0; ) {
    const field = (start: number, length: number): string =>
      archive.toString('utf8', at + start, at + start + length).replace(/\0.*$/s, '');
    const size = Number.parseInt(field(124, 12), 8);
    expect(field(257, 6)).toBe('ustar');
    const sum = archive.subarray(at, at + 512).reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
    expect(Number.parseInt(field(148, 8), 8)).toBe(sum);
    entries.push([field(0, 100), archive.toString('utf8', at + 512, at + 512 + size)]);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
}

describe('the chart repository', () => {
  it('lists every release with an address and the digest of its archive', async () => {
    const url = await chartsAt([CHART]);
    const index = await (await fetch(`${url}/index.yaml`)).text();
    expect(index).toContain('sandbox.meshctl.dev/fate: NotReady');
    for (const version of ['2.0.0', '1.0.0']) {
      const response = await fetch(`${url}/small-${version}.tgz`);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(index).toContain(`digest: ${createHash('sha256').update(bytes).digest('hex')}`);
      expect(index).toContain(`- small-${version}.tgz`);
      const [[first, chartYaml] = [], ...others] = entriesOf(gunzipSync(bytes));
      expect(first).toBe('small/Chart.yaml');
      expect(chartYaml).toContain(`version: ${version}\n`);
      expect(others).toEqual([
        ['small/values.yaml', 'a: 1\n'],
        ['small/templates/odd.txt', 'x'.repeat(512)],
      ]);
    }
  });

  it('answers 404 for what it does not hold, and takes nothing', async () => {
    const url = await chartsAt([CHART]);
    expect((await fetch(`${url}/other-1.0.0.tgz`)).status).toBe(404);
    expect((await fetch(`${url}/index.yaml`, { method: 'POST' })).status).toBe(405);
  });

  it('is not there unless charts are given', async () => {
    const sandbox = await startSandbox();
    running.push(sandbox);
    expect(sandbox.charts).toBeUndefined();
  });
});

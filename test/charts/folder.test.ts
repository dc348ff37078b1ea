import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { wholeRoom } from '../../src/charts/bounds.ts';
import { readFolder } from '../../src/charts/folder.ts';
import { nodeHost } from '../../src/host/node.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshctl-chart-'));
});
afterEach(() => rm(folder, { recursive: true }));

const put = async (files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
};
const read = async () => readFolder(join(folder, 'chart'), wholeRoom(), nodeHost('0.0.0'));
const names = async (): Promise<readonly string[]> => (await read()).map(({ name }) => name);

it('reads what .helmignore leaves, and no hidden files among the templates', async () => {
  await put({
    'chart/.helmignore': '# editors\n*.bak\n/docs/\nci/*.txt\ntmp/\n',
    'chart/Chart.yaml': '',
    'chart/x.bak': '',
    'chart/docs/a': '',
    'chart/sub/docs/a': '',
    'chart/ci/a.txt': '',
    'chart/sub/tmp/a': '',
    'chart/templates/.hidden.yaml': '',
    'chart/templates/_helpers.tpl': '',
  });
  expect(await names()).toEqual(['.helmignore', 'Chart.yaml', 'sub/docs/a', 'templates/_helpers.tpl']);
});

it('names patterns that Helm does not read', async () => {
  await put({ 'chart/.helmignore': 'a/**/b' });
  await expect(names()).rejects.toThrow(/"a\/\*\*\/b" in .*\.helmignore is no pattern that Helm reads/);
});

it('follows links inside the chart, to files and to folders', async () => {
  await put({ 'chart/files/a': 'text', 'chart/Chart.yaml': '' });
  await symlink('files', join(folder, 'chart/linked'));
  await symlink('../files/a', join(folder, 'chart/files/b'));
  expect(await names()).toEqual(['Chart.yaml', 'files/a', 'files/b', 'linked/a', 'linked/b']);
});

it.each([
  ['a file', '../secret/a'],
  ['a folder', '../secret'],
  ['a folder whose name begins as that of the chart', '../chart-secret'],
])('refuses a link out of the chart, to %s', async (_, target) => {
  await put({ 'chart/Chart.yaml': '', 'secret/a': 'x', 'chart-secret/a': 'x' });
  await symlink(target, join(folder, 'chart/link'));
  await expect(read()).rejects.toThrow(/"link" is a link that leads out of the chart/);
});

it.each([
  ['a circle', '.', /"a\/link" is a link in a circle/],
  ['nothing', 'gone', /"a\/link" is a link to nothing/],
])('refuses a link to %s', async (_, target, message) => {
  await put({ 'chart/a/b': '' });
  await symlink(target, join(folder, 'chart/a/link'));
  await expect(read()).rejects.toThrow(message);
});

it('passes over an ignored link', async () => {
  await put({ 'chart/.helmignore': 'link', 'chart/Chart.yaml': '' });
  await symlink('/etc/passwd', join(folder, 'chart/link'));
  expect(await names()).toEqual(['.helmignore', 'Chart.yaml']);
});

it('refuses a file above 5 MiB', async () => {
  await put({ 'chart/large': 'x'.repeat(5 * 1024 * 1024 + 1) });
  await expect(read()).rejects.toThrow(/its file "large" is larger than 5 MiB/);
});

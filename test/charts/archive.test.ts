import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { unpackArchive } from '../../src/charts/archive.ts';
import { wholeRoom } from '../../src/charts/bounds.ts';
import { chartFromArchive, chartFromFiles } from '../../src/charts/load.ts';
import { MeshctlError } from '../../src/errors.ts';
import { archiveOf, chartFiles, entry, packed, packedChart } from './pack.ts';

const unpack = async (data: Uint8Array, room = wholeRoom()) => unpackArchive(data, 'a.tgz', room);
const CHART = entry('a/Chart.yaml', 'name: a\nversion: 1.0.0\n');

it('gives the files without their common folder, and passes over byte order marks', async () => {
  const files = await unpack(
    await archiveOf([entry('./a/', '', { type: 'directory' }), entry('./a/Chart.yaml', '\ufeffname: a'), entry('a/x/./y', 'z')]),
  );
  expect(files.map(({ name, data }) => [name, Buffer.from(data).toString()])).toEqual([
    ['Chart.yaml', 'name: a'],
    ['x/y', 'z'],
  ]);
});

it('reads names that Windows wrote, and long ones', async () => {
  const long = `a/${'d/'.repeat(80)}${'f'.repeat(120)}`;
  const files = await unpack(await archiveOf([entry('a\\templates\\b.yaml', 'c'), entry(long, 'd')]));
  expect(files.map(({ name }) => name)).toEqual(['templates/b.yaml', long.slice(2)]);
});

it.each([
  ['a parent folder', 'a/../../etc/passwd'],
  ['a parent folder above the chart', '../a/b'],
  ['an absolute path', '/etc/passwd'],
  ['an absolute path below the chart', 'a//etc/passwd'],
  ['a drive', 'a\\C:\\x'],
  ['backslashes', 'a\\..\\x'],
  ['no folder at all', 'stray'],
])('refuses an entry with %s', async (_, name) => {
  await expect(unpack(await archiveOf([CHART, entry(name, 'x')]))).rejects.toThrow(/would lie outside the folder of the chart/);
});

it.each(['symlink', 'link', 'fifo', 'character-device'] as const)('refuses an entry that is a %s', async (type) => {
  await expect(unpack(await archiveOf([CHART, entry('a/x', '', { type, linkname: '/etc/passwd' })]))).rejects.toThrow(
    `"a/x" is no file but a ${type}`,
  );
});

it.each([
  ['what is not gzipped', () => Buffer.from('name: a\n'), /it is not gzipped/],
  ['a file above 5 MiB', () => archiveOf([CHART, entry('a/b', new Uint8Array(5 * 1024 * 1024 + 1))]), /its file "b" is larger than 5 MiB/],
  ['a second folder', () => archiveOf([CHART, entry('b/Chart.yaml', 'name: b')]), /it holds more than one folder, "a" and "b"/],
  ['a chart without a folder', () => archiveOf([entry('Chart.yaml', 'name: a')]), /its Chart.yaml does not lie in a folder/],
  ['an archive without files', () => archiveOf([entry('a/', '', { type: 'directory' })]), /it holds no files/],
  ['another format', () => gzipSync('no tar at all, but long enough for one block'.repeat(40)), /it is damaged or incomplete/],
])('refuses %s', async (_, data, message) => {
  await expect(unpack(await data())).rejects.toThrow(message);
});

it('refuses what has no room: too much in one part, too many files', async () => {
  await expect(unpack(gzipSync(new Uint8Array(1_000_001)), { bytes: 1_000_000, files: 10 })).rejects.toThrow(
    /it unpacks to more than 100 MiB/,
  );
  const many = await archiveOf([entry('a/1'), entry('a/2'), entry('a/3')]);
  await expect(unpack(many, { bytes: 1_000_000, files: 2 })).rejects.toThrow(/it holds more than 20000 files/);
});

it('refuses every beginning of an archive, and never fails in another way', async () => {
  const whole = await packedChart('a', '1.0.0');
  for (let length = 1; length < whole.length - 1; length += 7) {
    await expect(unpack(whole.subarray(0, length))).rejects.toThrow(MeshctlError);
  }
});

it('loads charts that lie packed inside, at any depth', async () => {
  const inner = await packed('inner', chartFiles('inner', '1.0.0'));
  const middle = await packed('middle', { ...chartFiles('middle', '1.0.0'), 'charts/inner-1.0.0.tgz': inner });
  const outer = await packed('outer', {
    ...chartFiles('outer', '1.0.0'),
    'charts/beside/charts/middle-1.0.0.tgz': middle,
    'charts/beside/Chart.yaml': 'name: beside\nversion: 1.0.0\n',
  });
  const chart = await chartFromArchive(outer, 'outer.tgz');
  expect(chart.subcharts[0]?.subcharts[0]?.subcharts[0]?.name).toBe('inner');
});

it('counts what is packed inside towards the same bound', async () => {
  const inner = await packed('b', { 'Chart.yaml': 'name: b\nversion: 1.0.0\n', large: new Uint8Array(500_000) });
  const files = Object.entries({ ...chartFiles('a', '1.0.0'), 'charts/b.tgz': inner, 'charts/c.tgz': inner }).map(([name, body]) => ({
    name,
    data: Buffer.from(body),
  }));
  await expect(chartFromFiles(files, 'a.tgz', { bytes: 800_000, files: 100 })).rejects.toThrow(
    /"a.tgz\/charts\/c.tgz" cannot be used: it unpacks to more than 100 MiB/,
  );
});

it('refuses a chart of another name', async () => {
  await expect(chartFromArchive(await packedChart('evil', '1.0.0'), 'a.tgz', 'good')).rejects.toThrow(
    '"a.tgz" holds the chart "evil", and "good" was asked for.',
  );
});

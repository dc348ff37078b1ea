/**
 * Charts of the meshes, for cases that name them by repository and commit only. MESHCTL_CHARTS is a folder with the
 * files of those repositories at those commits, in one folder each: `istio+istio/manifests/charts/base/Chart.yaml`.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Chart, type ChartFile, loadChart, mapFrom } from '../../src/template/chart/chart.ts';
import { isList, isMap } from '../../src/template/value.ts';
import { parseYaml } from '../../src/text/yaml.ts';

const root = process.env.MESHCTL_CHARTS;

const shared = (path: string): string => fileURLToPath(new URL(`../../../shared/cases/${path}`, import.meta.url));

/** Cases of a folder; none where it, or the charts of the repository, are missing, which is said aloud. */
export function casesOf<Case>(folder: string, repository: string): readonly Case[] {
  const path = shared(`${folder}/cases.json`);
  if (!existsSync(path)) return skipped(`The cases "${folder}" are not here.`);
  if (root === undefined || !existsSync(join(root, repository))) {
    return skipped(`The cases "${folder}" are left out: MESHCTL_CHARTS names no folder that holds "${repository}".`);
  }
  return JSON.parse(readFileSync(path, 'utf8')).cases;
}

function skipped(reason: string): readonly never[] {
  process.stderr.write(`${reason}\n`);
  return [];
}

export const caseFile = (path: string): string => readFileSync(shared(path), 'utf8');

/** A file of a repository. */
export const repositoryFile = (repository: string, path: string): string => readFileSync(join(root ?? '', repository, path), 'utf8');

/** @param leavesOut names of files that the peer's own test drops */
export function chartAt(repository: string, path: string, leavesOut = /^$/): Chart {
  return loadChart(
    chartFilesAt(repository, path).filter(({ name }) => !leavesOut.test(name)),
    path,
    () => [],
  );
}

export function chartFilesAt(repository: string, path: string): readonly ChartFile[] {
  const folder = join(root ?? '', repository, path);
  return [...filesBelow(folder), ...localDependencies(folder)];
}

function filesBelow(folder: string, prefix = ''): readonly ChartFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ name: prefix + relative(folder, path), data: readFileSync(path) }));
}

/** Charts beside this one, which `helm dependency build` would pack into `charts/`. */
function localDependencies(folder: string): readonly ChartFile[] {
  const sources = ['Chart.yaml', 'requirements.yaml'].map((name) => join(folder, name)).filter((path) => existsSync(path));
  const declared = sources.map((path) => mapFrom(readFileSync(path, 'utf8'), path).get('dependencies')).find(isList) ?? [];
  return declared.filter(isMap).flatMap((dependency) => {
    const [name, repository] = [String(dependency.get('name')), String(dependency.get('repository'))];
    return repository.startsWith('file://') ? filesBelow(join(folder, repository.slice('file://'.length)), `charts/${name}/`) : [];
  });
}

export interface Manifest {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly text: string;
  readonly body: unknown;
}

/** The objects of rendered texts, in their order. */
export function manifestsIn(texts: Iterable<string>): readonly Manifest[] {
  return [...texts]
    .flatMap((text) => text.split(/^---.*$/m))
    .map((text) => ({ text: text.trim(), body: parseYaml(text) }))
    .filter(({ body }) => body !== undefined && body !== null)
    .map(({ text, body }) => {
      const { kind, metadata } = body as { kind: string; metadata: { name: string; namespace?: string } };
      return { kind, name: metadata.name, namespace: metadata.namespace, text, body };
    });
}

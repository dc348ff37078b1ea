/** Renders charts in this process: the first time, as a command does, and again when everything is warm. Prints JSON. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chartFiles } from './chart.js';

const TEMPLATES = 200;
const RUNS = 5;

const [bundle, ...folders] = process.argv.slice(2);
const { loadChart, renderChart, STANDARD_API_VERSIONS } = await import(pathToFileURL(bundle).href);

const filesOf = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ name: relative(folder, path), data: readFileSync(path) }));

function rendered(name, files) {
  const times = Array.from({ length: RUNS }, () => {
    const began = process.hrtime.bigint();
    const { manifests } = renderChart({
      chart: loadChart(files, name, () => []),
      values: new Map(),
      release: { name: 'bench', namespace: 'bench', revision: 1, isUpgrade: false },
      cluster: { kubeVersion: 'v1.33.0', apiVersions: STANDARD_API_VERSIONS },
    });
    const characters = [...manifests.values()].reduce((sum, text) => sum + text.length, 0);
    return { ms: Number(process.hrtime.bigint() - began) / 1e6, characters, templates: manifests.size };
  });
  const sorted = times.map(({ ms }) => ms).sort((left, right) => left - right);
  const round = (ms) => Math.round(ms * 10) / 10;
  const { characters, templates } = times[0];
  return { chart: name, templates, characters, firstMs: round(times[0].ms), medianMs: round(sorted[Math.floor(RUNS / 2)]) };
}

const charts = [['bench', chartFiles(TEMPLATES)], ...folders.map((folder) => [folder.split('/').at(-1), filesOf(folder)])];
process.stdout.write(JSON.stringify(charts.map(([name, files]) => rendered(name, files))));

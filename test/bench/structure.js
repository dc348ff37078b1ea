/** Holds the objects of a made-up mesh against their definitions: what loading costs, and what each object costs after that. */
import { pathToFileURL } from 'node:url';
import { meshFiles } from './mesh.js';

const [bundle, objects] = process.argv.slice(2);
const { inspect, readText } = await import(pathToFileURL(bundle).href);
const options = { namespace: 'default', namespaceGiven: false };
const resources = [...meshFiles(Number(objects))].flatMap(([name, text]) => readText(text, name, options).resources);
const judged = resources.filter(({ kind }) => kind.includes('.istio.io/'));

async function timed(some) {
  const began = process.hrtime.bigint();
  const violations = await inspect(some);
  return { ms: Number(process.hrtime.bigint() - began) / 1e6, violations: violations.length };
}

const first = await timed(judged.slice(0, 1));
const all = await timed(judged);
const round = (value) => Math.round(value * 1_000) / 1_000;
process.stdout.write(
  JSON.stringify({
    objects: judged.length,
    loadingMs: round(first.ms),
    msPerThousandObjects: round(all.ms / (judged.length / 1_000)),
    violations: all.violations,
  }),
);

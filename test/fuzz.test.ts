/**
 * Every rule's examples and edge cases with random fields replaced, deleted, doubled and renamed:
 * whatever the input, rules judge it or keep silent. The seed is fixed, and a failure prints its input.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runRules } from '../src/analysis/engine.ts';
import { suppress } from '../src/analysis/suppress.ts';
import { readText } from '../src/gather/read.ts';
import { meshes } from '../src/mesh/index.ts';
import { at } from '../src/model/body.ts';
import type { AnalysisReport, Finding } from '../src/model/finding.ts';
import type { Resource } from '../src/model/resource.ts';
import { resourceSet } from '../src/model/resource-set.ts';
import { reporterNamed, reporterNames } from '../src/reporters/index.ts';
import { allRules } from '../src/rules/index.ts';
import { splitDocuments } from '../src/text/documents.ts';
import { parseYaml } from '../src/text/yaml.ts';
import { violationsAmong } from './structure/violations.ts';

const SEED = 20_260_101;
const ROUNDS = 4;
const BUDGET_MS = 10_000;

const rules = await allRules();
const selected = rules.map((rule) => ({ rule, severity: rule.meta.severity }));
const reporters = await Promise.all(reporterNames.map((name) => reporterNamed(name)));
const casesFolder = fileURLToPath(new URL('../fixtures/rules/', import.meta.url));
const edgeCases = readdirSync(casesFolder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .sort()
  .map((path) => readFileSync(casesFolder + path, 'utf8'));
const seeds: readonly (readonly unknown[])[] = [...rules.flatMap(({ meta }) => [meta.bad, meta.good]), ...edgeCases].map((text) =>
  splitDocuments(text).map((part) => parseYaml(part.text)),
);

type Random = (below: number) => number;

/** mulberry32: small, fast, and the same everywhere. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const nested = (depth: number): unknown => (depth === 0 ? 'x' : depth % 2 === 0 ? [nested(depth - 1)] : { x: nested(depth - 1) });

const STRANGE: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 53,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  ' ',
  '*',
  '*.',
  '.',
  '/',
  '~',
  '%',
  '*/*',
  '1e999',
  '99999999999999999999',
  'a\nb',
  '\u202e\u0000\u001b[31m',
  '(((((',
  'constructor',
  '__proto__',
  'x'.repeat(3_000),
  [],
  {},
  [[]],
  [null],
  ['a', 'a'],
  [1, true, ''],
  [{}],
  [{ name: 1 }],
  { name: [] },
  { constructor: 'x', toString: 'y' },
  nested(60),
];

const KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'name', 'metadata', 'spec', 'x.y/z', '0', '<<'];

interface Place {
  readonly holder: Record<string | number, unknown>;
  readonly key: string | number;
}

function placesIn(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return found;
  const holder = value as Place['holder'];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  for (const key of keys) {
    found.push({ holder, key });
    placesIn(holder[key], found);
  }
  return found;
}

/** Plain assignment to `__proto__` would set the prototype instead. */
function put(holder: Place['holder'], key: string | number, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

type Change = (place: Place, other: Place, random: Random) => void;

const replace: Change = ({ holder, key }, _, random) => put(holder, key, structuredClone(STRANGE[random(STRANGE.length)]));

const CHANGES: readonly Change[] = [
  replace,
  replace,
  replace,
  remove,
  function double({ holder, key }) {
    if (Array.isArray(holder)) holder.splice(Number(key), 0, structuredClone(holder[Number(key)]));
    else put(holder, key, [holder[key], holder[key]]);
  },
  function rename(place, _, random) {
    const value = place.holder[place.key];
    if (Array.isArray(place.holder)) return;
    remove(place);
    put(place.holder, KEYS[random(KEYS.length)] ?? '', value);
  },
  function copy({ holder, key }, other) {
    put(holder, key, structuredClone(other.holder[other.key]));
  },
];

function mutate(documents: unknown[], random: Random): void {
  const places = placesIn(documents);
  const place = places[random(places.length)];
  const other = places[random(places.length)];
  if (place && other) CHANGES[random(CHANGES.length)]?.(place, other, random);
  const document = documents[random(documents.length)];
  if (random(10) === 0 && typeof document === 'object' && document !== null) put(document as Place['holder'], 'metadata', { name: 'a' });
}

/** Flow style, one entry a line; `~` and `.nan` so that the words looked for below come from the rules alone. */
function yamlOf(value: unknown): string {
  if (value === null || value === undefined) return '~';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : Number.isNaN(value) ? '.nan' : '.inf';
  if (Array.isArray(value)) return `[${value.map((entry) => `\n ${yamlOf(entry)}`).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([key]) => key !== '<<');
    return `{${entries.map(([key, entry]) => `\n ${JSON.stringify(key)}: ${yamlOf(entry)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

const WORDS = /undefined|null|\[object|NaN|Infinity|function /g;

/** What is wrong with a finding, in words. */
function faultsOf(
  { message, fix = '', path = [], position, resource, related }: Finding,
  text: string,
  lines: readonly string[],
): readonly string[] {
  const words = [...`${message}\n${fix}`.matchAll(WORDS)].map(([word]) => word);
  const faults = words.filter((word) => !text.toLowerCase().includes(word.toLowerCase().slice(0, 3))).map((word) => `says ${word}`);
  if (message.length > 8_000) faults.push(`has a message of ${message.length} characters`);
  if (related.length > 20) faults.push(`has ${related.length} related objects`);
  for (const [index, step] of path.entries()) {
    const holder = at(resource.body, path.slice(0, index));
    if (typeof step === 'number' && !(Array.isArray(holder) && step >= 0 && step < holder.length))
      faults.push(`names item ${step} of no list`);
  }
  if (!position) return [...faults, 'has no position'];
  const { line, column, endLine, endColumn } = position;
  const inside = (at: number, column: number): boolean => at >= 1 && column >= 1 && column <= (lines[at - 1]?.length ?? -1) + 1;
  if (!inside(line, column) || !inside(endLine, endColumn))
    faults.push(`stands at ${line}:${column}-${endLine}:${endColumn}, outside of the text`);
  return faults;
}

/** What the parser says of syntax; of an object that makes no sense other things are said. */
const NO_YAML = /^Not valid YAML|^No text may begin|^A second ": "|^This line is indented|^A quote or bracket|^A tab is used/;

/** What is wrong with an analysis of the text. */
function analyze(text: string, withReports: boolean): readonly string[] {
  const { resources, errors } = readText(text, 'fuzz.yaml', { namespace: 'default', namespaceGiven: false });
  const lines = text.split('\n');
  const faults: string[] = errors.flatMap((error) => (NO_YAML.test(error.message) ? [`is no YAML: ${error.message}`] : []));
  for (const complete of [true, false]) {
    const settings = { clusterDomain: 'cluster.local', now: Date.UTC(2026, 0, 1) };
    const assumed = meshes.flatMap((mesh) => mesh.assumed?.(resourceSet(resources, { settings })) ?? []);
    const set = resourceSet([...assumed, ...resources], { complete, settings, violations: violationsAmong(resources) });
    for (const mesh of meshes) mesh.detect(set);
    const { findings, notChecked } = runRules(selected, set);
    for (const finding of findings)
      faults.push(...faultsOf(finding, text, lines).map((fault) => `${finding.rule} ${fault}: ${finding.message.slice(0, 300)}`));
    if (withReports) report(findings, notChecked, resources);
  }
  return faults;
}

function report(findings: readonly Finding[], notChecked: AnalysisReport['notChecked'], resources: readonly Resource[]): void {
  const { kept, suppressed } = suppress(findings, resources, [], rules, new Set());
  const whole: AnalysisReport = { findings: kept, suppressed, notChecked, errors: [], resources, files: 1 };
  for (const reporter of reporters) reporter?.(whole, { color: false, width: 80, version: '0.0.0', rules });
}

describe('rules under random input', () => {
  it('never throw, and point at places that exist in words that make sense', { timeout: 6 * BUDGET_MS }, () => {
    const random = randomFrom(Number(process.env['FUZZ_SEED'] ?? SEED));
    const deadline = Date.now() + Number(process.env['FUZZ_MS'] ?? BUDGET_MS);
    const seen = new Map<string, string>();
    for (let run = 0; Date.now() < deadline && run < seeds.length * ROUNDS; run++) {
      // Two cases at once meet each other's objects.
      const documents = structuredClone([
        ...(seeds[run % seeds.length] ?? []),
        ...(random(3) === 0 ? (seeds[random(seeds.length)] ?? []) : []),
      ]);
      for (let times = 1 + random(4); times > 0; times--) mutate(documents, random);
      const text = documents.map(yamlOf).join('\n---\n');
      try {
        for (const fault of analyze(text, run % 5 === 0)) {
          const key = fault.replace(/:.*/s, '').replace(/\d+/g, 'N');
          if (!seen.has(key)) seen.set(key, `${fault}\n${text}`);
        }
      } catch (error) {
        const stack = error instanceof Error ? (error.stack ?? '') : String(error);
        const key = stack.split('\n').slice(0, 2).join(' ');
        if (!seen.has(key)) seen.set(key, `${stack}\n${text}`);
      }
    }
    expect([...seen.values()]).toEqual([]);
  });
});

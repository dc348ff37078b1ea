/** Clusters of one mesh mostly hold the same configuration: what is right in one is right in two of a kind. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runRules } from '../../src/analysis/engine.ts';
import { resourceSet } from '../../src/model/resource-set.ts';
import type { Rule } from '../../src/model/rule.ts';
import { allRules } from '../../src/rules/index.ts';
import { resourcesFrom } from '../builders.ts';

const folder = fileURLToPath(new URL('../../fixtures/rules/', import.meta.url));

function textsOf({ meta }: Rule): readonly string[] {
  const files = existsSync(`${folder}${meta.id}`) ? readdirSync(`${folder}${meta.id}`) : [];
  const cases = files.filter((file) => file.endsWith('.yaml')).map((file) => readFileSync(`${folder}${meta.id}/${file}`, 'utf8'));
  return [meta.bad, meta.good, ...cases].filter((text) => !/^# (cluster:|incomplete input)/m.test(text));
}

function linesFound(
  rule: Rule,
  text: string,
  clusters: readonly (string | undefined)[],
): ReadonlyMap<string | undefined, readonly number[]> {
  const settings = Object.fromEntries([...text.matchAll(/^# setting (\w+)=(\S+)/gm)].map((match) => [match[1], match[2]]));
  const given = clusters.flatMap((cluster) => resourcesFrom(text).map((resource) => (cluster ? { ...resource, cluster } : resource)));
  const { findings } = runRules([{ rule, severity: rule.meta.severity }], resourceSet(given, { complete: true, settings }));
  const linesIn = (cluster: string | undefined): readonly number[] =>
    findings.filter(({ resource }) => resource.cluster === cluster).map(({ position }) => position?.line ?? 0);
  return new Map(clusters.map((cluster) => [cluster, linesIn(cluster)]));
}

describe.each((await allRules()).map((rule) => ({ id: rule.meta.id, rule })))('$id', ({ rule }) => {
  it('finds in two clusters of a kind nothing that is not in one', () => {
    for (const text of textsOf(rule)) {
      const alone = linesFound(rule, text, [undefined]).get(undefined) ?? [];
      const both = linesFound(rule, text, [undefined, 'west']);
      expect(both.get(undefined)).toEqual(alone);
      expect(both.get('west')?.filter((line) => !alone.includes(line))).toEqual([]);
    }
  });
});

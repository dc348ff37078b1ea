/** schemas/meshctl-config.json, by which editors judge, agrees with the parser. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/analysis/config.ts';
import { parseYaml } from '../../src/text/yaml.ts';

const schema = JSON.parse(readFileSync(fileURLToPath(new URL('../../schemas/meshctl-config.json', import.meta.url)), 'utf8'));
const accepts = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);

function isParsed(text: string): boolean {
  try {
    parseConfig(text, 'meshctl.yaml', 0);
    return true;
  } catch {
    return false;
  }
}

/** The settings that the parser names when it is asked for one that it does not know. */
function settingsAt(text: string): readonly string[] {
  try {
    parseConfig(text, 'meshctl.yaml', 0);
  } catch (error) {
    return /the settings here are (.+)\.$/.exec((error as Error).message)?.[1]?.split(', ') ?? [];
  }
  return [];
}

const namesIn = ({ properties }: { readonly properties: object }): readonly string[] => Object.keys(properties).sort();

describe('the schema of meshctl.yaml', () => {
  it('has the settings that the parser knows, at every level', () => {
    const { analyze } = schema.properties;
    expect([...settingsAt('zzzzzzzz: 1')].sort()).toEqual(namesIn(schema));
    expect([...settingsAt('analyze: { zzzzzzzz: 1 }')].sort()).toEqual(namesIn(analyze));
    expect([...settingsAt('analyze: { overrides: [{ zzzzzzzz: 1 }] }')].sort()).toEqual(namesIn(analyze.properties.overrides.items));
    expect([...settingsAt('analyze: { suppress: [{ zzzzzzzz: 1 }] }')].sort()).toEqual(namesIn(analyze.properties.suppress.items));
  });

  it.each([
    'apiVersion: meshctl.dev/v1\nkind: Config',
    'analyze:',
    'analyze: { complete: true, failOn: never, minSeverity: info, mesh: auto, clusterDomain: a.b, rootNamespace: r, revision: x }',
    'analyze: { meshConfig: a.yaml, meshNetworks: b.yaml, baseline: c.json, include: [a], exclude: [] }',
    'analyze: { rules: { IST0101: off, a/*: error } }',
    'analyze: { overrides: [{ paths: [a/, "*.yaml"], rules: { IST0101: info }, failOn: error }] }',
    'analyze: { suppress: [{ rule: IST0101, resource: "*", path: a, reason: b, until: "2027-01-31" }] }',
  ])('accepts %j as the parser does', (text) => {
    expect([isParsed(text), accepts(parseYaml(text))]).toEqual([true, true]);
  });

  it.each([
    'analyse: {}',
    'kind: Other',
    'apiVersion: v1',
    '- a',
    'analyze: []',
    'analyze: { complete: 1 }',
    'analyze: { complete: "yes" }',
    'analyze: { failOn: fatal }',
    'analyze: { minSeverity: never }',
    'analyze: { mesh: nginx }',
    'analyze: { revision: 1 }',
    'analyze: { include: a }',
    'analyze: { include: [1] }',
    'analyze: { rules: [IST0101] }',
    'analyze: { rules: { IST0101: loud } }',
    'analyze: { rules: { IST0101: true } }',
    'analyze: { overrides: {} }',
    'analyze: { overrides: [{}] }',
    'analyze: { overrides: [{ paths: [] }] }',
    'analyze: { overrides: [{ paths: [a], complete: true }] }',
    'analyze: { suppress: [{}] }',
    'analyze: { suppress: [{ rule: a, until: soon }] }',
    'analyze: { suppress: [{ rule: a, until: 2027 }] }',
    'analyze: { suppress: [{ rule: a, expires: "2027-01-31" }] }',
  ])('refuses %j as the parser does', (text) => {
    expect([isParsed(text), accepts(parseYaml(text))]).toEqual([false, false]);
  });
});

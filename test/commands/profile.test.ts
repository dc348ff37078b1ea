import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import { meshes } from '../../src/mesh/index.ts';
import { parseYaml } from '../../src/text/yaml.ts';

const ajv = new Ajv2020({ allErrors: true });
const validator = (name: string) =>
  ajv.compile(JSON.parse(readFileSync(new URL(`../../schemas/output/${name}.json`, import.meta.url), 'utf8')));
const isProfile = validator('profile');
const isList = validator('profile-list');

async function printed(...args: readonly string[]): Promise<unknown> {
  const host = memoryHost({ args: ['profile', ...args], files: {}, env: {} });
  const exit = await main(host);
  expect([exit, host.stderr()]).toEqual([0, '']);
  return parseYaml(host.stdout());
}

const profiles = meshes.flatMap(({ id, install }) => (install?.profiles ?? []).map(({ name }) => [id, name] as const));

describe('profile', () => {
  it.each(profiles)('show %s %s follows its schema, in both formats', async (mesh, name) => {
    const [json, yaml] = await Promise.all([printed('show', mesh, name, '-o', 'json'), printed('show', mesh, name, '-o', 'yaml')]);
    expect(isProfile(json), JSON.stringify(isProfile.errors)).toBe(true);
    expect(yaml).toEqual(json);
    expect(json).toMatchObject({ mesh, profile: name });
  });

  it('list follows its schema, and names every profile', async () => {
    const list = await printed('list', '-o', 'json');
    expect(isList(list), JSON.stringify(isList.errors)).toBe(true);
    expect(list).toMatchObject({ profiles: profiles.map(([mesh, profile]) => ({ mesh, profile })) });
    expect(await printed('list', '-o', 'yaml')).toEqual(list);
  });

  it('lists the components that the plan of a profile has', async () => {
    for (const { id, install } of meshes) {
      for (const { name, components } of install?.profiles ?? []) {
        expect(await printed('show', id, name, '-o', 'json')).toMatchObject({ components: components.map((component) => ({ component })) });
      }
    }
  });

  it('makes and shows no key', async () => {
    expect(JSON.stringify(await printed('show', 'linkerd', '-o', 'json'))).not.toMatch(/PRIVATE KEY|CERTIFICATE/);
  });
});

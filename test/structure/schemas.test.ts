/** The definitions that meshctl brings along, as `npm run schemas` writes them. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from '@bufbuild/cel';
import { describe, expect, it } from 'vitest';
import { knownGroups } from '../../src/structure/groups.ts';
import { HOMES } from '../../src/structure/homes.ts';
import { PATTERN_WORDS } from '../../src/structure/pattern-words.ts';
import type { CelRule, KindDefinition, Schema } from '../../src/structure/schema.ts';
import { FIELDS, KINDS, VERSIONS } from '../../src/structure/superseded-facts.ts';
import { expression } from '../../src/text/re2.ts';
import { groups } from './violations.ts';

const folder = fileURLToPath(new URL('../../schemas/resources/', import.meta.url));
const kinds = [...groups].flatMap(([group, definition]) =>
  Object.entries(definition.kinds).map(([name, kind]) => ({ name: `${group}/${name}`, group, kind })),
);

function schemasIn(schema: Schema): readonly Schema[] {
  const { properties = {}, items, additionalProperties, allOf = [], anyOf = [], oneOf = [], not } = schema;
  const parts = [...Object.values(properties), ...allOf, ...anyOf, ...oneOf, ...[items, additionalProperties, not].filter(isSchema)];
  return [schema, ...parts.flatMap(schemasIn)];
}

const isSchema = (value: Schema | boolean | undefined): value is Schema => typeof value === 'object';
const partsOf = ({ schemas }: KindDefinition): readonly Schema[] => schemas.flatMap(schemasIn);

describe('schemas/resources', () => {
  it('has a file for each group that is known, and no other', () => {
    expect(readdirSync(folder).sort()).toEqual(knownGroups.map((group) => `${group}.json`));
    expect(groups.size).toBe(knownGroups.length);
  });

  it('holds the kinds of every mesh and of the Gateway API', () => {
    const projects = new Set([...groups.values()].map(({ source }) => source));
    expect([...projects].sort()).toEqual(['App Mesh', 'Consul', 'Gateway API', 'Istio', 'Kuma', 'Linkerd', 'Open Service Mesh', 'SMI']);
    expect(kinds.length).toBeGreaterThan(100);
    for (const { takenAt } of groups.values()) expect(takenAt).toMatch(/^\d{4}-\d{2}$/);
  });

  it('has every pattern that there are words for', () => {
    const used = new Set(kinds.flatMap(({ kind }) => partsOf(kind)).map(({ pattern }) => pattern));
    expect(Object.keys(PATTERN_WORDS).filter((pattern) => !used.has(pattern))).toEqual([]);
  });

  it('has the kinds in the groups where they are said to be at home', () => {
    const known = new Set(kinds.map(({ name }) => name));
    const homes = Object.entries(HOMES).flatMap(([kind, homes]) => homes.map((group) => `${group}/${kind}`));
    expect(homes.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(kinds)('describes $name', ({ kind }) => {
    expect(kind.versions.some(({ served }) => served !== false)).toBe(true);
    expect(new Set(kind.versions.map(({ name }) => name)).size).toBe(kind.versions.length);
    const used = kind.versions.flatMap(({ schema, experimental = schema }) => [schema, experimental]);
    expect([...new Set(used)].sort()).toEqual([...kind.schemas.keys()]);
    for (const part of partsOf(kind)) {
      expect(part).not.toHaveProperty('description');
      if (part.pattern !== undefined) expect(() => expression(part.pattern ?? '')).not.toThrow();
    }
  });

  it('has only expressions that parse, each with a message of its own', () => {
    const rules = kinds.flatMap(({ kind }) => partsOf(kind).flatMap((part): readonly CelRule[] => part['x-kubernetes-validations'] ?? []));
    const unique = new Map(rules.map((rule) => [rule.rule, rule]));
    expect(unique.size).toBeGreaterThan(100);
    for (const { rule, message, messageExpression } of unique.values()) {
      expect(() => parse(rule)).not.toThrow();
      expect(message ?? messageExpression ?? rule).not.toBe('');
    }
  });
});

describe('what is superseded', () => {
  const isKnown = (kind: string): boolean => kinds.some(({ name }) => name === kind);

  it('is of kinds that are known, in the case of fields, and that are gone, in the case of kinds', () => {
    const ofKinds = FIELDS.filter(({ of }) => !of.endsWith('/*'));
    expect(ofKinds.filter(({ of }) => !isKnown(of))).toEqual([]);
    expect(KINDS.flatMap((row) => row.kinds).filter(isKnown)).toEqual([]);
  });

  it('is a version that no definition serves, of a kind that is there', () => {
    for (const { kinds: those, name } of VERSIONS) {
      for (const kind of those) {
        const versions = kinds.find((known) => known.name === kind)?.kind.versions ?? [];
        expect(versions.filter(({ served }) => served !== false)).not.toEqual([]);
        expect(versions.filter((version) => version.name === name && version.served !== false)).toEqual([]);
      }
    }
  });

  it('is there when it is deprecated, and is not when it is gone', () => {
    const fieldsOf = (of: string, name: string): readonly Schema[] =>
      kinds
        .filter((kind) => kind.name === of)
        .flatMap(({ kind }) =>
          partsOf(kind).flatMap(({ properties = {} }) => (Object.hasOwn(properties, name) ? [properties[name] ?? {}] : [])),
        );
    for (const { of, name, status, values } of FIELDS.filter((row) => !row.of.endsWith('/*'))) {
      if (status === 'deprecated') expect(fieldsOf(of, name), `${of} ${name}`).not.toEqual([]);
      if (status !== 'deprecated' && values)
        for (const value of values) expect(fieldsOf(of, name).some((field) => field.enum?.includes(value))).toBe(false);
    }
  });
});

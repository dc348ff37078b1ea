import { describe, expect, it } from 'vitest';
import { mergeValues } from '../../../src/mesh/install/merge-values.ts';
import { choose, componentFrom, type Part, type Recipe, refuseRevision } from '../../../src/mesh/install/recipe.ts';
import { request } from './request.ts';

const recipe: Recipe = {
  title: 'Mesh',
  defaultProfile: 'small',
  profiles: [
    { name: 'small', summary: 'Two.', components: ['base', 'control'] },
    { name: 'none', summary: 'None.', components: [] },
  ],
  components: [
    { id: 'base', summary: 'Base.' },
    { id: 'node', summary: 'Node.' },
    { id: 'control', summary: 'Control.' },
  ],
};

const part: Part = {
  chart: { repository: 'https://charts.example', name: 'control' },
  release: 'control',
  namespace: 'mesh-system',
  needs: ['base', 'node'],
  values: { replicas: 1, proxy: { cpu: '1', memory: '1Gi' } },
};

describe('a choice of components', () => {
  it('is that of the profile, in the order of needs whatever the order of wishes', () => {
    expect(choose(recipe, request()).parts.map(({ id }) => id)).toEqual(['base', 'control']);
    expect(choose(recipe, request({ with: ['node'] })).parts.map(({ id }) => id)).toEqual(['base', 'node', 'control']);
    expect(choose(recipe, request({ with: ['control', 'base'], profile: 'none' })).parts.map(({ id }) => id)).toEqual(['base', 'control']);
  });

  it('leaves out what is not wanted, also when it is named twice', () => {
    expect(choose(recipe, request({ with: ['node'], without: ['node', 'base'] })).parts.map(({ id }) => id)).toEqual(['control']);
  });

  it('has copies behind the component that they copy', () => {
    const { parts, has } = choose(recipe, request({ copies: { 'base-two': 'base' }, without: ['base'] }));
    expect(parts).toEqual([
      { id: 'base-two', kind: 'base' },
      { id: 'control', kind: 'control' },
    ]);
    expect(has('base')).toBe(true);
    expect(has('node')).toBe(false);
  });

  it.each([
    ['a profile', request({ profile: 'smal' }), 'Mesh has no profile "smal".', 'Did you mean "small"?'],
    ['--with', request({ with: ['controll'] }), 'Mesh has no component "controll".', 'Did you mean "control"?'],
    ['--without', request({ without: ['bases'] }), 'Mesh has no component "bases".', 'Did you mean "base"?'],
    ['values', request({ of: { contrl: {} } }), 'Mesh has no component "contrl".', 'Did you mean "control"?'],
    ['a copy', request({ copies: { a: 'nod' } }), 'Mesh has no component "nod".', 'Did you mean "node"?'],
    [
      'the name of a copy',
      request({ copies: { node: 'base' } }),
      'A copy of "base" cannot be called "node", as a component of Mesh is.',
      'another name',
    ],
    ['a namespace', request({ namespaces: { nodes: 'x' } }), 'Mesh has no component "nodes".', 'Did you mean "node"?'],
    [
      'values of what is not there',
      request({ of: { node: {} } }),
      'Settings are given for the component "node", which is not installed.',
      '--with node',
    ],
    ['nothing', request({ profile: 'none' }), 'Nothing is left to install of the profile "none" of Mesh.', '--with'],
  ])('is refused for %s that does not fit', (_, wish, message, hint) => {
    expect(() => choose(recipe, wish)).toThrow(
      expect.objectContaining({ code: 'E_INSTALL', message, hint: expect.stringContaining(hint) }),
    );
  });

  it('may be empty when it is only looked at', () => {
    expect(choose(recipe, request({ profile: 'none', complete: false })).parts).toEqual([]);
  });

  it('has no revision where the mesh has none', () => {
    expect(() => refuseRevision(recipe, request({ revision: 'next' }))).toThrow('Mesh has no revisions');
    expect(refuseRevision(recipe, request())).toBeUndefined();
  });
});

describe('a component', () => {
  const chosen = { id: 'control', kind: 'control' };

  it('lays the values for all over those of the profile, and its own over both', () => {
    const wish = request({ all: { proxy: { cpu: '2' }, log: 'info' }, of: { control: { log: 'debug', replicas: null } } });
    expect(componentFrom(part, chosen, choose(recipe, wish), wish).values).toEqual({
      replicas: null,
      proxy: { cpu: '2', memory: '1Gi' },
      log: 'debug',
    });
  });

  it('takes of the values for all what its chart knows', () => {
    const wish = request({ all: { known: 1, other: 2 }, of: { control: { own: 3 } } });
    const picky: Part = { ...part, values: {}, takes: (key) => key === 'known' };
    expect(componentFrom(picky, chosen, choose(recipe, wish), wish).values).toEqual({ known: 1, own: 3 });
  });

  it('waits for what takes part, copies too', () => {
    const wish = request({ copies: { 'base-two': 'base' } });
    expect(componentFrom(part, chosen, choose(recipe, wish), wish).needs).toEqual(['base', 'base-two']);
  });

  it('goes to the namespace that is named for it', () => {
    const wish = request({ namespaces: { control: 'elsewhere' } });
    expect(componentFrom(part, chosen, choose(recipe, wish), wish).namespace).toBe('elsewhere');
  });
});

describe('values', () => {
  it('merge maps and replace everything else', () => {
    expect(mergeValues({ a: { b: [1, 2], c: 1 }, d: { e: 1 } }, undefined, { a: { b: [3] }, d: 'text' })).toEqual({
      a: { b: [3], c: 1 },
      d: 'text',
    });
  });

  it('keep null, which takes a default of the chart away', () => {
    expect(mergeValues({ a: { b: 1 } }, { a: null })).toEqual({ a: null });
    expect(mergeValues({ a: null }, { a: { b: 1 } })).toEqual({ a: { b: 1 } });
  });

  it('reach no prototype', () => {
    const merged = mergeValues({}, JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  });

  it('leave the layers as they were', () => {
    const layers = [{ a: { b: 1 } }, { a: { c: 2 } }] as const;
    mergeValues(...layers);
    expect(layers).toEqual([{ a: { b: 1 } }, { a: { c: 2 } }]);
  });
});

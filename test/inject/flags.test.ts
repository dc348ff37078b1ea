import { expect, it } from 'vitest';
import { inject } from '../../src/commands/inject.ts';
import { meshFlags } from '../../src/commands/inject-flags.ts';
import { meshes } from '../../src/mesh/index.ts';

/** Each flag once, told to be of the meshes whose adapters name it. */
function ofAdapters(): readonly { readonly flags: string; readonly description: string }[] {
  const rows = new Map<string, { readonly titles: string[]; readonly description: string }>();
  for (const mesh of meshes) {
    for (const { flags, description } of mesh.inject?.flags ?? []) {
      const row = rows.get(flags) ?? { titles: [], description };
      rows.set(flags, row);
      row.titles.push(mesh.title);
    }
  }
  return [...rows].map(([flags, { titles, description }]) => ({ flags, description: `${titles.join(' and ')}: ${description}` }));
}

it('declares the flags that the adapters take', () => {
  expect(meshFlags).toEqual(ofAdapters());
});

it('has no flag twice', () => {
  const names = inject.options.map(({ flags }) => /--[\w-]+/.exec(flags)?.[0]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

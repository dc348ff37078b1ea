import type { InstallRequest, MeshPlan, Values } from '../../../src/model/install.ts';

/** A wish without wishes, and what is said otherwise. */
export function request(
  said: Partial<Omit<InstallRequest, 'values'>> & { readonly all?: Values; readonly of?: Readonly<Record<string, Values>> } = {},
): InstallRequest {
  const { all = {}, of = {}, ...rest } = said;
  return { with: [], without: [], values: { all, of }, before: {}, now: new Date('2026-05-01T12:00:00Z'), ...rest };
}

export const ids = ({ components }: MeshPlan): readonly string[] => components.map(({ id }) => id);

/** @throws TypeError when the plan has no such component */
export function valuesOf({ components }: MeshPlan, id: string): Values {
  const component = components.find((each) => each.id === id);
  if (!component) throw new TypeError(`The plan has no component ${id}.`);
  return component.values;
}

/**
 * What a mesh is put together from, and what users may say of it. The adapters' `install.ts` give the
 * facts of their charts; that names are known, needs in order and the user's values on top is the same for all of them.
 */
import { MeshctlError } from '../../errors.ts';
import type { Component, Install, InstallRequest, Profile } from '../../model/install.ts';
import { nearest } from '../../text/nearest.ts';
import { quotedList } from '../../text/words.ts';
import { mergeValues } from './merge-values.ts';

export interface Recipe extends Pick<Install, 'profiles' | 'defaultProfile' | 'components'> {
  /** As users write it: `Istio`. */
  readonly title: string;
}

/** One component of an installation. */
export interface Chosen {
  /** Its own, or that of a copy. */
  readonly id: string;
  /** The component that the recipe knows it as. */
  readonly kind: string;
}

export interface Choice {
  readonly profile: string;
  readonly parts: readonly Chosen[];
  /** True when a component of that kind takes part. */
  readonly has: (kind: string) => boolean;
}

/** @throws MeshctlError E_INSTALL for names that the mesh does not have, values for what is not installed, and an empty choice */
export function choose(recipe: Recipe, request: InstallRequest): Choice {
  const profile = profileNamed(recipe, request.profile ?? recipe.defaultProfile);
  const known = recipe.components.map(({ id }) => id);
  const copies = Object.entries(request.copies ?? {});
  for (const id of [...request.with, ...request.without, ...copies.map(([, kind]) => kind)]) assertKnown(recipe, id, known);
  const taken = copies.find(([id]) => known.includes(id));
  if (taken) {
    throw new MeshctlError('E_INSTALL', `A copy of "${taken[1]}" cannot be called "${taken[0]}", as a component of ${recipe.title} is.`, {
      hint: 'Give it another name.',
    });
  }
  const wanted = new Set([...profile.components, ...request.with].filter((id) => !request.without.includes(id)));
  const parts = known.flatMap((kind): readonly Chosen[] => [
    ...(wanted.has(kind) ? [{ id: kind, kind }] : []),
    ...copies.filter(([, of]) => of === kind).map(([id]) => ({ id, kind })),
  ]);
  if (parts.length === 0 && request.complete !== false) {
    throw new MeshctlError('E_INSTALL', `Nothing is left to install of the profile "${profile.name}" of ${recipe.title}.`, {
      hint: `Name components with --with: ${quotedList(known, known.length)}.`,
    });
  }
  const ids = parts.map(({ id }) => id);
  for (const id of [...Object.keys(request.values.of), ...Object.keys(request.namespaces ?? {})]) {
    if (ids.includes(id)) continue;
    assertKnown(recipe, id, [...known, ...ids]);
    throw new MeshctlError('E_INSTALL', `Settings are given for the component "${id}", which is not installed.`, {
      hint: `Add --with ${id}, or leave the settings out.`,
    });
  }
  return { profile: profile.name, parts, has: (kind) => parts.some((part) => part.kind === kind) };
}

function profileNamed({ profiles, title }: Recipe, name: string): Profile {
  const found = profiles.find((profile) => profile.name === name);
  if (found) return found;
  const names = profiles.map((profile) => profile.name);
  const close = nearest(name, names);
  throw new MeshctlError('E_INSTALL', `${title} has no profile "${name}".`, {
    hint: `${close ? `Did you mean "${close}"? ` : ''}Its profiles are ${quotedList(names, names.length)}.`,
  });
}

function assertKnown({ title }: Recipe, id: string, known: readonly string[]): void {
  if (known.includes(id)) return;
  const close = nearest(id, known);
  throw new MeshctlError('E_INSTALL', `${title} has no component "${id}".`, {
    hint: `${close ? `Did you mean "${close}"? ` : ''}Its components are ${quotedList(known, known.length)}.`,
  });
}

/** What an adapter says of one component: of the needs those count that take part, and the values are those of the profile. */
export interface Part extends Omit<Component, 'id'> {
  /** Which of the values for all components it takes; all of them when absent. */
  readonly takes?: (key: string) => boolean;
}

/** Lays what the user says over what the adapter says. */
export function componentFrom({ takes, ...part }: Part, { id }: Chosen, { parts }: Choice, request: InstallRequest): Component {
  const all = Object.entries(request.values.all).filter(([key]) => takes?.(key) ?? true);
  return {
    id,
    ...part,
    namespace: request.namespaces?.[id] ?? part.namespace,
    needs: parts.filter(({ kind }) => part.needs.includes(kind)).map((needed) => needed.id),
    values: mergeValues(part.values, Object.fromEntries(all), request.values.of[id]),
  };
}

/** Of a chart whose versions are those of the mesh, which tags write with a "v" in front. */
export const chartVersion = ({ version }: InstallRequest): string | undefined => version?.replace(/^v(?=\d)/, '');

/** @throws MeshctlError E_INSTALL when a mesh without revisions is asked for one */
export function refuseRevision({ title }: Recipe, { revision }: InstallRequest): void {
  if (revision === undefined) return;
  throw new MeshctlError('E_INSTALL', `${title} has no revisions, so that "${revision}" cannot be installed beside another one.`, {
    hint: 'Leave --revision out; an upgrade replaces the control plane in place.',
  });
}

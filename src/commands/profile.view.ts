import type { Component } from '../model/install.ts';
import { styleFor } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { visibleWidth } from '../terminal/width.ts';
import { wrap } from '../terminal/wrap.ts';
import { writeYaml } from '../text/yaml-write.ts';
import { componentValuesDocument, componentValuesText, type Look } from './component-values.view.ts';
import type { InstallableMesh } from './install.mesh.ts';

/** @returns undefined for the format that is for people */
export function formatted(format: string | undefined, document: object): string | undefined {
  if (format === 'json') return `${JSON.stringify(document, undefined, 2)}\n`;
  return format === 'yaml' ? writeYaml(document) : undefined;
}

/** A table where it fits; else a paragraph for each profile. */
export function listText(meshes: readonly InstallableMesh[], { color, width }: Look): string {
  const style = styleFor(color);
  const rows = meshes.flatMap(({ adapter, install }) =>
    install.profiles.map(({ name, components, summary }) => ({
      mesh: adapter.id,
      name: name === install.defaultProfile && name !== 'default' ? `${name} (default)` : name,
      components: components.join(' ') || '-',
      summary,
    })),
  );
  const cells = rows.map(({ mesh, name, components, summary }) => [mesh, name, components, summary]);
  const wide = table(cells, { head: ['MESH', 'PROFILE', 'COMPONENTS', 'WHAT IT IS'], color });
  if (width === undefined || wide.split('\n').every((line) => visibleWidth(line) <= width)) return `${wide}\n`;
  const paragraphs = rows.map(({ mesh, name, components, summary }) =>
    [`${mesh} ${style.bold(name)}`, wrap(`  ${summary}`, width, '  '), style.dim(wrap(`  ${components}`, width, '  '))].join('\n'),
  );
  return `${paragraphs.join('\n')}\n`;
}

export function profileListDocument(meshes: readonly InstallableMesh[]): object {
  const profiles = meshes.flatMap(({ adapter, install }) =>
    install.profiles.map(({ name, summary, components }) => ({
      mesh: adapter.id,
      profile: name,
      isDefault: name === install.defaultProfile,
      summary,
      components,
    })),
  );
  return { apiVersion: 'meshctl.dev/v1', kind: 'ProfileList', profiles };
}

export interface ShownProfile {
  readonly mesh: InstallableMesh;
  readonly profile: string;
  readonly components: readonly Component[];
}

const summaryOf = ({ mesh, profile }: ShownProfile): string => mesh.install.profiles.find(({ name }) => name === profile)?.summary ?? '';

export function profileText(shown: ShownProfile, look: Look): string {
  const { mesh, profile, components } = shown;
  const style = styleFor(look.color);
  const others = mesh.install.components.map(({ id }) => id).filter((id) => !components.some((component) => component.id === id));
  const paragraphs = [
    wrap(`${style.bold(`${mesh.adapter.title}, profile "${profile}"`)}: ${summaryOf(shown)}`, look.width),
    ...(components.length > 0 ? [componentValuesText(components, look).trimEnd()] : []),
    ...(others.length > 0 ? [wrap(`--with brings: ${others.join(', ')}`, look.width)] : []),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

export function profileDocument(shown: ShownProfile): object {
  const { mesh, profile, components } = shown;
  return {
    apiVersion: 'meshctl.dev/v1',
    kind: 'Profile',
    mesh: mesh.adapter.id,
    profile,
    isDefault: profile === mesh.install.defaultProfile,
    summary: summaryOf(shown),
    components: componentValuesDocument(components),
  };
}

/** Files of small charts whose templates show their values. */
import type { Files } from '../charts.ts';

export const SHOWN = '{{ toJson .Values }}';

/** The chart itself. */
export const top = (more = '', values = ''): Files => ({
  'Chart.yaml': `apiVersion: v2\nname: c\nversion: 1.0.0\n${more}`,
  'values.yaml': values,
  'templates/v': SHOWN,
});

/** A chart in `charts/`. */
export const sub = (name: string, values: string, more: { readonly yaml?: string } = {}): Files => ({
  [`charts/${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more.yaml ?? ''}`,
  [`charts/${name}/values.yaml`]: values,
  [`charts/${name}/templates/v`]: SHOWN,
});

/** What Chart.yaml declares; each with its fields besides name and version. */
export const dep = (declared: readonly (readonly [name: string, fields: string])[]): string =>
  `dependencies:\n${declared.map(([name, fields]) => `- {name: ${name}, version: 1.x${fields === '' ? '' : `, ${fields}`}}\n`).join('')}`;

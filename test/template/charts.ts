/** Charts of a few files, rendered as a cluster of Kubernetes 1.36 would have them. */
import { expect } from 'vitest';
import { MeshctlError } from '../../src/errors.ts';
import { STANDARD_API_VERSIONS } from '../../src/template/chart/api-versions.ts';
import { type Chart, loadChart, mapFrom } from '../../src/template/chart/chart.ts';
import { type Rendered, type RenderInput, renderChart } from '../../src/template/chart/render.ts';
import { TemplateError } from '../../src/template/failure.ts';

/** Texts by their paths in the chart. */
export type Files = Readonly<Record<string, string>>;

const CHART_YAML = 'apiVersion: v2\nname: c\nversion: 1.0.0\n';

export function chartOf(files: Files): Chart {
  const whole = Object.entries({ 'Chart.yaml': CHART_YAML, ...files });
  return loadChart(
    whole.map(([name, text]) => ({ name, data: Buffer.from(text) })),
    'c',
    () => [],
  );
}

/** @param values of the user, as YAML */
export const render = (files: Files, values = '', more: Partial<RenderInput> = {}): Rendered =>
  renderChart({
    chart: chartOf(files),
    values: mapFrom(values, 'values'),
    release: { name: 'r', namespace: 'ns', revision: 1, isUpgrade: false },
    cluster: { kubeVersion: 'v1.36.0', apiVersions: STANDARD_API_VERSIONS },
    ...more,
  });

/** What a template makes, as the only one of its chart. */
export const rendered = (text: string, values = ''): string =>
  render({ 'templates/t': text }, values).manifests.get('c/templates/t') ?? expect.fail('nothing is rendered');

/** What an expression prints. */
export const evaluated = (expression: string): string => rendered(`{{ ${expression} }}`);

/** Why something fails, where failing is right. */
export function failureOf(work: () => unknown): MeshctlError {
  try {
    work();
  } catch (error) {
    if (error instanceof MeshctlError) return error;
    throw error;
  }
  return expect.fail('nothing fails');
}

/** The same without the place. */
export const refusalOf = (expression: string): string => reasonOf(`{{ ${expression} }}`);

export function reasonOf(text: string): string {
  const failure = failureOf(() => rendered(text));
  return failure instanceof TemplateError ? failure.reason : failure.message;
}

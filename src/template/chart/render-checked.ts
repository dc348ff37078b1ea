/** Renders a chart after its values have passed its schemas. */
import type { Chart } from './chart.ts';
import { withDependencies } from './dependencies.ts';
import { type Rendered, type RenderInput, renderChart } from './render.ts';
import { coalesceValues } from './values.ts';

/** @throws MeshctlError E_VALUES for values that do not fit, E_TEMPLATE and E_CHART */
export async function renderChecked(input: RenderInput): Promise<Rendered> {
  const chart = withDependencies(input.chart, input.values);
  if (hasSchema(chart)) {
    const { assertFitting } = await import('./schema.ts');
    assertFitting(chart, coalesceValues(chart, input.values));
  }
  return renderChart(input);
}

const hasSchema = (chart: Chart): boolean => chart.schema !== undefined || chart.subcharts.some(hasSchema);

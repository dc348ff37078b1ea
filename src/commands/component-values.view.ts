/** The charts of a plan with the values that are laid over their defaults, secrets hidden. */
import type { Component } from '../model/install.ts';
import { shownValues } from '../model/shown-values.ts';
import { styleFor } from '../terminal/style.ts';
import { wrap } from '../terminal/wrap.ts';
import { writeYaml } from '../text/yaml-write.ts';

export interface Look {
  readonly color: boolean;
  /** Undefined: no terminal, so nothing is wrapped. */
  readonly width: number | undefined;
}

/** A paragraph for each component; its values are indented, so that they can be told from the line above. */
export function componentValuesText(components: readonly Component[], { color, width }: Look): string {
  const style = styleFor(color);
  const paragraphs = components.map((component) => {
    const { id, chart, release, namespace, needs } = component;
    const version = chart.version === undefined ? '' : ` ${chart.version}`;
    const after = needs.length === 0 ? '' : `, after ${needs.join(' and ')}`;
    const facts = `  chart "${chart.name}"${version} of ${chart.repository}; release "${release}" in namespace "${namespace}"${after}`;
    return [style.bold(id), style.dim(wrap(facts, width, '  ')), ...layers(component)].join('\n');
  });
  return `${paragraphs.join('\n\n')}\n`;
}

function layers({ valuesFiles = [], values }: Component): readonly string[] {
  const files = valuesFiles.map((file) => `  # ${file} of the chart`);
  const own =
    Object.keys(values).length === 0
      ? []
      : [
          writeYaml(shownValues(values))
            .trimEnd()
            .replace(/^(?=.)/gm, '  '),
        ];
  return files.length + own.length > 0 ? [...files, ...own] : ["  # the chart's defaults"];
}

/** The same for programs. */
export function componentValuesDocument(components: readonly Component[]): readonly object[] {
  return components.map(({ id, chart: { repository, name, version }, release, namespace, needs, valuesFiles = [], values }) => ({
    component: id,
    chart: { repository, name, ...(version !== undefined && { version }) },
    release,
    namespace,
    needs,
    valuesFiles,
    values: shownValues(values),
  }));
}

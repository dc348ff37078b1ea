/** What an istiod chart would put into the cluster for the injector to read. */
import { MeshctlError } from '../../../errors.ts';
import { isBody, stringAt } from '../../../model/body.ts';
import type { InjectParameters } from '../../../model/inject.ts';
import type { Body } from '../../../model/resource.ts';
import { STANDARD_API_VERSIONS } from '../../../template/chart/api-versions.ts';
import { loadChart } from '../../../template/chart/chart.ts';
import { renderChart } from '../../../template/chart/render.ts';
import { fromPlain, isMap } from '../../../template/value.ts';
import { splitDocuments } from '../../../text/documents.ts';
import { parseYamlValue } from '../../../text/yaml.ts';
import { withSetValues } from './set-values.ts';
import type { Texts } from './sources.ts';

const CLUSTER = { kubeVersion: 'v1.33.0', apiVersions: STANDARD_API_VERSIONS };

/** @throws MeshctlError E_INJECT, E_CHART and E_TEMPLATE */
export function chartTexts(files: NonNullable<InjectParameters['chart']>, parameters: InjectParameters): Texts {
  const { revision, controlPlaneNamespace, settings } = parameters;
  const chart = loadChart(files, 'the chart', () => []);
  const values = fromPlain(withSetValues(revision === undefined ? {} : { revision: revision === 'default' ? '' : revision }, settings));
  const { manifests } = renderChart({
    chart,
    values: isMap(values) ? values : new Map(),
    release: { name: 'istiod', namespace: controlPlaneNamespace ?? 'istio-system', revision: 1, isUpgrade: false },
    cluster: CLUSTER,
  });
  const configMaps = [...manifests.values()].flatMap(configMapsIn);
  const textOf = (key: string): { readonly text: string; readonly where: string } | undefined => {
    const text = configMaps.map((body) => stringAt(body, 'data', key)).find((each) => each !== undefined);
    return text === undefined ? undefined : { text, where: `The key "${key}" that the chart "${chart.name}" renders` };
  };
  const [config, injectorValues, mesh] = [textOf('config'), textOf('values'), textOf('mesh')];
  if (config && injectorValues) return { config, values: injectorValues, mesh };
  throw new MeshctlError('E_INJECT', `The chart "${chart.name}" renders no ConfigMap of an injector.`, {
    hint: "Give Istio's chart istiod.",
  });
}

/** Other manifests of the chart may be parsed only with values that nobody gave. */
function configMapsIn(text: string): readonly Body[] {
  if (!/^kind: ConfigMap$/m.test(text)) return [];
  return splitDocuments(text)
    .map((part) => parseYamlValue(part.text))
    .filter(isBody)
    .filter((body) => /^istio(?:-sidecar-injector)?(?:-|$)/.test(stringAt(body, 'metadata', 'name') ?? ''));
}

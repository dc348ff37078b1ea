/** What the charts of Kuma and Istio render to, as their own tests expect it; hashes of rendered text included. */
import { describe, expect, it } from 'vitest';
import { STANDARD_API_VERSIONS } from '../../src/template/chart/api-versions.ts';
import { mapFrom } from '../../src/template/chart/chart.ts';
import { renderChart } from '../../src/template/chart/render.ts';
import { mergeMaps } from '../../src/template/chart/values.ts';
import { fromPlain, type GoMap, isMap } from '../../src/template/value.ts';
import { caseFile, casesOf, chartAt, type Manifest, manifestsIn } from './charts.ts';

interface KumaCase {
  readonly id: string;
  readonly valuesFile: string;
  readonly goldenFile: string;
}

const kumaCases = casesOf<KumaCase>('charts-kuma', 'kumahq+kuma');

/** kumactl strips what tells versions apart, after hashes are made. */
const VERSIONED = /\n+^.*(?:app\.kubernetes\.io\/managed-by|helm\.sh\/chart|app\.kubernetes\.io\/version).*$/gm;
const byName = (left: Manifest, right: Manifest): number => (keyOf(left) < keyOf(right) ? -1 : 1);
const keyOf = ({ kind, namespace, name }: Manifest): string => `${kind} ${namespace ?? ''}/${name}`;

describe.skipIf(kumaCases.length === 0)('kumactl install control-plane', () => {
  it.each(kumaCases)('$id', ({ valuesFile, goldenFile }) => {
    const overrides = fromPlain(JSON.parse(caseFile('charts-kuma/cases.json')).semantics.overrideValues) as GoMap;
    const { manifests } = renderChart({
      chart: chartAt('kumahq+kuma', 'deployments/charts/kuma', /^templates\/(?:pre|post)-/),
      values: mergeMaps(overrides, mapFrom(caseFile(`charts-kuma/${valuesFile}`), valuesFile)),
      release: { name: 'kuma', namespace: 'kuma-system', revision: 1, isUpgrade: false },
      cluster: { kubeVersion: 'v1.20.0', apiVersions: STANDARD_API_VERSIONS },
    });
    const yaml = [...manifests].filter(([name]) => name.endsWith('yaml')).map(([, text]) => text.replace(VERSIONED, ''));
    const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: kuma-system, labels: {kuma.io/sidecar-injection: "false"}}';
    const [ours, theirs] = [manifestsIn([namespace, ...yaml]), manifestsIn([caseFile(`charts-kuma/${goldenFile}`)])];
    expect(ours.toSorted(byName).map(keyOf)).toEqual(theirs.toSorted(byName).map(keyOf));
    expect(ours.toSorted(byName).map(({ body }) => body)).toEqual(theirs.toSorted(byName).map(({ body }) => body));
  });
});

interface IstioCase {
  readonly id: string;
  readonly chart: string;
  readonly releaseName: string;
  readonly namespace: string;
  readonly isUpgrade: boolean;
  readonly diffSelect: string;
  readonly valuesFile: string;
  readonly wantFile: string;
}

const istioCases = casesOf<IstioCase>('charts-istio', 'istio+istio');

describe.skipIf(istioCases.length === 0)('the charts of Istio', () => {
  it.each(istioCases)('$id', ({ chart, releaseName, namespace, isUpgrade, diffSelect, valuesFile, wantFile }) => {
    const spec = mapFrom(caseFile(`charts-istio/${valuesFile}`), valuesFile).get('spec');
    const values = isMap(spec) ? spec.get('values') : undefined;
    const { manifests } = renderChart({
      chart: chartAt('istio+istio', chart),
      values: isMap(values) ? values : new Map(),
      release: { name: releaseName, namespace, revision: 1, isUpgrade },
      cluster: { kubeVersion: 'v1.32.0', apiVersions: STANDARD_API_VERSIONS },
    });
    const [kind, , name] = diffSelect.split(':');
    const selected = manifestsIn(manifests.values()).filter((each) => each.kind === kind && each.name === name);
    const text = selected.map((each) => each.text).join('\n---\n');
    expect(text).toBe(caseFile(`charts-istio/${wantFile}`).trim());
  });
});

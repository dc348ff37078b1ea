/** Charts with their values → releases as they are to be. */

import { MeshctlError } from '../errors.ts';
import { assertInstallable } from '../install/installable.ts';
import { sortManifests, splitManifests } from '../install/manifests.ts';
import type { StoredChart } from '../install/release.ts';
import type { WantedRelease } from '../install/release-run.ts';
import { itemsAt, stringAt } from '../model/body.ts';
import type { Cluster as LiveCluster } from '../model/cluster.ts';
import type { Component } from '../model/install.ts';
import { kindOf, type Resource } from '../model/resource.ts';
import { textOf } from '../template/bytes.ts';
import { STANDARD_API_VERSIONS } from '../template/chart/api-versions.ts';
import type { Chart } from '../template/chart/chart.ts';
import type { Cluster } from '../template/chart/data.ts';
import type { Rendered } from '../template/chart/render.ts';
import { renderChecked } from '../template/chart/render-checked.ts';
import { mergeMaps } from '../template/chart/values.ts';
import { fromValues, readValues, toValues } from '../template/set/values.ts';
import { fromPlain, type GoMap, type Value } from '../template/value.ts';
import { parseYaml } from '../text/yaml.ts';

export interface RenderedComponent {
  readonly component: Component;
  readonly chart: Chart;
  readonly wanted: WantedRelease;
  /** Group versions and kinds that it defines: charts behind it may ask for them. */
  readonly defines: readonly string[];
}

export interface RenderFor {
  readonly cluster: Cluster;
  /** Undefined offline. */
  readonly live: LiveCluster | undefined;
  readonly signal: AbortSignal;
}

/** How many times a chart may ask for objects whose names depend on objects that it asked for. */
const MOST_PASSES = 5;

/** @throws MeshctlError E_CHART, E_VALUES, E_TEMPLATE, E_MANIFEST */
export async function renderComponent(
  component: Component,
  chart: Chart,
  { revision, isUpgrade }: { readonly revision: number; readonly isUpgrade: boolean },
  { cluster, live, signal }: RenderFor,
): Promise<RenderedComponent> {
  assertInstallable(chart, cluster.kubeVersion);
  const values = valuesOf(component, chart);
  const release = { name: component.release, namespace: component.namespace, revision, isUpgrade };
  const known = new Map<string, Value>();
  let rendered: Rendered | undefined;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const asked = new Map<string, Question>();
    const lookup = (apiVersion: string, kind: string, namespace: string, name: string): Value => {
      const key = [apiVersion, kind, namespace, name].join(' ');
      if (!known.has(key)) asked.set(key, { apiVersion, kind, namespace, name });
      return known.get(key) ?? new Map();
    };
    rendered = await renderChecked({ chart, values, release, cluster, ...(live ? { lookup } : {}) });
    if (!live || asked.size === 0) break;
    for (const [key, question] of asked) known.set(key, await looked(live, question, signal));
  }
  if (!rendered) throw new MeshctlError('E_CHART', `Chart "${chart.name}" was not rendered.`);
  const crds = [...rendered.crds.values()].map((text) => `---\n${text.trim()}\n`).join('');
  const wanted = wantedRelease(component, chart, values, rendered, crds);
  return { component, chart, wanted, defines: definedIn(`${crds}${wanted.manifest}`) };
}

/** Files of the chart, then the values of the plan. */
function valuesOf({ valuesFiles = [], values, id }: Component, chart: Chart): GoMap {
  let merged: GoMap = new Map();
  for (const name of valuesFiles) {
    const file = chart.files.find((each) => each.name === name);
    if (!file) {
      throw new MeshctlError(
        'E_CHART',
        `Chart "${chart.name}" of component "${id}" has no file "${name}", which the profile lays over its values.`,
        {
          hint: 'Choose another version of the chart, or another profile.',
        },
      );
    }
    merged = mergeMaps(merged, readValues(textOf(file.data), `${chart.name}/${name}`));
  }
  return mergeMaps(merged, fromValues(values));
}

function wantedRelease(
  { release, namespace, namespaceLabels }: Component,
  chart: Chart,
  values: GoMap,
  rendered: Rendered,
  crds: string,
): WantedRelease {
  const { manifests, hooks } = sortManifests(rendered.manifests);
  return {
    ...{ name: release, namespace, namespaceLabels, crds },
    chart: storedChart(chart),
    values: toValues(values),
    manifest: manifests.map(({ source, text }) => `---\n# Source: ${source}\n${text}\n`).join(''),
    hooks: hooks.map(({ name, kind, source, text, events, weight, deletePolicies }) => ({
      ...{ name, kind, path: source, manifest: text, weight },
      events: [...events],
      deletePolicies: [...deletePolicies],
    })),
    notes: rendered.notes?.trim() ?? '',
  };
}

const base64 = (data: Uint8Array | string): string => Buffer.from(data).toString('base64');

const storedChart = (chart: Chart): StoredChart => ({
  metadata: toValues(chart.metadata),
  templates: chart.templates.map(({ name, data }) => ({ name, data: base64(data) })),
  values: toValues(chart.values),
  schema: chart.schema === undefined ? undefined : base64(chart.schema),
  files: chart.files.map(({ name, data }) => ({ name, data: base64(data) })),
});

interface Question {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** As Helm's `lookup`: the object, or with no name a list. */
async function looked(live: LiveCluster, { apiVersion, kind, namespace, name }: Question, signal: AbortSignal): Promise<Value> {
  const asked = kindOf(apiVersion, kind);
  if (name !== '') {
    const found = await live.get({ kind: asked, namespace, name }, signal);
    return found ? fromPlain(found.body) : new Map();
  }
  const all: Resource[] = [];
  for await (const page of live.list(asked, { namespace: namespace === '' ? undefined : namespace, signal })) all.push(...page);
  return all.length === 0 ? new Map() : fromPlain({ apiVersion, kind: `${kind}List`, items: all.map(({ body }) => body) });
}

/** `networking.istio.io/v1`, and `networking.istio.io/v1/VirtualService`. */
function definedIn(manifest: string): readonly string[] {
  return splitManifests(manifest).flatMap((text) => {
    if (!text.includes('CustomResourceDefinition')) return [];
    const body = parseYaml(text, 'last');
    const group = stringAt(body, 'spec', 'group');
    const kind = stringAt(body, 'spec', 'names', 'kind');
    if (group === undefined || kind === undefined || stringAt(body, 'kind') !== 'CustomResourceDefinition') return [];
    return itemsAt(body, 'spec', 'versions').flatMap(({ item }) => {
      const version = `${group}/${stringAt(item, 'name')}`;
      return [version, `${version}/${kind}`];
    });
  });
}

/** What charts are told of a cluster that is there. */
export async function capabilitiesOf(live: LiveCluster, signal: AbortSignal): Promise<Cluster> {
  const [{ gitVersion }, kinds] = await Promise.all([live.version(signal), live.kinds(signal)]);
  const served = [...kinds.values()].flatMap(({ apiVersion, kind }) => [apiVersion, `${apiVersion}/${kind.slice(kind.indexOf('/') + 1)}`]);
  return { kubeVersion: gitVersion, apiVersions: [...new Set(served)] };
}

/** What Helm takes for the cluster where there is none. */
export const offlineCapabilities = (kubeVersion = 'v1.36.0'): Cluster => ({ kubeVersion, apiVersions: STANDARD_API_VERSIONS });

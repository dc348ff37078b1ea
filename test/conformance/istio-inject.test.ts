/**
 * Istio's own injection cases: the same pods as its webhook makes. The templates come from the istiod chart of the
 * repository and commit that cases.json names; ISTIO_SOURCE is where that is checked out.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inject } from '../../src/mesh/istio/inject/index.ts';
import { at, isBody, itemsAt, objectAt, stringAt } from '../../src/model/body.ts';
import type { InjectOutcome, InjectParameters, InjectRequest } from '../../src/model/inject.ts';
import { resourceOf } from '../../src/model/resource-of.ts';
import type { Body, FieldPath } from '../../src/model/resource.ts';
import { normalPod } from '../../src/mesh/istio/inject/normal-pod.ts';
import { splitDocuments } from '../../src/text/documents.ts';
import { parseYaml } from '../../src/text/yaml.ts';

interface Case {
  readonly id: string;
  readonly inFile: string;
  readonly wantFile?: string;
  readonly setFlags: readonly string[];
  readonly iopFile?: string;
  readonly meshConfigPatch?: Body;
  readonly expectedError?: string;
  readonly expectedLog?: string;
  readonly expectNativeSidecars: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

const folder = fileURLToPath(new URL('../../../shared/cases/istio-inject', import.meta.url));
const source = process.env['ISTIO_SOURCE'] ?? '';
const chartFolder = join(source, 'manifests/charts/istio-control/istio-discovery');
const isThere = existsSync(folder) && source !== '' && existsSync(chartFolder);
const cases: readonly Case[] = isThere ? JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')).cases : [];

if (!isThere) console.warn(`Istio's injection cases are skipped: they need "${folder}" and ISTIO_SOURCE, a checkout of istio/istio.`);

describe.skipIf(!isThere)('the cases of Istio', () => {
  it.each(cases.map((each) => [each.id, each] as const))('%s', async (_, each) => {
    const injector = await inject.open(parametersFor(each));
    const done = documents(each.inFile).flatMap((object) => requestsFor(object).map((request) => ({ request, outcome: injector.inject(request) })));
    if (each.expectedError) {
      expect(done.map(({ outcome }) => outcome.action)).toContain('failed');
      expect(messages(done).toLowerCase()).toContain(each.expectedError);
      return;
    }
    const wanted = documents(each.wantFile ?? '').flatMap(requestsFor);
    expect(done.map(({ request, outcome }) => podIn(outcome.object ?? request.object, request.template))).toEqual(
      wanted.map(({ object, template }) => podIn(object, template)),
    );
    if (each.expectedLog) expect(done.map(({ outcome }) => outcome.reasons[0]?.code)).toContain('host-network');
  });

  it.each(cases.filter(({ expectedError }) => !expectedError).map((each) => [each.id, each] as const))('twice is once: %s', async (_, each) => {
    const injector = await inject.open(parametersFor(each));
    for (const request of documents(each.inFile).flatMap(requestsFor)) {
      const once = injector.inject(request).object ?? request.object;
      const twice = injector.inject({ ...request, object: once });
      expect(twice.object ?? once).toEqual(once);
    }
  });

  it.each(cases.filter(({ expectedError }) => !expectedError).map((each) => [each.id, each] as const))('back and forth: %s', async (_, each) => {
    const injector = await inject.open(parametersFor(each));
    for (const request of documents(each.inFile).flatMap(requestsFor)) {
      const injected = injector.inject(request).object ?? request.object;
      const back = inject.uninject({ ...request, object: injected });
      expect(back.object ?? injected).toEqual(request.object);
    }
  });
});

const messages = (done: readonly { readonly outcome: InjectOutcome }[]): string =>
  done.flatMap(({ outcome }) => outcome.reasons.map(({ message }) => message)).join('\n');

function parametersFor({ setFlags, iopFile, meshConfigPatch, expectNativeSidecars, env }: Case): InjectParameters {
  const settings: Record<string, unknown> = { 'native-sidecars': String(expectNativeSidecars) };
  for (const flag of setFlags) {
    const [path = '', value = ''] = flag.split(/=(.*)/s);
    if (path.startsWith('values.')) settings[path.slice('values.'.length)] = value;
    // What the operator does with the component besides installing it.
    if (path === 'components.cni.enabled') settings['pilot.cni.enabled'] = value;
    if (path === 'values.cni.provider') settings['pilot.cni.provider'] = value;
  }
  if (env?.['ISTIO_PLATFORM']) settings['pilot.env.PLATFORM'] = env['ISTIO_PLATFORM'];
  const values = iopFile ? objectAt(parseYaml(readFileSync(join(source, iopFile), 'utf8')), 'spec', 'values') : {};
  for (const [name, value] of Object.entries(flat(values))) settings[name] = value;
  for (const [name, value] of Object.entries(flat(meshConfigPatch ?? {}))) settings[`meshConfig.${name}`] = value;
  return { manual: true, files: {}, chart: chartFiles(chartFolder), settings };
}

/** `{a: {b: 1}}` as `{'a.b': 1}`. */
function flat(value: Body, prefix = ''): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) =>
      isBody(each) && Object.keys(each).length > 0 ? Object.entries(flat(each, `${prefix}${name}.`)) : [[`${prefix}${name}`, each]],
    ),
  );
}

function chartFiles(path: string): NonNullable<InjectParameters['chart']> {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ name: relative(path, file), data: readFileSync(file) }));
}

const documents = (file: string): readonly Body[] =>
  splitDocuments(readFileSync(join(folder, file), 'utf8')).map(({ text }) => parseYaml(text)).filter(isBody);

const HOME = resourceOf(
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: 'test-ns',
      annotations: {
        'openshift.io/sa.scc.uid-range': '1000620000/10000',
        'openshift.io/sa.scc.supplemental-groups': '1000620000/10000',
      },
    },
  },
  'test-ns',
  { clusterScoped: true, namespace: '', namespaceGiven: false },
);

function requestsFor(object: Body): readonly InjectRequest[] {
  if (object['kind'] === 'List') return itemsAt(object, 'items').flatMap(({ item }) => requestsFor(item));
  const template = ['CronJob', 'Pod'].includes(String(object['kind']))
    ? object['kind'] === 'Pod'
      ? []
      : ['spec', 'jobTemplate', 'spec', 'template']
    : ['spec', 'template'];
  if (!isBody(at(object, [...template, 'spec']))) return [];
  const namespace = stringAt(object, 'metadata', 'namespace') ?? 'default';
  return [{ object, template, namespace, home: namespace === 'test-ns' ? HOME : undefined }];
}

/** As Go's types read it, without what the cases say not to compare. */
function podIn(object: Body, template: FieldPath): unknown {
  const body = objectAt(object, ...template);
  const pod = normalPod({ metadata: body['metadata'] ?? {}, spec: body['spec'] }, 'Pod') as Body;
  const metadata = objectAt(pod, 'metadata');
  const annotations = Object.entries(objectAt(metadata, 'annotations')).map(([name, value]) =>
    name === 'proxy.istio.io/overrides' ? [name, JSON.parse(String(value))] : [name, value],
  );
  return withoutEmptyResources({ spec: pod['spec'], metadata: { ...metadata, annotations: Object.fromEntries(annotations) } });
}

function withoutEmptyResources(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyResources);
  if (!isBody(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, each]) => !(name === 'resources' && isBody(each) && Object.keys(each).length === 0))
      .map(([name, each]) => [name, withoutEmptyResources(each)]),
  );
}

/** Istio's own injection cases: the same pods as its webhook makes with the templates of the istiod chart. */
import { describe, expect, it } from 'vitest';
import { inject } from '../../src/mesh/istio/inject/index.ts';
import { normalPod } from '../../src/mesh/istio/inject/normal-pod.ts';
import { at, isBody, itemsAt, objectAt, stringAt } from '../../src/model/body.ts';
import type { InjectOutcome, InjectParameters, InjectRequest } from '../../src/model/inject.ts';
import type { Body, FieldPath } from '../../src/model/resource.ts';
import { resourceOf } from '../../src/model/resource-of.ts';
import { splitDocuments } from '../../src/text/documents.ts';
import { parseYaml } from '../../src/text/yaml.ts';
import { caseFile, casesOf, chartFilesAt, repositoryFile } from './charts.ts';

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

const REPOSITORY = 'istio+istio';
const CHART = 'manifests/charts/istio-control/istio-discovery';

const cases = casesOf<Case>('istio-inject', REPOSITORY);
const accepted = cases.filter(({ expectedError }) => !expectedError);
const named = (list: readonly Case[]): readonly { readonly name: string; readonly each: Case }[] =>
  list.map((each) => ({ name: each.id, each }));

describe.skipIf(cases.length === 0)('the cases of Istio', () => {
  it.each(named(cases))('$name', async ({ each }) => {
    const done = await injected(each);
    if (each.expectedError) {
      const messages = done.flatMap(({ outcome }) => outcome.reasons.map(({ message }) => message.toLowerCase()));
      expect(messages.join('\n')).toContain(ANNOTATIONS[each.expectedError] ?? each.expectedError);
      expect(done.map(({ outcome }) => outcome.action)).toContain('failed');
      return;
    }
    const seen = REBUILT.has(each.id) ? withoutProxy : (pod: unknown): unknown => pod;
    expect(done.map(({ request, after }) => seen(podIn(after, request.template)))).toEqual(
      requestsIn(each.wantFile ?? '').map(({ object, template }) => seen(podIn(object, template))),
    );
    if (each.expectedLog) expect(done.map(({ outcome }) => outcome.reasons[0]?.code)).toContain('host-network');
  });

  it.each(named(accepted))('$name: twice is once', async ({ each }) => {
    const injector = await inject.open(parametersFor(each));
    for (const { request, after } of await injected(each)) {
      expect(injector.inject({ ...request, object: after }).object ?? after).toEqual(after);
    }
  });

  it.each(named(accepted.filter(({ id }) => !KEPT.has(id))))('$name: uninjected is as before', async ({ each }) => {
    for (const { request, after } of await injected(each)) {
      const back = inject.uninject({ ...request, object: after }).object ?? after;
      expect(podIn(back, request.template)).toEqual(podIn(request.object, request.template));
    }
  });
});

/**
 * The input was injected before, by a version that had no native sidecars. Istio takes that proxy for the user's own
 * and lays it over the new one, with what it says of the application's containers as they were then.
 */
const REBUILT: ReadonlySet<string> = new Set(['inject-056 merge-probers.yaml.injected']);

/** What cannot be known from the injected pod: annotations of a template of one's own, and the user that OpenShift assigned. */
const KEPT: ReadonlySet<string> = new Set([
  'inject-053 custom-template.yaml.injected',
  'inject-056 merge-probers.yaml.injected',
  'inject-061 hello-openshift-custom-injection.yaml.injected',
]);

/** Istio names the parameter, meshctl the annotation. */
const ANNOTATIONS: Readonly<Record<string, string>> = { includeipranges: 'includeoutboundipranges' };

interface Done {
  readonly request: InjectRequest;
  readonly outcome: InjectOutcome;
  readonly after: Body;
}

async function injected(each: Case): Promise<readonly Done[]> {
  const injector = await inject.open(parametersFor(each));
  return requestsIn(each.inFile).map((request) => {
    const outcome = injector.inject(request);
    return { request, outcome, after: outcome.object ?? request.object };
  });
}

/** What the operator sets in the chart for what the case says. */
function parametersFor({ setFlags, iopFile, meshConfigPatch, expectNativeSidecars, env }: Case): InjectParameters {
  const flags = setFlags.map((flag) => {
    const [path = '', value = ''] = flag.split(/=(.*)/s);
    return [path.replace(/^(?:components|values)\.cni\./, 'pilot.cni.').replace(/^values\./, ''), value] as const;
  });
  const iop = iopFile ? objectAt(parseYaml(repositoryFile(REPOSITORY, iopFile)), 'spec', 'values') : {};
  const settings = {
    'native-sidecars': String(expectNativeSidecars),
    ...Object.fromEntries(flags),
    ...paths(iop),
    ...paths({ meshConfig: meshConfigPatch ?? {} }),
    ...(env?.['ISTIO_PLATFORM'] ? { 'pilot.env.PLATFORM': env['ISTIO_PLATFORM'] } : {}),
  };
  return { manual: true, files: {}, chart: chartFilesAt(REPOSITORY, CHART), settings };
}

/** `{a: {b: 1}}` as `{'a.b': 1}`. */
function paths(value: Body, prefix = ''): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) =>
      isBody(each) && Object.keys(each).length > 0 ? Object.entries(paths(each, `${prefix}${name}.`)) : [[`${prefix}${name}`, each]],
    ),
  );
}

const requestsIn = (file: string): readonly InjectRequest[] =>
  splitDocuments(caseFile(`istio-inject/${file}`))
    .map(({ text }) => parseYaml(text))
    .filter(isBody)
    .flatMap(requestsFor);

const RANGE = '1000620000/10000';

const HOME = resourceOf(
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { annotations: { 'openshift.io/sa.scc.uid-range': RANGE, 'openshift.io/sa.scc.supplemental-groups': RANGE } },
  },
  'test-ns',
  { clusterScoped: true, namespace: '', namespaceGiven: false },
);

const TEMPLATES: Readonly<Record<string, FieldPath>> = { Pod: [], CronJob: ['spec', 'jobTemplate', 'spec', 'template'] };

function requestsFor(object: Body): readonly InjectRequest[] {
  if (object['kind'] === 'List') return itemsAt(object, 'items').flatMap(({ item }) => requestsFor(item));
  const template = TEMPLATES[String(object['kind'])] ?? ['spec', 'template'];
  if (!isBody(at(object, [...template, 'spec']))) return [];
  const namespace = stringAt(object, 'metadata', 'namespace') ?? 'default';
  return [{ object, template, namespace, home: namespace === 'test-ns' ? HOME : undefined }];
}

/** As Go's types read it. istioctl writes the metadata of a CronJob's pods a level too high, where no pod gets it from. */
function podIn(object: Body, template: FieldPath): unknown {
  const body = objectAt(object, ...template);
  const own = objectAt(body, 'metadata');
  const above = objectAt(object, 'spec', 'jobTemplate', 'metadata');
  const pod = normalPod({ metadata: Object.keys(own).length > 0 ? own : above, spec: body['spec'] }, 'Pod') as Body;
  const metadata = objectAt(pod, 'metadata');
  const annotations = Object.entries(objectAt(metadata, 'annotations')).map(([name, value]) =>
    name === 'proxy.istio.io/overrides' ? [name, JSON.parse(String(value))] : [name, value],
  );
  const isEmpty = (name: string, each: unknown): boolean => name === 'resources' && isBody(each) && Object.keys(each).length === 0;
  const whole = { spec: pod['spec'], metadata: { ...metadata, annotations: Object.fromEntries(annotations) } };
  return mapped(whole, { isKept: (name, each) => !isEmpty(name, each) });
}

const withoutProxy = (value: unknown): unknown =>
  mapped(value, { change: (list) => list.filter((item) => !(isBody(item) && item['name'] === 'istio-proxy')) });

/** The value with other lists and without some fields, everywhere. */
function mapped(
  value: unknown,
  how: { change?(list: readonly unknown[]): readonly unknown[]; isKept?(name: string, each: unknown): boolean },
): unknown {
  const { change = (list) => list, isKept = () => true } = how;
  if (Array.isArray(value)) return change(value).map((item) => mapped(item, how));
  if (!isBody(value)) return value;
  const kept = Object.entries(value).filter(([name, each]) => isKept(name, each));
  return Object.fromEntries(kept.map(([name, each]) => [name, mapped(each, how)]));
}

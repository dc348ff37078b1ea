import { describe, expect, it } from 'vitest';
import { MeshctlError } from '../../../../src/errors.ts';
import { inject } from '../../../../src/mesh/istio/inject/index.ts';
import { objectAt } from '../../../../src/model/body.ts';
import type { InjectParameters } from '../../../../src/model/inject.ts';
import type { Body, Resource } from '../../../../src/model/resource.ts';
import { resourceOf } from '../../../../src/model/resource-of.ts';
import { configText, container, deployment, envOf, injected, parameters, requestFor, VALUES } from './injectors.ts';

const bare = (more: Partial<InjectParameters>): InjectParameters => ({ manual: true, files: {}, settings: {}, ...more });

const failureOf = (given: InjectParameters): Promise<MeshctlError> =>
  inject.open(given).then(
    () => expect.fail('it opens'),
    (error: unknown) => (error instanceof MeshctlError ? error : Promise.reject(error)),
  );

const resource = (apiVersion: string, kind: string, name: string, body: Body, namespace = ''): Resource =>
  resourceOf({ apiVersion, kind, ...body, metadata: { name, namespace, ...objectAt(body, 'metadata') } }, name, {
    clusterScoped: namespace === '',
    namespace,
    namespaceGiven: true,
  });

const SYSTEM = 'istio-system';

function controlPlane(revision = '', values: Body = VALUES): readonly Resource[] {
  const suffix = revision && `-${revision}`;
  return [
    resource(
      'v1',
      'ConfigMap',
      `istio-sidecar-injector${suffix}`,
      { data: { config: configText(), values: JSON.stringify(values) } },
      SYSTEM,
    ),
    resource('v1', 'ConfigMap', `istio${suffix}`, { data: { mesh: 'defaultConfig: {concurrency: 3}' } }, SYSTEM),
  ];
}

function clusterOf(resources: readonly Resource[], refused: readonly string[] = []): NonNullable<InjectParameters['live']> {
  const of = (kind: string): readonly Resource[] => {
    if (refused.includes(kind)) throw new MeshctlError('E_FORBIDDEN', `You may not read "${kind}".`);
    return resources.filter((each) => each.kind === kind);
  };
  return {
    get: async ({ kind, namespace, name }) => of(kind).find((each) => each.namespace === namespace && each.name === name),
    list: async (kind, namespace) => of(kind).filter((each) => namespace === undefined || each.namespace === namespace),
  };
}

const webhook = (name: string, labels: Body, service: Body): Resource =>
  resource('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', name, {
    metadata: { labels },
    webhooks: [
      {
        name: 'rev.namespace.sidecar-injector.istio.io',
        clientConfig: { service: { name: 'istiod', namespace: SYSTEM, ...service } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
    ],
  });

const node = (name: string, version: string): Resource =>
  resource('v1', 'Node', name, { status: { nodeInfo: { kubeletVersion: version } } });

async function podWith(given: InjectParameters, spec: Body = {}): Promise<Body> {
  return injected((await inject.open(given)).inject(requestFor(deployment(spec))));
}

const isNative = (pod: Body): boolean => objectAt(pod, 'spec')['initContainers'] !== undefined;

describe('the injector from files', () => {
  it('is told what is missing', async () => {
    const nothing = await failureOf(bare({}));
    expect([nothing.code, nothing.message]).toEqual([
      'E_INJECT',
      `Istio's injector is not configured: "--injector-config" and "--injector-values" are missing.`,
    ]);
    const { files } = parameters();
    const { 'injector-values': _, ...others } = files;
    expect((await failureOf(bare({ files: others }))).message).toContain('"--injector-values" is missing.');
  });

  it.each([
    ['injector-config', 'policy: enabled', '"x.yaml" has no injection templates.'],
    ['injector-values', '{', '"x.yaml" cannot be read: line 1: '],
    ['injector-values', '[]', '"x.yaml" is no YAML mapping.'],
    ['mesh-config', 'a: ]', '"x.yaml" cannot be read: line 1: '],
  ])('names the file that is wrong: --%s', async (flag, text, message) => {
    const given = parameters();
    const failure = await failureOf({ ...given, files: { ...given.files, [flag]: { path: 'x.yaml', text } } });
    expect([failure.code, failure.message.startsWith(message) ? message : failure.message]).toEqual(['E_INJECT', message]);
  });

  it('takes a file of nothing but the template', async () => {
    const pod = await podWith(parameters({ config: 'spec: {containers: [{name: istio-proxy, image: "{{ .ProxyImage }}"}]}' }));
    expect(container(pod, 'istio-proxy')).toMatchObject({ image: 'example.com/istio/proxyv2:1.30.0' });
  });

  it('refuses a value of a flag that means nothing', async () => {
    const failure = await failureOf(parameters({ settings: { 'native-sidecars': 'sometimes' } }));
    expect(failure.message).toBe('"sometimes" is no value of "--native-sidecars".');
  });
});

describe('the injector from a chart', () => {
  const chart = (templates: Readonly<Record<string, string>>): InjectParameters['chart'] =>
    Object.entries({
      'Chart.yaml': 'apiVersion: v2\nname: istiod\nversion: 1.0.0\n',
      'values.yaml': 'global: {tag: one}\nrevision: ""\n',
      ...templates,
    }).map(([name, text]) => ({ name, data: Buffer.from(text) }));
  const configMap = (name: string, data: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${data}`;

  it('reads what the chart renders, with the values that are set', async () => {
    const templates = {
      'templates/injector.yaml': configMap(
        'istio-sidecar-injector',
        `  values: |-\n    {{ pick .Values "global" "revision" | toJson }}\n  config: |-\n    policy: enabled\n    templates:\n      sidecar: |\n        metadata: {annotations: {rev: "{{ "{{ .Revision }}" }}"}}\n        spec: {containers: [{name: istio-proxy, image: "{{ "{{ .ProxyImage }}" }}"}]}\n`,
      ),
      'templates/mesh.yaml': configMap('istio', '  mesh: "enablePrometheusMerge: false"\n'),
      'templates/other.yaml': 'kind: Deployment\nspec: {{ .Values.unset }}: :\n',
    };
    const pod = await podWith(bare({ chart: chart(templates), revision: 'canary', settings: { 'global.hub': 'h', 'global.tag': '7' } }));
    expect(container(pod, 'istio-proxy')).toMatchObject({ image: 'h/proxyv2:7' });
    expect(objectAt(pod, 'metadata', 'annotations')).toMatchObject({ rev: 'canary' });
    expect(objectAt(pod, 'metadata', 'annotations')['prometheus.io/port']).toBeUndefined();
  });

  it('says when the chart is another one', async () => {
    const failure = await failureOf(bare({ chart: chart({ 'templates/a.yaml': configMap('a', '  b: c\n') }) }));
    expect(failure.message).toBe('The chart "istiod" renders no ConfigMap of an injector.');
  });
});

describe('the injector of a cluster', () => {
  it('is read from its ConfigMaps', async () => {
    const pod = await podWith(bare({ live: clusterOf(controlPlane()) }));
    expect(container(pod, 'istio-proxy')).toMatchObject({ image: 'example.com/istio/proxyv2:1.30.0' });
    expect(envOf(pod, 'PROXY_CONFIG')).toBe('{"concurrency":3}');
  });

  it('is that of the revision, or of the one that a tag means', async () => {
    const cluster = clusterOf([
      ...controlPlane('1-31', { ...VALUES, global: { hub: 'h', tag: '1.31.0' } }),
      webhook('istio-revision-tag-prod', { 'istio.io/rev': '1-31', 'istio.io/tag': 'prod' }, {}),
    ]);
    for (const revision of ['1-31', 'prod']) {
      const pod = await podWith(bare({ live: cluster, revision }));
      expect(container(pod, 'istio-proxy')).toMatchObject({ image: 'h/proxyv2:1.31.0' });
      expect(objectAt(pod, 'metadata', 'annotations')).toMatchObject({ 'istio.io/rev': '1-31' });
    }
    const failure = await failureOf(bare({ live: cluster }));
    expect([failure.message, failure.hint]).toEqual([
      'Revision "default" of Istio has no injector in namespace "istio-system".',
      'The cluster has the revision "1-31" in namespace "istio-system".',
    ]);
  });

  it('may be configured by files all the same', async () => {
    const given = { ...parameters(), live: clusterOf([]) };
    expect(container(await podWith(given), 'istio-proxy')).toMatchObject({ image: 'example.com/istio/proxyv2:1.30.0' });
  });

  it('makes native sidecars where every node can run them', async () => {
    const nativeWith = async (...nodes: readonly Resource[]): Promise<boolean> =>
      isNative(await podWith(bare({ live: clusterOf([...controlPlane(), ...nodes]) })));
    expect(await nativeWith(node('a', 'v1.33.1'), node('b', 'v1.34.0-eks-1'))).toBe(true);
    expect(await nativeWith(node('a', 'v1.33.1'), node('b', 'v1.32.9'))).toBe(false);
    const bound = await podWith(bare({ live: clusterOf([...controlPlane(), node('a', 'v1.33.1'), node('b', 'v1.32.9')]) }), {
      nodeName: 'a',
    });
    expect(isNative(bound)).toBe(true);
  });

  it('goes by what istiod is told about native sidecars', async () => {
    const env = [{ name: 'ENABLE_NATIVE_SIDECARS', value: 'false' }];
    const istiod = resource(
      'apps/v1',
      'Deployment',
      'istiod',
      { spec: { template: { spec: { containers: [{ name: 'discovery', env }] } } } },
      SYSTEM,
    );
    expect(isNative(await podWith(bare({ live: clusterOf([...controlPlane(), istiod]) })))).toBe(false);
    const old = { ...VALUES, global: { ...VALUES.global, tag: '1.26.3' } };
    expect(isNative(await podWith(bare({ live: clusterOf(controlPlane('', old)) })))).toBe(false);
  });

  it('is found without the right to read what belongs to the cluster', async () => {
    const refused = [
      'apps/Deployment',
      'core/Node',
      'networking.istio.io/ProxyConfig',
      'admissionregistration.k8s.io/MutatingWebhookConfiguration',
    ];
    expect(isNative(await podWith(bare({ live: clusterOf(controlPlane(), refused) })))).toBe(true);
  });

  it('lays ProxyConfigs over the configuration of the mesh', async () => {
    const config = (name: string, namespace: string, spec: Body): Resource =>
      resource('networking.istio.io/v1beta1', 'ProxyConfig', name, { spec }, namespace);
    const cluster = clusterOf([
      ...controlPlane(),
      config('root', SYSTEM, { environmentVariables: { A: 'root', B: 'root' }, image: { imageType: 'debug' } }),
      config('ours', 'shop', { environmentVariables: { B: 'shop' } }),
      config('web', 'shop', { selector: { matchLabels: { app: 'web' } }, concurrency: 0 }),
      config('other', 'other', { concurrency: 9 }),
    ]);
    const pod = await podWith(bare({ live: cluster }));
    expect(JSON.parse(String(envOf(pod, 'PROXY_CONFIG')))).toEqual({
      concurrency: 0,
      proxyMetadata: { A: 'root', B: 'shop' },
      image: { imageType: 'debug' },
    });
    expect(container(pod, 'istio-proxy')).toMatchObject({ image: 'example.com/istio/proxyv2:1.30.0-debug' });
  });

  it('tells the proxy of the cluster that the path of the webhook names', async () => {
    const hook = webhook('istio-sidecar-injector', { 'istio.io/rev': 'default' }, { path: '/inject/cluster/east/net/a--slash--b' });
    const pod = await podWith(bare({ live: clusterOf([...controlPlane(), hook]) }));
    expect([envOf(pod, 'ISTIO_META_CLUSTER_ID'), envOf(pod, 'ISTIO_META_NETWORK')]).toEqual(['east', 'a/b']);
  });
});

describe('the marks of a namespace', () => {
  it('name the revision, or turn injection on', () => {
    expect(inject.namespaceMarks?.({})).toEqual({ labels: { 'istio-injection': 'enabled', 'istio.io/rev': null } });
    expect(inject.namespaceMarks?.({ revision: 'canary' })).toEqual({ labels: { 'istio-injection': null, 'istio.io/rev': 'canary' } });
  });
});

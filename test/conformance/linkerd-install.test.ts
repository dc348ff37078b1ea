/**
 * What Linkerd's charts render to, against the goldens of `linkerd install` and its extensions. The CLI adds one object
 * of its own, the Secret with the values that differ from the defaults, and it calls the releasing service "CLI".
 */
import { describe, expect, it } from 'vitest';
import { STANDARD_API_VERSIONS } from '../../src/template/chart/api-versions.ts';
import { mapFrom } from '../../src/template/chart/chart.ts';
import { renderChart } from '../../src/template/chart/render.ts';
import { mergeMaps } from '../../src/template/chart/values.ts';
import { type GoMap, isMap, type Value } from '../../src/template/value.ts';
import { caseFile, casesOf, chartAt, type Manifest, manifestsIn } from './charts.ts';

interface Case {
  readonly id: string;
  readonly suite: string;
  readonly title: string;
  readonly config?: { readonly overrides?: Readonly<Record<string, unknown>> };
  readonly expected: { readonly stdout?: { readonly path: string } };
}

const FILES = 'linkerd/files/cli/cmd/testdata';

/** Values of every test of `linkerd install`. */
const installValues = (golden: readonly Manifest[]): string => `
linkerdVersion: install-control-plane-version
cliVersion: linkerd/cli dev-undefined
heartbeatSchedule: 1 2 3 4 5
proxy: {image: {version: install-proxy-version}}
debugContainer: {image: {version: install-debug-version}}
identityTrustAnchorsPEM: ${JSON.stringify(caseFile(`${FILES}/valid-trust-anchors.pem`))}
identity: {issuer: {tls: {crtPEM: ${JSON.stringify(caseFile(`${FILES}/valid-crt.pem`))}, keyPEM: ${JSON.stringify(keyIn(golden))}}}}
proxyInjector: {externalSecret: true, caBundle: proxy injector CA bundle}
profileValidator: {externalSecret: true, caBundle: profile validator CA bundle}
policyValidator: {externalSecret: true, caBundle: policy validator CA bundle}
`;

/** The cases leave the private key out, which stands in the expected output. */
function keyIn(golden: readonly Manifest[]): string {
  const issuer = golden.find(({ kind, name }) => kind === 'Secret' && name === 'linkerd-identity-issuer');
  const body = issuer?.body as { readonly data: Readonly<Record<string, string>> } | undefined;
  return Buffer.from(body?.data['key.pem'] ?? '', 'base64').toString();
}

const all = casesOf<Case>('linkerd', 'linkerd+linkerd2');
const installs = all.filter(({ suite, id }) => suite === 'install-render' && id !== 'install-01');

/** `a.b.c` and a value, as a map. */
const nested = (path: string, value: Value): GoMap =>
  path.split('.').reduceRight<Value>((inner, key) => new Map([[key, inner]]), value) as GoMap;

const order = (left: Manifest, right: Manifest): number => (keyOf(left) < keyOf(right) ? -1 : 1);
const keyOf = ({ kind, namespace, name }: Manifest): string => `${kind} ${namespace ?? ''}/${name}`;

/** The CLI reads the defaults into a struct of Go, which knows no such fields; what they say gets lost there. */
const UNKNOWN =
  /^(?!proxy\.|spValidator\.).*\.(?:livenessProbe|readinessProbe)$|^proxyInjector\.objectSelector$|^(?:controller|spValidator)Resources$/;

const known = (map: GoMap, path = ''): GoMap =>
  new Map(
    [...map]
      .filter(([key]) => !UNKNOWN.test(path + key))
      .map(([key, value]) => [key, isMap(value) ? known(value, `${path}${key}.`) : value]),
  );

/** The ConfigMap quotes all values, which the CLI passes through a struct of Go that adds what is empty. */
function bodyOf({ kind, name, body }: Manifest): unknown {
  if (kind !== 'ConfigMap' || name !== 'linkerd-config') return body;
  return { ...(body as object), data: {} };
}

describe.skipIf(installs.length === 0)('linkerd install', () => {
  it.each(installs)('$id $title', ({ title, config, expected }) => {
    const golden = manifestsIn([caseFile(`linkerd/files/${expected.stdout?.path}`)]).filter(
      ({ name }) => name !== 'linkerd-config-overrides',
    );
    const chart = chartAt('linkerd+linkerd2', 'charts/linkerd-control-plane');
    const overrides = Object.entries(config?.overrides ?? {}).filter(([key]) => key !== 'highAvailability');
    const ha = title.includes('_ha_') ? chart.files.find(({ name }) => name === 'values-ha.yaml') : undefined;
    const layers = [
      ...(ha ? [known(mapFrom(Buffer.from(ha.data).toString(), 'values-ha.yaml'))] : []),
      mapFrom(installValues(golden), 'values'),
      ...overrides.map(([path, value]) => nested(path, value as Value)),
    ];
    const { manifests } = renderChart({
      chart: { ...chart, values: known(chart.values) },
      values: layers.reduce(mergeMaps, new Map()),
      release: { name: 'linkerd', namespace: 'linkerd', revision: 1, isUpgrade: false, service: 'CLI' },
      cluster: { kubeVersion: 'v1.33.0', apiVersions: STANDARD_API_VERSIONS },
    });
    const ours = manifestsIn(manifests.values());
    expect(ours.toSorted(order).map(keyOf)).toEqual(golden.toSorted(order).map(keyOf));
    expect(ours.toSorted(order).map(bodyOf)).toEqual(golden.toSorted(order).map(bodyOf));
  });
});

/** Chart, namespace and values of the cases of extensions. */
const EXTENSIONS: Readonly<Record<string, readonly [chart: string, namespace: string, values: string]>> = {
  'viz-install-1': ['viz/charts/linkerd-viz', 'linkerd-viz', 'prometheus: {args: {log.level: debug}}'],
  'viz-install-2': ['viz/charts/linkerd-viz', 'linkerd-viz', 'prometheus: {enabled: false}\nprometheusUrl: external-prom.com'],
  'viz-install-4': [
    'viz/charts/linkerd-viz',
    'linkerd-viz',
    `{defaultLogLevel: debug, defaultUID: 1234, defaultGID: 1234, defaultRegistry: gcr.io/linkerd, grafana: {url: "grafana.grafana:3000"},
      tap: {logLevel: info, UID: 5678, GID: 5678, image: {registry: cr.l5d.io/linkerd, tag: stable-9.2}}}`,
  ],
  'mc-install-0': ['multicluster/charts/linkerd-multicluster', 'linkerd-multicluster', ''],
  'mc-install-3': [
    'multicluster/charts/linkerd-multicluster',
    'linkerd-multicluster',
    'gateway: {serviceType: LoadBalancer, serviceExternalTrafficPolicy: Local, healthCheckNodePort: 30000}',
  ],
  'install-crds-0': ['charts/linkerd-crds', 'linkerd', 'installGatewayAPI: false'],
};

/** Values of every test but those of multicluster. */
const PINNED = `
tap: {externalSecret: true, caBundle: test-tap-ca-bundle}
tapInjector: {externalSecret: true, caBundle: test-tap-ca-bundle}
linkerdVersion: dev-undefined
cliVersion: linkerd/cli dev-undefined
`;

const extensions = all.filter(({ id }) => EXTENSIONS[id]);

describe.skipIf(extensions.length === 0)('linkerd viz install and others', () => {
  it.each(extensions)('$id $title', ({ id, expected }) => {
    const [path, namespace, values] = EXTENSIONS[id] ?? ['', '', ''];
    const { manifests } = renderChart({
      // The CLI labels its namespaces itself.
      chart: chartAt('linkerd+linkerd2', path, /namespace-metadata/),
      values: mergeMaps(mapFrom(id.startsWith('mc-') ? '' : PINNED, 'values'), mapFrom(values, 'values')),
      release: { name: 'linkerd', namespace, revision: 1, isUpgrade: false, service: 'CLI' },
      cluster: { kubeVersion: 'v1.33.0', apiVersions: STANDARD_API_VERSIONS },
    });
    const [ours, golden] = [manifestsIn(manifests.values()), manifestsIn([caseFile(`linkerd/files/${expected.stdout?.path}`)])];
    expect(ours.toSorted(order).map(keyOf)).toEqual(golden.toSorted(order).map(keyOf));
    expect(ours.toSorted(order).map(bodyOf)).toEqual(golden.toSorted(order).map(bodyOf));
  });
});

import { describe, expect, it } from 'vitest';
import { injectionFunctions } from '../../../../src/mesh/istio/inject/functions.ts';
import { kubeObject, textMap } from '../../../../src/mesh/istio/inject/kube-object.ts';
import { message } from '../../../../src/mesh/istio/inject/message.ts';
import { PROXY_CONFIG_FIELDS, PROXY_CONFIG_TYPE } from '../../../../src/mesh/istio/inject/proxy-config.ts';
import { compileTemplate } from '../../../../src/template/engine.ts';
import { fromPlain, type Value } from '../../../../src/template/value.ts';

const own = injectionFunctions({ environment: new Map([['SET', 'yes']]), enrichesServices: true });

const evaluate = (expression: string, data: Readonly<Record<string, Value>> = {}): string =>
  compileTemplate('t', `{{ ${expression} }}`, own)(new Map(Object.entries(data)));

const PORTS = [
  { name: 'http', containerPort: 80 },
  { containerPort: 53, protocol: 'UDP' },
  { containerPort: 90, protocol: 'TCP' },
];
const pod = kubeObject(
  { containers: [{ name: 'app', image: 'registry:5000/app:1.2@sha256:ab', ports: PORTS }, { name: 'istio-proxy' }] },
  'PodSpec',
);
const meta = kubeObject({ annotations: { a: '1' } }, 'ObjectMeta');

describe('functions of injection templates', () => {
  it.each([
    ['excludeInboundPort 15020 ""', '15020'],
    ['excludeInboundPort "0" "4"', '4'],
    // The blank keeps the injector from seeing that the port is there.
    ['excludeInboundPort 5 "4, 5"', '4,5,5'],
    ['excludeInboundPort 5 "4,5"', '4,5'],
    ['includeInboundPorts .spec.Containers', '80,90'],
    ['applicationPorts .spec.Containers', '80,90'],
    ['annotation .meta "a" 7', '1'],
    ['annotation .meta "b" 7', '7'],
    ['annotation .meta "b" .missing', '<nil>'],
    ['isset .meta.Annotations "a"', 'true'],
    ['valueOrDefault "" "x"', 'x'],
    ['valueOrDefault .missing "x"', 'x'],
    ['toJSON .meta.Annotations', '{"a":"1"}'],
    ['index (fromJSON `{"x": [1]}`) "x"', '[1]'],
    ['fromJSON "no"', '{}'],
    [
      'structToJSON (index .spec.Containers 0).Ports',
      '[{"name":"http","containerPort":80},{"containerPort":53,"protocol":"UDP"},{"containerPort":90,"protocol":"TCP"}]',
    ],
    ['structToJSON (index (index .spec.Containers 0).Ports 0)', '{"name":"http","containerPort":80}'],
    ['structToJSON nil', '{}'],
    ['toYaml (dict "b" 1 "a" "x") | indent 2', 'a: x\n  b: 1\n  '],
    ['directory "/etc/certs/a.pem"', '/etc/certs/'],
    ['contains "/" "a/b"', 'true'],
    ['toLower "AbC"', 'abc'],
    ['env "SET" "no"', 'yes'],
    ['env "UNSET" "no"', 'no'],
    ['toJSON (omit .labels "x")', '{"y":"2"}'],
    ['toJSON (strdict "a" "b" "c")', '{"a":"b","c":""}'],
    ['toJsonMap .labels (strdict "x" "3")', '{"x":"3","y":"2"}'],
    ['toJson (omitNil .nils)', '{"kept":1}'],
    ['formatDuration .config.DrainDuration', '1m30s'],
    ['appendMultusNetwork "" "default/istio-cni"', 'default/istio-cni'],
    ['appendMultusNetwork "a, default/istio-cni" "default/istio-cni"', 'a, default/istio-cni'],
    [
      'appendMultusNetwork `[{"name": "istio-cni"}]` "default/istio-cni"',
      '[{"name": "istio-cni"}, {"name": "istio-cni", "namespace": "default"}]',
    ],
    [
      'appendMultusNetwork `[{"name": "istio-cni", "namespace": "default"}]` "default/istio-cni"',
      '[{"name": "istio-cni", "namespace": "default"}]',
    ],
    ['appendMultusNetwork "]" "x"', ']'],
  ])('%s', (expression, printed) => {
    const data = {
      spec: pod,
      meta,
      labels: textMap({ x: '1', y: '2' }),
      nils: fromPlain({ kept: 1, gone: null, deep: { gone: [null] } }),
      config: message(PROXY_CONFIG_TYPE, { drainDuration: '90s' }, PROXY_CONFIG_FIELDS),
    };
    expect(evaluate(expression, data)).toBe(printed);
  });

  it('describe a service as OpenTelemetry does', () => {
    const call = 'otelResourceAttributes nil .annotations .labels "shop" .spec.Containers';
    const spec = kubeObject({ containers: [{ name: 'app', image: 'registry:5000/app:1.2@sha256:ab' }] }, 'PodSpec');
    const plain = { annotations: textMap({}), labels: textMap({}), spec };
    expect(evaluate(call, plain)).toBe('service.namespace=shop,service.version=1.2@sha256:ab,service.instance.id=shop.$(POD_NAME).app');
    const labelled = { ...plain, labels: textMap({ 'app.kubernetes.io/version': 'v7' }) };
    expect(evaluate(call, labelled)).toContain('service.version=v7');
  });
});

describe('structs in templates', () => {
  it('have fields by the names of Go, with the zero value where nothing is set', () => {
    const container = kubeObject({ ports: [{ hostIP: '1.2.3.4' }] }, 'Container');
    expect(evaluate('(index .c.Ports 0).HostIP', { c: container })).toBe('1.2.3.4');
    expect(evaluate('(index .c.Ports 0).HostPort', { c: container })).toBe('0');
    expect(evaluate('.c.WorkingDir | quote', { c: container })).toBe('""');
    expect(evaluate('.c.SecurityContext', { c: container })).toBe('<no value>');
    expect(() => evaluate('.c.Colour', { c: container })).toThrow(/can't evaluate field Colour in type v1.Container/);
  });

  it('may be nil pointers that getters are called on', () => {
    const config = message(
      PROXY_CONFIG_TYPE,
      { interceptionMode: 'TPROXY', tracing: { tlsSettings: { caCertificates: '/a/b' } } },
      PROXY_CONFIG_FIELDS,
    );
    const empty = message(PROXY_CONFIG_TYPE, {}, PROXY_CONFIG_FIELDS);
    expect(evaluate('.c.InterceptionMode.String', { c: config })).toBe('TPROXY');
    expect(evaluate('.c.GetTracing.GetTlsSettings.GetCaCertificates', { c: config })).toBe('/a/b');
    expect(evaluate('if .c.GetTracing.GetTlsSettings }}x{{ else }}y{{ end', { c: empty })).toBe('y');
    expect(evaluate('.c.HoldApplicationUntilProxyStarts.GetValue', { c: empty })).toBe('false');
    expect(evaluate('index .c.ProxyMetadata "x" | quote', { c: empty })).toBe('""');
  });
});

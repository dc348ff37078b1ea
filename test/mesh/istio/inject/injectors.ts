/** Injectors with a small template of their own, and workloads for them. */
import { expect } from 'vitest';
import { inject } from '../../../../src/mesh/istio/inject/index.ts';
import { objectAt } from '../../../../src/model/body.ts';
import type { InjectOutcome, Injector, InjectParameters, InjectRequest } from '../../../../src/model/inject.ts';
import type { Body } from '../../../../src/model/resource.ts';

const SIDECAR = `
metadata:
  labels:
    security.istio.io/tlsMode: istio
    service.istio.io/canonical-name: {{ index .ObjectMeta.Labels "service.istio.io/canonical-name" | default (index .ObjectMeta.Labels "app") | default .DeploymentMeta.Name }}
  annotations:
    istio.io/rev: {{ .Revision | default "default" | quote }}
spec:
  {{- if .NativeSidecars }}
  initContainers:
  {{- else }}
  containers:
  {{- end }}
  - name: istio-proxy
    image: {{ .ProxyImage }}
    {{- if .NativeSidecars }}
    restartPolicy: Always
    {{- end }}
    args: [proxy, sidecar, --log={{ annotation .ObjectMeta "sidecar.istio.io/logLevel" .Values.global.logLevel }}]
    env:
    - name: PROXY_CONFIG
      value: {{ protoToJSON .ProxyConfig | quote }}
    - name: ISTIO_META_OWNER
      value: {{ .TypeMeta.APIVersion }}/{{ toLower .TypeMeta.Kind }}s/{{ .DeploymentMeta.Name }}
    resources:
      requests:
        cpu: 1000m
    securityContext:
      runAsUser: {{ .ProxyUID }}
  volumes:
  - emptyDir:
    name: istio-data
`;

const indented = (text: string): string => text.trim().replaceAll('\n', '\n    ');

/** @param more further keys, as YAML */
export const configText = (more = 'policy: enabled', templates: Readonly<Record<string, string>> = {}): string =>
  [
    more,
    'templates:',
    ...Object.entries({ sidecar: SIDECAR, ...templates }).map(([name, text]) => `  ${name}: |\n    ${indented(text)}`),
  ].join('\n');

export const VALUES = {
  global: { hub: 'example.com/istio', tag: '1.30.0', logLevel: 'warning' },
  sidecarInjectorWebhook: { rewriteAppHTTPProbe: true },
};

interface Given {
  readonly config?: string;
  readonly values?: Body;
  /** YAML. */
  readonly mesh?: string;
  readonly settings?: InjectParameters['settings'];
  readonly revision?: string;
}

export const parameters = ({
  config = configText(),
  values = VALUES,
  mesh = '',
  settings = {},
  revision,
}: Given = {}): InjectParameters => ({
  manual: true,
  revision,
  files: {
    'injector-config': { path: 'config.yaml', text: config },
    'injector-values': { path: 'values.json', text: JSON.stringify(values) },
    'mesh-config': { path: 'mesh.yaml', text: mesh },
  },
  settings: { 'native-sidecars': 'false', ...settings },
});

export const injectorWith = (given: Given = {}): Promise<Injector> => inject.open(parameters(given));

/** @param metadata of the pod template */
export const deployment = (spec: Body = {}, metadata: Body = {}): Body => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { template: { metadata: { labels: { app: 'web' }, ...metadata }, spec: { containers: [APP], ...spec } } },
});

export const APP: Body = { name: 'app', image: 'web:1', ports: [{ name: 'http', containerPort: 8080 }] };

export const requestFor = (object: Body, namespace = 'shop'): InjectRequest => ({
  object,
  template: ['spec', 'template'],
  namespace,
  home: undefined,
});

export const podOf = (object: Body): Body => objectAt(object, 'spec', 'template');

/** What becomes of the pod template. */
export function injected(outcome: InjectOutcome): Body {
  expect(outcome).toMatchObject({ action: 'injected' });
  return podOf(outcome.object ?? {});
}

export function container(pod: Body, name: string): Body {
  const lists = [pod, { spec: {} }].flatMap((each) => [objectAt(each, 'spec')['containers'], objectAt(each, 'spec')['initContainers']]);
  const found = lists.flatMap((list) => (Array.isArray(list) ? list : [])).find((each: Body) => each['name'] === name);
  return found ?? expect.fail(`no container "${name}"`);
}

export const envOf = (pod: Body, name: string): unknown => {
  const env = container(pod, 'istio-proxy')['env'];
  return (Array.isArray(env) ? env : []).find((each: Body) => each['name'] === name)?.value;
};

import { describe, expect, it } from 'vitest';
import { install } from '../../../src/mesh/istio/install.ts';
import type { ConvertedRequest, MeshPlan } from '../../../src/model/install.ts';
import { parseYaml } from '../../../src/text/yaml.ts';
import { ids, request, valuesOf } from '../install/request.ts';

function convert(spec: string, head = ''): ConvertedRequest {
  const indented = spec.trim().replace(/^/gm, '  ');
  const converted = install.convert?.(parseYaml(`apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\n${head}spec:\n${indented}`));
  if (!converted) throw new TypeError('The document was not taken for an IstioOperator.');
  return converted;
}

const planOf = ({ notices: _, ...converted }: ConvertedRequest): Promise<MeshPlan> => install.plan({ ...request(), ...converted });

describe('an IstioOperator', () => {
  it('is told from other documents', () => {
    expect(install.convert?.({ pilot: { traceSampling: 1 } })).toBeUndefined();
    expect(install.convert?.({ apiVersion: 'v1', kind: 'IstioOperator' })).toBeUndefined();
    expect(install.convert?.(undefined)).toBeUndefined();
  });

  it('without a spec is the default profile', async () => {
    const converted = install.convert?.({ apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator' });
    expect(converted).toMatchObject({ with: ['istio-ingressgateway'], without: [], values: { all: {}, of: {} } });
    expect(converted && ids(await planOf(converted))).toEqual(['base', 'istiod', 'istio-ingressgateway']);
  });

  it('gives what is at its top to the charts that read it', () => {
    const converted = convert(`
profile: minimal
revision: 1-29
hub: example.com/istio
tag: 1.29.1
compatibilityVersion: "1.28"
meshConfig:
  accessLogFile: /dev/stdout
  enableTracing: true
values:
  profile: preview
  global: {istioNamespace: mesh, proxy: {logLevel: info}}
  meshConfig: {accessLogFile: ""}`);
    expect(converted).toMatchObject({ profile: 'minimal', revision: '1-29', namespace: 'mesh' });
    expect(converted.values.all).toEqual({
      profile: 'preview',
      compatibilityVersion: '1.28',
      global: { hub: 'example.com/istio', tag: '1.29.1', proxy: { logLevel: 'info' } },
    });
    expect(converted.values.of).toEqual({ istiod: { meshConfig: { accessLogFile: '', enableTracing: true } } });
  });

  it('takes and leaves components, with namespaces of their own', async () => {
    const converted = convert(`
components:
  pilot: {enabled: false}
  cni: {namespace: kube-system, hub: example.com, tag: 3}
  ingressGateways:
  - {name: istio-ingressgateway, enabled: false}`);
    expect(converted).toMatchObject({ with: ['cni'], without: ['istiod', 'istio-ingressgateway'], namespaces: { cni: 'kube-system' } });
    const plan = await planOf(converted);
    expect(ids(plan)).toEqual(['base', 'cni']);
    expect(plan.components[1]).toMatchObject({ namespace: 'kube-system', values: { cni: { hub: 'example.com', tag: '3' } } });
  });

  it('leaves disabled what the profile "empty" has disabled', async () => {
    const plan = await planOf(convert('profile: empty\ncomponents:\n  base: {enabled: true}\n  pilot: {k8s: {replicaCount: 2}}'));
    expect(ids(plan)).toEqual(['base']);
  });

  it('says what its values are called in the charts', () => {
    const { values } = convert(`
profile: ambient
values:
  defaultRevision: old
  base: {validationURL: "https://x"}
  pilot: {traceSampling: 50}
  telemetry: {enabled: false}
  cni: {logLevel: debug}
  ztunnel: {variant: debug}
unvalidatedValues:
  pilot: {env: {NEW: "1"}}`);
    expect(values.all).toEqual({});
    expect(values.of).toEqual({
      base: { base: { validationURL: 'https://x' }, defaultRevision: 'old' },
      istiod: { pilot: { traceSampling: 50, env: { NEW: '1' } }, telemetry: { enabled: false } },
      cni: { cni: { logLevel: 'debug' } },
      ztunnel: { variant: 'debug' },
    });
  });

  it('says what Kubernetes settings of istiod are called in its chart', () => {
    const { values } = convert(`
profile: minimal
components:
  pilot:
    k8s:
      env:
      - {name: PILOT_ENABLE_STATUS, value: "true"}
      - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
      replicaCount: 3
      resources: {requests: {cpu: 1}}
      hpaSpec:
        minReplicas: 2
        maxReplicas: 9
        scaleTargetRef: {name: istiod}
        metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
      strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}
      imagePullPolicy: Always
      podDisruptionBudget: {minAvailable: 2}
      nodeSelector: {disk: ssd}`);
    expect(values.of['istiod']).toEqual({
      global: { imagePullPolicy: 'Always' },
      pilot: {
        env: { PILOT_ENABLE_STATUS: 'true' },
        envVarFrom: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
        replicaCount: 3,
        resources: { requests: { cpu: 1 } },
        autoscaleMin: 2,
        autoscaleMax: 9,
        cpu: { targetAverageUtilization: 70 },
        rollingMaxSurge: 1,
        pdb: { minAvailable: 2 },
        nodeSelector: { disk: 'ssd' },
      },
    });
  });

  it('brings any number of gateways, which keep the labels that Gateway resources select them by', async () => {
    const converted = convert(`
values:
  gateways:
    istio-ingressgateway: {autoscaleMin: 2, serviceAnnotations: {a: b}}
components:
  ingressGateways:
  - name: istio-ingressgateway
    k8s: {service: {type: NodePort, ports: [{port: 80, name: http}]}}
  - name: private
    namespace: inside
    label: {team: shop}
  - {name: off, enabled: false}
  egressGateways:
  - enabled: true`);
    expect(converted.copies).toEqual({ private: 'istio-ingressgateway' });
    const plan = await planOf(converted);
    expect(ids(plan)).toEqual(['base', 'istiod', 'istio-ingressgateway', 'private', 'istio-egressgateway']);
    expect(plan.components.map(({ namespace }) => namespace)).toEqual([...Array(3).fill('istio-system'), 'inside', 'istio-system']);
    const shared = { autoscaling: { minReplicas: 2 }, service: { annotations: { a: 'b' } } };
    expect(valuesOf(plan, 'istio-ingressgateway')).toEqual({
      ...shared,
      service: { ...shared.service, type: 'NodePort', ports: [{ port: 80, name: 'http' }] },
    });
    expect(valuesOf(plan, 'private')).toEqual({
      ...shared,
      labels: { app: 'istio-ingressgateway', istio: 'ingressgateway', team: 'shop' },
    });
    expect(converted.notices).toEqual([expect.stringContaining('chart "gateway"')]);
  });

  it('scales gateways by both metrics that their chart has', () => {
    const metric = (name: string, average: number): string =>
      `{type: Resource, resource: {name: ${name}, target: {averageUtilization: ${average}}}}`;
    const spec = `components: {ingressGateways: [{k8s: {hpaSpec: {metrics: [${metric('cpu', 70)}, ${metric('memory', 80)}]}}}]}`;
    expect(convert(spec).values.of).toEqual({
      'istio-ingressgateway': { autoscaling: { targetCPUUtilizationPercentage: 70, targetMemoryUtilizationPercentage: 80 } },
    });
  });

  it('refuses gateways of one name', () => {
    expect(() => convert('components: {ingressGateways: [{name: a, namespace: x}, {name: a, namespace: y}]}')).toThrow(
      'The IstioOperator has two gateways of the name "a".',
    );
  });

  it('names every field that charts have no place for', () => {
    const broken = (): unknown =>
      convert(`
installPackagePath: /charts
values: {gateways: {istio-ingressgateway: {injectionTemplate: x}}}
components:
  base: {k8s: {overlays: [{kind: ServiceAccount}]}}
  pilot: {k8s: {readinessProbe: {periodSeconds: 1}, hpaSpec: {metrics: [{type: External}]}}}
  cni: {k8s: {env: [{name: A, valueFrom: {}}]}}
  ingressGateways: [{tag: "1", k8s: {overlays: []}}]`);
    expect(broken).toThrow(
      expect.objectContaining({
        code: 'E_INSTALL',
        message: `The IstioOperator says what the charts of Istio have no place for: ${[
          '"spec.installPackagePath"',
          '"spec.values.gateways.istio-ingressgateway.injectionTemplate"',
          '"spec.components.ingressGateways[0].k8s.overlays"',
          '"spec.components.ingressGateways[0].tag"',
          '"spec.components.base.k8s.overlays"',
          '"spec.components.pilot.k8s.readinessProbe"',
          '"spec.components.pilot.k8s.hpaSpec.metrics"',
        ].join(', ')} and "spec.components.cni.k8s.env".`,
      }),
    );
  });

  it.each([
    ['spec.addonComponents', 'addonComponents: {}'],
    ['spec.components.policy', 'components: {policy: {enabled: true}}'],
    ['spec.components.pilot.replicas', 'components: {pilot: {replicas: 2}}'],
    ['spec.components.ingressGateways[0].replicas', 'components: {ingressGateways: [{replicas: 2}]}'],
    ['spec.values.gateways.custom', 'values: {gateways: {custom: {}}}'],
    ['spec.values.gateways.other', 'unvalidatedValues: {gateways: {other: {}}}'],
  ])('names %s, which no IstioOperator of today has', (path, spec) => {
    expect(() => convert(spec)).toThrow(`have no place for: "${path}".`);
  });

  it('is not held back by what a component that is off has no place for', () => {
    expect(convert('components: {cni: {enabled: false, k8s: {overlays: [{kind: DaemonSet}]}}}').without).toEqual(['cni']);
  });

  it('tells which values and namespaces are without effect', () => {
    const { notices, values } = convert(
      'profile: minimal\nvalues: {cni: {logLevel: debug}}\nnamespace: mesh',
      'metadata: {namespace: istio-system}\n',
    );
    expect(values.of).toEqual({});
    expect(notices).toEqual([
      '"spec.namespace" is "mesh", but the control plane goes to "istio-system", because only "spec.values.global.istioNamespace" says where.',
      'The IstioOperator\'s values for "cni" are not used, because it does not install that component.',
    ]);
  });
});

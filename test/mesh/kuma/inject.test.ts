import { describe, expect, it } from 'vitest';
import { inject } from '../../../src/mesh/kuma/inject/index.ts';
import { at, itemsAt, stringAt, stringMapAt } from '../../../src/model/body.ts';
import type { InjectOutcome, InjectParameters } from '../../../src/model/inject.ts';
import type { Body } from '../../../src/model/resource.ts';
import { parseYaml } from '../../../src/text/yaml.ts';
import { codes, file, injected, liveWith, parameters, requestFrom } from '../injection/requests.ts';

const IMAGES = file('{ sidecarContainer: { image: "kuma-dp:3" }, initContainer: { image: "kuma-init:3" } }');
const MANUAL: Partial<InjectParameters> = { manual: true, files: { 'injector-config': IMAGES, 'ca-cert': file('ca') } };
const REDIRECTION = 'traffic.kuma.io/transparent-proxy-config';

/** A Pod with entries of its metadata and what else it has, in YAML's flow style. */
const pod = (metadata = '', spec = '', container = ''): string => `
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop${metadata && `, ${metadata}`} }
spec: { containers: [{ name: web, image: "web:1"${container && `, ${container}`} }]${spec && `, ${spec}`} }
`;

const shop = (labels: string): string => `---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: ${labels} }
`;

const annotationsOf = ({ object }: InjectOutcome) => stringMapAt(object, 'metadata', 'annotations');
const labelsOf = ({ object }: InjectOutcome) => stringMapAt(object, 'metadata', 'labels');

function container({ object }: InjectOutcome, name: string): Body {
  const all = ['containers', 'initContainers'].flatMap((list) => itemsAt(object, 'spec', list));
  return all.find(({ item }) => item['name'] === name)?.item ?? {};
}

const variable = (outcome: InjectOutcome, name: string) =>
  stringAt(itemsAt(container(outcome, 'kuma-sidecar'), 'env').find(({ item }) => item['name'] === name)?.item, 'value');

const redirection = (outcome: InjectOutcome): unknown => parseYaml(annotationsOf(outcome)[REDIRECTION] ?? '');

describe('kuma inject', () => {
  it('labels for the webhook, and names the mesh that is asked for', async () => {
    const outcome = await injected(inject, pod(), { settings: { 'kuma-mesh': 'demo' } });
    expect([outcome.action, labelsOf(outcome)]).toEqual(['annotated', { 'kuma.io/sidecar-injection': 'enabled', 'kuma.io/mesh': 'demo' }]);
    const namespace = await injected(inject, shop('{}'));
    expect(labelsOf(namespace)).toEqual({ 'kuma.io/sidecar-injection': 'enabled' });
    expect((await injected(inject, shop('{}'), MANUAL)).action).toBe('skipped');
  });

  it.each([
    ['host-network', 'skipped', pod('', 'hostNetwork: true')],
    ['disabled-by-label', 'skipped', pod('labels: { kuma.io/sidecar-injection: "false" }')],
    ['invalid-label', 'failed', pod('labels: { kuma.io/sidecar-injection: "on" }')],
    ['exception', 'skipped', pod('labels: { openshift.io/build.name: a }')],
    ['proxy-user', 'failed', pod('', '', 'securityContext: { runAsUser: 5678 }')],
    ['proxy-user', 'injected', pod('', 'initContainers: [{ name: first, securityContext: { runAsUser: 5678 } }]')],
    ['annotation-ignored', 'injected', pod('annotations: { kuma.io/sidecar-injection: enabled }')],
    ['invalid-annotation', 'failed', pod('annotations: { kuma.io/sidecar-drain-time: soon }')],
    ['invalid-annotation', 'failed', pod('annotations: { traffic.kuma.io/exclude-inbound-ports: "80,http" }')],
    ['invalid-annotation', 'failed', pod('annotations: { kuma.io/sidecar-env-vars: "A" }')],
    ['container-patch', 'failed', pod('annotations: { kuma.io/container-patches: missing }')],
    ['conflict', 'failed', pod('annotations: { kuma.io/service-account-token-volume: missing }')],
    ['conflict', 'failed', pod('annotations: { kuma.io/gateway: enabled, kuma.io/application-probe-proxy-port: "9001" }')],
    ['conflict', 'failed', pod('', '', 'livenessProbe: { tcpSocket: { port: 9001 } }')],
  ])('tells of %s', async (code, action, yaml) => {
    const outcome = await injected(inject, yaml, MANUAL);
    expect([codes(outcome), outcome.action]).toEqual([[code], action]);
  });

  it('names the annotation that Kuma refuses', async () => {
    const { reasons } = await injected(inject, pod('annotations: { kuma.io/gateway: maybe }'), MANUAL);
    expect(reasons[0]?.message).toBe(
      'The value "maybe" of annotation "kuma.io/gateway" is not "enabled" or "disabled": Kuma refuses such a pod.',
    );
  });

  it('tells of a namespace that the webhook is not asked about', async () => {
    expect(codes(await injected(inject, pod() + shop('{}')))).toEqual(['namespace-not-marked']);
    expect(codes(await injected(inject, pod() + shop('{ kuma.io/sidecar-injection: disabled }')))).toEqual([]);
  });

  it('joins the mesh of the workload, else of the namespace, else the default one', async () => {
    const meshOf = async (yaml: string) => variable(await injected(inject, yaml, MANUAL), 'KUMA_DATAPLANE_MESH');
    const home = shop('{ kuma.io/mesh: home }');
    expect([await meshOf(pod('labels: { kuma.io/mesh: own }') + home), await meshOf(pod() + home), await meshOf(pod())]).toEqual([
      'own',
      'home',
      'default',
    ]);
  });

  it('sends probes by way of the proxy, and back', async () => {
    const probes = `ports: [{ name: http, containerPort: 8080 }],
      livenessProbe: { httpGet: { path: live, port: http, scheme: HTTPS, httpHeaders: [{ name: Host, value: web }] }, timeoutSeconds: 3 },
      readinessProbe: { grpc: { port: 9000, service: web } }, startupProbe: { exec: { command: [ok] } }`;
    const outcome = await injected(inject, pod('', '', probes), MANUAL);
    const web = container(outcome, 'web');
    expect(web['livenessProbe']).toEqual({
      httpGet: {
        path: '/8080/live',
        port: 9001,
        httpHeaders: [
          { name: 'X-Kuma-Probes-Host', value: 'web' },
          { name: 'X-Kuma-Probes-Scheme', value: 'HTTPS' },
          { name: 'X-Kuma-Probes-Timeout', value: '3' },
        ],
      },
      timeoutSeconds: 3,
    });
    expect(at(web, ['readinessProbe', 'httpGet', 'path'])).toBe('/grpc/9000');
    expect(web['startupProbe']).toEqual({ exec: { command: ['ok'] } });
    const { object } = inject.uninject({ ...requestFrom(pod()), object: outcome.object ?? {} });
    expect(at(object, ['spec', 'containers', 0, 'livenessProbe'])).toEqual({
      httpGet: { path: '/live', port: 8080, scheme: 'HTTPS', httpHeaders: [{ name: 'Host', value: 'web' }] },
      timeoutSeconds: 3,
    });
    expect(at(object, ['spec', 'containers', 0, 'readinessProbe'])).toEqual({ grpc: { port: 9000, service: 'web' } });
  });

  it('keeps ports of probes out of the mesh where the proxy answers none', async () => {
    const probes = 'readinessProbe: { tcpSocket: { port: 8080 } }';
    const outcome = await injected(inject, pod('annotations: { kuma.io/application-probe-proxy-port: "0" }', '', probes), MANUAL);
    expect(at(redirection(outcome), ['redirect', 'inbound', 'excludePorts'])).toEqual([9902, 8080]);
    expect(at(container(outcome, 'web'), ['readinessProbe'])).toEqual({ tcpSocket: { port: 8080 } });
  });

  it('adds itself to the networks of the CNI plugins that are there, and takes itself away alone', async () => {
    const outcome = await injected(inject, pod('annotations: { k8s.v1.cni.cncf.io/networks: storage }'), {
      ...MANUAL,
      settings: { cniEnabled: 'true' },
    });
    expect(annotationsOf(outcome)['k8s.v1.cni.cncf.io/networks']).toBe('storage,kuma-cni');
    expect([container(outcome, 'kuma-init'), container(outcome, 'kuma-validation')['image']]).toEqual([{}, 'kuma-init:3']);
    const { object } = inject.uninject({ ...requestFrom(pod()), object: outcome.object ?? {} });
    expect(stringMapAt(object, 'metadata', 'annotations')).toEqual({ 'k8s.v1.cni.cncf.io/networks': 'storage' });
  });

  it('puts a proxy that is no native sidecar first, and its init container last unless it is to be first', async () => {
    const classic = { ...MANUAL, settings: { nativeSidecar: 'false' } };
    const names = ({ object }: InjectOutcome, list: string) => itemsAt(object, 'spec', list).map(({ item }) => item['name']);
    const outcome = await injected(inject, pod('', 'initContainers: [{ name: own }]'), classic);
    expect([names(outcome, 'containers'), names(outcome, 'initContainers')]).toEqual([
      ['kuma-sidecar', 'web'],
      ['own', 'kuma-init'],
    ]);
    const early = await injected(inject, pod('annotations: { kuma.io/init-first: "true" }', 'initContainers: [{ name: own }]'), classic);
    expect(names(early, 'initContainers')).toEqual(['kuma-init', 'own']);
  });

  it('applies patches to the containers, and says why one does not apply', async () => {
    const patch = (operation: string) => file(`kind: ContainerPatch\nmetadata: { name: p }\nspec: { sidecarPatch: [${operation}] }\n`);
    const asks = pod('annotations: { kuma.io/container-patches: p }');
    const given = (operation: string) => ({ ...MANUAL, files: { ...MANUAL.files, 'container-patches': patch(operation) } });
    const outcome = await injected(inject, asks, given(`{ op: add, path: /lifecycle/postStart/exec/command, value: '["true"]' }`));
    expect(at(container(outcome, 'kuma-sidecar'), ['lifecycle', 'postStart'])).toEqual({ exec: { command: ['true'] } });
    const wrong = await injected(inject, asks, given('{ op: remove, path: /nowhere }'));
    expect(wrong.reasons[0]?.message).toBe('ContainerPatch "p" does not apply: the path "/nowhere" does not exist.');
    await expect(injected(inject, asks, { ...MANUAL, files: { 'container-patches': file('kind: Pod') } })).rejects.toThrow(
      '"given.yaml" holds a Pod where ContainerPatches belong.',
    );
  });

  it('reads images, certificate, redirection and meshes of the cluster', async () => {
    const outcome = await injected(inject, pod(), { manual: true, live: liveWith(CLUSTER) });
    expect(container(outcome, 'kuma-sidecar')['image']).toBe('mirror/kuma-dp:3.0.0');
    expect(container(outcome, 'kuma-init')['image']).toBe('kumahq/kuma-init:3.0.1');
    expect(container(outcome, 'kuma-sidecar')['args']).toContain('--concurrency=4');
    expect([variable(outcome, 'KUMA_CONTROL_PLANE_CA_CERT'), variable(outcome, 'KUMA_CONTROL_PLANE_URL')]).toEqual([
      'ca',
      'https://plane.kuma-system:5678',
    ]);
    expect(at(redirection(outcome), ['redirect', 'dns', 'captureAll'])).toBe(true);
    const stranger = await injected(inject, pod('labels: { kuma.io/mesh: other }'), { manual: true, live: liveWith(CLUSTER) });
    expect([stranger.action, codes(stranger)]).toEqual(['failed', ['mesh-missing']]);
  });

  it('makes no proxy without images and certificate', async () => {
    await expect(inject.open(parameters({ manual: true }))).rejects.toThrow(
      'The proxy of Kuma cannot be made without "sidecarContainer.image" and "initContainer.image" and the certificate of the control plane.',
    );
    await expect(inject.open(parameters({ manual: true, live: liveWith('') }))).rejects.toThrow(
      /^Namespace "kuma-system" has no control plane of Kuma/,
    );
  });

  it('makes no proxy for versions whose webhook makes it otherwise', async () => {
    const live = liveWith(CLUSTER.replaceAll(':3.0', ':2.11'));
    await expect(inject.open(parameters({ manual: true, live }))).rejects.toThrow(/^Kuma 2\.11\.0 makes its proxies otherwise/);
    expect((await injected(inject, pod(), { live })).action).toBe('annotated');
  });
});

const CLUSTER = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: kuma-control-plane, namespace: kuma-system, labels: { app: kuma-control-plane } }
spec:
  template:
    spec:
      containers:
        - name: control-plane
          image: kumahq/kuma-cp:3.0.1
          env:
            - { name: KUMA_RUNTIME_KUBERNETES_CONTROL_PLANE_SERVICE_NAME, value: plane }
            - { name: KUMA_RUNTIME_KUBERNETES_INJECTOR_SIDECAR_CONTAINER_IMAGE, value: "mirror/kuma-dp:3.0.0" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: kuma-control-plane-config, namespace: kuma-system }
data: { config.yaml: "runtime: { kubernetes: { injector: { sidecarContainer: { resources: { limits: { cpu: 4 } } } } } }" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: kuma-transparent-proxy-config, namespace: kuma-system }
data: { config.yaml: "redirect: { dns: { enabled: true, captureAll: true } }" }
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: kuma }
webhooks: [{ name: namespace-kuma-injector.kuma.io, clientConfig: { caBundle: Y2E= } }]
---
apiVersion: kuma.io/v1alpha1
kind: Mesh
metadata: { name: default }
`;

describe('kuma uninject', () => {
  it('leaves Services, and the label of the control plane, alone', () => {
    const service = requestFrom(
      'apiVersion: v1\nkind: Service\nmetadata: { name: a, namespace: shop, annotations: { 80.service.kuma.io/protocol: http } }\n',
    );
    expect(inject.uninject(service).action).toBe('unchanged');
    const { object } = inject.uninject(requestFrom(shop('{ kuma.io/sidecar-injection: enabled, kuma.io/system-namespace: "true" }')));
    expect(stringMapAt(object, 'metadata', 'labels')).toEqual({ 'kuma.io/system-namespace': 'true' });
  });
});

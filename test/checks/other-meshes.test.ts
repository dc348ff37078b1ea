/** `meshctl check`, the whole command, in clusters with other meshes than Istio. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { together } from '../../src/sandbox/programs/together.ts';
import { kuma } from '../../src/sandbox/scenarios/kuma.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { mesh } from './istio.ts';
import { custom, namespace, podWebhook, secret, workload } from './objects.ts';
import { healthyIstiod, programsOf } from './programs.ts';

const schema = JSON.parse(readFileSync(new URL('../../schemas/output/check-report.json', import.meta.url), 'utf8'));
const isValid = new Ajv2020({ allErrors: true }).compile(schema);

/** Objects as documents of one line each. */
const parsed = (documents: string): readonly object[] =>
  documents
    .split('\n---\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as object);

const definition = (group: string, kind: string, plural: string, scope = 'Namespaced'): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    ...{ group, scope, names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` } },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

/** A Deployment as the sandbox runs it, and the service before it. */
const running = (path: string, labels: Readonly<Record<string, string>>, image: string): readonly object[] => {
  const [inside, name] = path.split('/');
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: inside, labels },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } } },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: inside }, spec: { selector: labels, ports: [{ port: 443 }] } },
  ];
};

interface Entry {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
}

interface Report {
  readonly mesh?: string;
  readonly version?: string;
  readonly meshes: readonly object[];
  readonly checks: readonly Entry[];
}

interface Ran {
  readonly exit: number;
  readonly text: string;
  readonly report: Report;
  /** What is not ok, by id. */
  readonly bad: Readonly<Record<string, string>>;
}

async function check(options: SandboxOptions, ...args: readonly string[]): Promise<Ran> {
  const sandbox = await startSandbox({ podStartMs: 0, ...options });
  onTestFinished(() => sandbox.close());
  const ask = async (format: string): Promise<{ readonly exit: number; readonly out: string }> => {
    const files = { '/kube': sandbox.kubeconfig() };
    const host = memoryHost({ args: ['check', '-o', format, ...args], files, env: { KUBECONFIG: '/kube' }, now: Date.now() });
    return { exit: await main(host), out: host.stdout() };
  };
  const { exit, out } = await ask('json');
  const report = JSON.parse(out) as Report;
  isValid(report);
  expect(isValid.errors).toBeNull();
  const bad = Object.fromEntries(report.checks.filter(({ status }) => status !== 'ok').map(({ id, status }) => [id, status]));
  return { exit, report, bad, text: (await ask('text')).out };
}

describe('check', () => {
  it('judges Consul', async () => {
    const labels = { app: 'consul', chart: 'consul-helm', component: 'connect-injector' };
    const objects = [
      definition('consul.hashicorp.com', 'ServiceDefaults', 'servicedefaults'),
      ...running('consul/consul-connect-injector', labels, 'hashicorp/consul-k8s-control-plane:1.6.3'),
      ...parsed(
        podWebhook('consul-connect-injector.consul.hashicorp.com', { service: 'consul/consul-connect-injector', failurePolicy: 'Ignore' }),
      ),
      ...parsed(
        custom('consul.hashicorp.com/v1alpha1', 'ServiceDefaults', 'shop/web', {
          status: { conditions: [{ type: 'Synced', status: 'False', reason: 'ConsulAgentError', message: 'no' }] },
        }),
      ),
    ];
    const { exit, report, bad } = await check({ objects });
    expect([exit, report.mesh, report.version]).toEqual([1, 'consul', '1.6.3']);
    expect(bad).toEqual({ 'consul/configuration-synced': 'failed', 'consul/injection-failure-policy-safe': 'warning' });
  });

  it('judges Open Service Mesh', async () => {
    const parts = ['osm-controller', 'osm-injector', 'osm-bootstrap'];
    const objects = [
      definition('config.openservicemesh.io', 'MeshConfig', 'meshconfigs'),
      ...parts.flatMap((app) => running(`osm-system/${app}`, { app, meshName: 'osm' }, `openservicemesh/${app}:v1.2.4`)),
      ...parsed(podWebhook('osm-inject.k8s.io', { configuration: 'osm-webhook-osm', service: 'osm-system/osm-injector' })),
      ...parsed(custom('config.openservicemesh.io/v1alpha1', 'MeshConfig', 'osm-system/osm-mesh-config')),
      ...parsed(secret('osm-system/osm-ca-bundle', 'ca.crt', 3000)),
    ];
    const { exit, report, bad } = await check({ objects });
    expect([exit, report.mesh, report.version, bad]).toEqual([0, 'osm', '1.2.4', { 'osm/control-plane-maintained': 'warning' }]);
  });

  it('judges App Mesh', async () => {
    const objects = [
      definition('appmesh.k8s.aws', 'Mesh', 'meshes', 'Cluster'),
      ...running('appmesh-system/appmesh-controller', { 'app.kubernetes.io/name': 'appmesh-controller' }, 'appmesh-controller:v1.13.3'),
      ...parsed(podWebhook('mpod.appmesh.k8s.aws', { service: 'appmesh-system/gone' })),
    ];
    const { exit, report, bad } = await check({ objects });
    expect([exit, report.mesh, report.version]).toEqual([1, 'appmesh', '1.13.3']);
    expect(bad).toEqual({
      'appmesh/service-supported': 'warning',
      'appmesh/webhook-certificate-valid': 'skipped',
      'appmesh/webhook-services-ready': 'failed',
    });
  });

  it('warns once of definitions that are left of a mesh', async () => {
    const { exit, bad } = await check({ objects: [definition('kuma.io', 'Mesh', 'meshes', 'Cluster')] });
    expect([exit, bad['kuma/control-plane-exists']]).toEqual([0, 'warning']);
    expect(Object.values(bad).filter((status) => status !== 'skipped')).toEqual(['warning']);
  });

  it('finds no mesh where Consul is only a catalog', async () => {
    const servers = workload('consul/consul-server', {
      kind: 'StatefulSet',
      labels: { app: 'consul', chart: 'consul-helm', component: 'server' },
    });
    const { report } = await check({ objects: parsed(servers + namespace('consul')) });
    expect(report.meshes).toEqual([]);
  });

  it('judges two meshes beside each other, and what they share', async () => {
    const options = kuma.options();
    const objects = [...(options.objects ?? []), ...mesh()];
    const programs = together(programsOf(healthyIstiod), ...(options.programs ? [options.programs] : []));
    const { exit, report, bad, text } = await check({ ...options, programs, objects });
    expect([exit, bad]).toEqual([0, {}]);
    expect(report.mesh).toBe('istio,kuma');
    expect(report.meshes).toEqual([
      { id: 'istio', version: '1.30.0' },
      { id: 'kuma', version: '2.11.2' },
    ]);
    const ids = report.checks.map(({ id }) => id);
    for (const id of ['kubernetes/one-mesh-per-workload', 'istio/control-plane-ready', 'kuma/control-plane-ready'])
      expect(ids).toContain(id);
    expect(text).toContain('(istio 1.30.0, kuma 2.11.2)\n');
    const headings = text.split('\n').filter((line) => /^(?:\w+ )?[a-z-]+$/.test(line));
    expect(headings.filter((line) => line.endsWith('control-plane'))).toEqual(['istio control-plane', 'kuma control-plane']);
    expect(new Set(headings).size).toBe(headings.length);

    const shared = objects.map((object) =>
      JSON.stringify(object).includes('"name":"kuma-demo"') && 'kind' in object && object.kind === 'Namespace'
        ? parsed(namespace('kuma-demo', { 'kuma.io/sidecar-injection': 'enabled', 'istio-injection': 'enabled' }))[0]
        : object,
    ) as readonly object[];
    const second = await check({ ...options, objects: shared });
    expect(second.bad['kubernetes/one-mesh-per-workload']).toBe('warning');
    expect((await check({ ...options, objects: shared }, '--mesh', 'kuma')).bad).toEqual({});
  });
});

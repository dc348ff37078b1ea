import { describe, expect, it } from 'vitest';
import { checks } from '../../../src/mesh/consul/checks/index.ts';
import { consul } from '../../../src/mesh/consul/index.ts';
import { factsOf } from '../facts.ts';
import { custom, namespace, pod, podWebhook, secret, serving, workload } from '../objects.ts';
import { resultsOf } from '../results.ts';

const kinds = serving('consul.hashicorp.com/ServiceDefaults', 'consul.hashicorp.com/ServiceIntentions');
const result = resultsOf(checks, { kinds });

const CHART = { app: 'consul', chart: 'consul-helm', release: 'consul' };
const COMMAND = `exec consul-k8s-control-plane inject-connect \\
  -default-inject=%DEFAULT% \\
  -consul-dataplane-image="hashicorp/consul-dataplane:1.6.3" \\
  -allow-k8s-namespace="*" \\
  -deny-k8s-namespace="vault" \\
  -enable-cni=false`;

const injector = (byDefault = false): string =>
  workload('consul/consul-connect-injector', {
    labels: { ...CHART, component: 'connect-injector' },
    image: 'hashicorp/consul-k8s-control-plane:1.6.3',
    args: ['/bin/sh', '-ec', COMMAND.replace('%DEFAULT%', String(byDefault))],
    volumes: [{ name: 'certs', secret: { secretName: 'consul-connect-inject-webhook-cert' } }],
  });

const servers = (replicas: number, ready: number): string =>
  workload('consul/consul-server', {
    ...{ kind: 'StatefulSet', labels: { ...CHART, component: 'server' }, image: 'hashicorp/consul:1.20.3', replicas, ready },
    volumes: [
      { name: 'consul-server-cert', secret: { secretName: 'consul-server-cert' } },
      { name: 'consul-ca-cert', secret: { secretName: 'consul-ca-cert', items: [{ key: 'ca.pem', path: 'tls.crt' }] } },
    ],
  });

const sidecar = (version: string): readonly [string, string] => ['consul-dataplane', `hashicorp/consul-dataplane:${version}`];

describe('the control plane of Consul', () => {
  it('needs a majority of its servers', async () => {
    const status = async (replicas: number, ready: number): Promise<string> =>
      (await result('servers-ready', injector() + servers(replicas, ready))).is;
    expect([await status(3, 3), await status(3, 2), await status(3, 1), await status(1, 0)]).toEqual(['ok', 'warning', 'failed', 'failed']);
    expect(await result('servers-ready', injector())).toEqual({ is: 'ok', reason: 'The servers run outside of this cluster.' });
  });

  it('is told by its injector, whose version is that of the mesh', async () => {
    expect((await result('control-plane-exists', injector())).reason).toBe('"consul/consul-connect-injector 1.6.3".');
    expect(await consul.version?.(factsOf(injector()))).toBe('1.6.3');
    const stopped = workload('consul/consul-webhook-cert-manager', { labels: { ...CHART, component: 'webhook-cert-manager' }, ready: 0 });
    expect(await result('control-plane-ready', injector() + stopped)).toMatchObject({
      is: 'failed',
      affected: [{ resource: { name: 'consul-webhook-cert-manager' } }],
    });
  });

  it('is not set up when a job has failed, and done with one that has not', async () => {
    const job = (name: string, type: string): string =>
      custom('batch/v1', 'Job', `consul/${name}`, {
        metadata: { namespace: 'consul', name, labels: CHART },
        status: { conditions: [{ type, status: 'True' }] },
      });
    expect(
      await result('jobs-completed', injector() + job('consul-server-acl-init', 'Failed') + job('consul-tls-init', 'Complete')),
    ).toMatchObject({
      is: 'failed',
      reason: '1 of 2 jobs failed.',
      affected: [{ resource: { name: 'consul-server-acl-init' } }],
    });
    expect((await result('jobs-completed', injector() + job('consul-tls-init', 'Complete'))).is).toBe('ok');
  });
});

describe('the certificates of Consul', () => {
  it('of servers and their authority are read from the Secrets that the servers mount', async () => {
    const status = async (own: number, authority: number): Promise<readonly unknown[]> => {
      const secrets = secret('consul/consul-server-cert', 'tls.crt', own) + secret('consul/consul-ca-cert', 'ca.pem', authority);
      const { is, affected } = await result('server-certificates-valid', injector() + servers(1, 1) + secrets);
      return [is, affected?.map(({ resource }) => resource.name)];
    };
    expect(await status(-1, 900)).toEqual(['failed', ['consul-server-cert']]);
    expect(await status(900, 3)).toEqual(['warning', ['consul-ca-cert']]);
    expect(await status(900, 900)).toEqual(['ok', undefined]);
    expect((await result('server-certificates-valid', injector())).is).toBe('ok');
  });

  it('of webhooks, which live for a day, are judged when they have ended', async () => {
    const status = async (days: number): Promise<string> =>
      (await result('webhook-certificate-valid', injector() + secret('consul/consul-connect-inject-webhook-cert', 'tls.crt', days))).is;
    expect([await status(-1), await status(0.001)]).toEqual(['failed', 'ok']);
  });
});

describe('consul/configuration-synced', () => {
  const entry = (kind: string, name: string, status: string, message?: string): string =>
    custom('consul.hashicorp.com/v1alpha1', kind, `shop/${name}`, {
      status: { conditions: [{ type: 'Synced', status, reason: 'ConsulAgentError', message }] },
    });

  it('tells what Consul said', async () => {
    const objects =
      entry('ServiceDefaults', 'web', 'False', 'invalid protocol.') +
      entry('ServiceIntentions', 'web', 'True') +
      entry('ServiceDefaults', 'new', 'Unknown');
    expect(await result('configuration-synced', injector() + objects)).toMatchObject({
      is: 'failed',
      reason: 'Consul has refused 1 of 3 configuration objects.',
      hint: expect.stringContaining('kubectl -n shop describe servicedefaults web'),
      affected: [{ detail: 'ConsulAgentError: invalid protocol.' }],
    });
    expect(await result('configuration-synced', injector() + entry('ServiceDefaults', 'web', 'True'))).toEqual({
      is: 'ok',
      reason: '1 entry.',
    });
  });
});

describe('the data plane of Consul', () => {
  const INJECT = 'consul.hashicorp.com/connect-inject';
  const webhook = podWebhook('consul-connect-injector.consul.hashicorp.com', {
    objectSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['consul'] }] },
  });
  const spaces = ['shop', 'vault', 'consul'].map((name) => namespace(name)).join('');
  const missing = async (byDefault: boolean, objects: string): Promise<readonly string[]> =>
    ((await result('data-plane-pods-injected', injector(byDefault) + webhook + spaces + objects)).affected ?? []).map(
      ({ resource }) => resource.name,
    );

  it('wants sidecars where pods ask for them, or all but those that refuse', async () => {
    const pods = [
      pod('shop/asks', { annotations: { [INJECT]: 'true' } }),
      pod('shop/refuses', { annotations: { [INJECT]: 'false' } }),
      pod('shop/silent'),
      pod('shop/has', { annotations: { [INJECT]: 'true' }, sidecar: sidecar('1.6.3') }),
      pod('shop/several', { annotations: { [INJECT]: 'true' }, sidecar: ['consul-dataplane-web', 'hashicorp/consul-dataplane:1.6.3'] }),
      pod('shop/old', { annotations: { [INJECT]: 'true', 'consul.hashicorp.com/connect-inject-status': 'injected' } }),
      pod('vault/denied', { annotations: { [INJECT]: 'true' } }),
      pod('consul/consul-server-0', { labels: { app: 'consul' } }),
    ].join('');
    expect(await missing(false, pods)).toEqual(['asks']);
    expect(await missing(true, pods)).toEqual(['asks', 'silent']);
  });

  it('has the version that the injector gives to new pods', async () => {
    const status = async (version: string): Promise<string> =>
      (await result('data-plane-versions-supported', injector() + pod('shop/web', { sidecar: sidecar(version) }))).is;
    expect([await status('1.6.0'), await status('1.5.4'), await status('1.3.0')]).toEqual(['ok', 'warning', 'failed']);
  });

  it('has gateways, of which those without replicas are switched off', async () => {
    const gateway = (name: string, replicas: number, ready: number): string =>
      workload(`consul/${name}`, { labels: { ...CHART, component: 'mesh-gateway' }, replicas, ready });
    expect(await result('gateways-ready', injector() + gateway('down', 2, 0) + gateway('off', 0, 0))).toMatchObject({
      is: 'failed',
      affected: [{ resource: { name: 'down' } }],
    });
    const managed = workload('shop/api', {
      labels: { component: 'api-gateway', 'gateway.consul.hashicorp.com/managed': 'true' },
      replicas: 2,
      ready: 1,
    });
    expect((await result('gateways-ready', injector() + managed)).is).toBe('warning');
    expect((await result('gateways-ready', injector() + gateway('off', 0, 0))).reason).toBe('There is no gateway.');
  });
});

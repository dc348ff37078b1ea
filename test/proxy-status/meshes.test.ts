/** Meshes of which each proxy is asked, and Kuma, whose control plane writes down what it knows. */
import { describe, expect, it } from 'vitest';
import { xdsStats } from '../../src/envoy/xds-stats.ts';
import { type Answers, programsOf } from '../checks/programs.ts';
import { opened, ps, report } from './run.ts';

const HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();
const DAY_MS = 86_400_000;

const namespace = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** One that has run for an hour. */
function pod(name: string, containers: readonly { readonly name: string; readonly image: string }[], metadata: object = {}): object {
  const containerStatuses = containers.map((container) => ({
    name: container.name,
    ready: true,
    state: { running: { startedAt: HOUR_AGO } },
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', creationTimestamp: HOUR_AGO, ...metadata },
    spec: { containers },
    status: { phase: 'Running', containerStatuses },
  };
}

const consulPod = (name: string): object =>
  pod(name, [
    { name: 'app', image: 'app:1' },
    { name: 'consul-dataplane', image: 'hashicorp/consul-dataplane:1.8.2' },
  ]);

const INJECTOR = pod('consul-connect-injector-1', [{ name: 'injector', image: 'hashicorp/consul-k8s-control-plane:1.8.2' }], {
  namespace: 'consul',
  labels: { app: 'consul', component: 'connect-injector' },
});

const stats = (connected: number, { rejected = 0, success = 3 } = {}): string =>
  [
    `cluster_manager.cds.update_rejected: 0`,
    `cluster_manager.cds.update_success: ${success}`,
    `cluster_manager.cds.update_time: ${Date.parse(HOUR_AGO)}`,
    `control_plane.connected_state: ${connected}`,
    `listener_manager.lds.update_rejected: ${rejected}`,
    `listener_manager.lds.update_success: ${success}`,
    `listener_manager.lds.update_time: ${Date.parse(HOUR_AGO)}`,
    'listener_manager.lds.update_duration: No recorded values',
  ].join('\n');

const certs = (notAfter: number): string =>
  JSON.stringify({
    certificates: [
      {
        ca_cert: [],
        cert_chain: [
          {
            serial_number: '1',
            subject_alt_names: [{ uri: 'spiffe://mesh.consul/ns/default/dc/dc1/svc/web' }],
            valid_from: new Date(notAfter - 3 * DAY_MS).toISOString(),
            expiration_time: new Date(notAfter).toISOString(),
          },
        ],
      },
    ],
  });

const refused = JSON.stringify({
  configs: [
    {
      '@type': 'type.googleapis.com/envoy.admin.v3.ListenersConfigDump.DynamicListener',
      name: 'public_listener',
      error_state: { last_update_attempt: HOUR_AGO, details: 'error adding listener: no such filter' },
    },
  ],
});

const ANSWERS: Answers = {
  'well:19000 /stats': () => stats(1),
  'well:19000 /certs': () => certs(Date.now() + 2 * DAY_MS),
  'alone:19000 /stats': () => stats(0),
  'alone:19000 /certs': () => certs(Date.now() - DAY_MS),
  'refusing:19000 /stats': () => stats(1, { rejected: 2 }),
  'refusing:19000 /certs': () => certs(Date.now() + 2 * DAY_MS),
  'refusing:19000 /config_dump?resource=dynamic_listeners': () => refused,
  'mended:19000 /stats': () => stats(1, { rejected: 1 }),
  'fresh:19000 /stats': () => stats(1, { success: 0 }),
};

describe('of Consul each proxy is asked', () => {
  const objects = [
    namespace('shop'),
    namespace('consul'),
    INJECTOR,
    ...['well', 'alone', 'refusing', 'mended', 'fresh', 'silent'].map(consulPod),
  ];

  it('how it is connected, what it refuses, and how long its certificate lasts', async () => {
    const found = await report(await opened({ objects, programs: programsOf(ANSWERS) }), '--mesh', 'consul', '--sort', 'name');
    const of = (name: string): (typeof found.proxies)[number] | undefined => found.proxies.find((proxy) => proxy.name === name);
    expect(found.controlPlanes).toMatchObject([{ name: 'consul-connect-injector-1', mesh: 'consul', version: '1.8.2', reachable: true }]);
    expect(of('well')).toMatchObject({ state: 'synced', warnings: [], version: '1.8.2', certificate: { notAfter: expect.any(String) } });
    expect(of('well')?.types).toMatchObject({ CDS: { state: 'synced' }, LDS: { state: 'synced' } });
    expect(of('alone')).toMatchObject({ state: 'disconnected', reason: 'It is not connected to its control plane.' });
    expect(of('alone')?.warnings.join()).toMatch(/^Its certificate expired on /);
    expect(of('refusing')).toMatchObject({ state: 'error', reason: 'It rejects LDS: error adding listener: no such filter.' });
    expect(of('refusing')?.types['LDS']).toMatchObject({ state: 'error', error: 'error adding listener: no such filter' });
    expect(of('mended')).toMatchObject({ state: 'synced', warnings: ['It has rejected 1 LDS update since it started.'] });
    expect(of('fresh')).toMatchObject({ state: 'not-sent', reason: 'Its control plane has sent it nothing.' });
    expect(of('silent')).toMatchObject({ state: 'unknown', reason: 'Nothing answers on port 19000.' });
  });

  it('and shown with what it says', async () => {
    const { stdout, exit } = await ps(await opened({ objects, programs: programsOf(ANSWERS) }), '--mesh', 'consul', '--fail-on', 'error');
    expect(exit).toBe(1);
    expect(stdout.split('\n')[1]).toMatch(/^shop\/refusing +sidecar +error +/);
    expect(stdout).toMatch(
      /error: shop\/refusing\n {2}It rejects LDS: error adding listener: no such filter\.\n {2}hint: "kubectl -n shop logs refusing -c consul-dataplane"/,
    );
  });
});

describe('of Linkerd each proxy is asked', () => {
  const linkerdPod = (name: string, version: string): object =>
    pod(name, [{ name: 'linkerd-proxy', image: `cr.l5d.io/linkerd/proxy:${version}` }]);
  const part = (component: string): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `linkerd-${component}`, namespace: 'linkerd', labels: { 'linkerd.io/control-plane-component': component } },
    spec: {
      replicas: 0,
      selector: { matchLabels: { component } },
      template: { metadata: { labels: { component } }, spec: { containers: [] } },
    },
  });
  const destination = pod('linkerd-destination-1', [{ name: 'destination', image: 'cr.l5d.io/linkerd/controller:edge-26.8.3' }], {
    namespace: 'linkerd',
    labels: { 'linkerd.io/control-plane-component': 'destination' },
  });
  const expiry = (time: number): string => `identity_cert_expiration_timestamp_seconds ${time / 1000}\n`;
  const gate = (shut: number, open: number): string =>
    `control_destination_balancer_queue_gate_shut_time_seconds ${shut}\ncontrol_destination_balancer_queue_gate_open_time_seconds ${open}\n`;

  it('which controllers it reaches, and how long its certificate lasts', async () => {
    const answers: Answers = {
      'well:4191 /metrics': () => expiry(Date.now() + DAY_MS) + gate(1, 2),
      'cut:4191 /metrics': () => expiry(Date.now() + DAY_MS) + gate(2, 1),
      'ending:4191 /metrics': () => expiry(Date.now() + DAY_MS / 24),
      'naked:4191 /metrics': () => 'process_start_time_seconds 1\n',
    };
    const objects = [
      ...[namespace('shop'), namespace('linkerd'), part('destination'), destination],
      ...['well', 'cut', 'naked', 'silent'].map((name) => linkerdPod(name, 'edge-26.8.3')),
      linkerdPod('ending', 'edge-26.5.2'),
    ];
    const found = await report(await opened({ objects, programs: programsOf(answers) }), '--mesh', 'linkerd');
    const of = (name: string): (typeof found.proxies)[number] | undefined => found.proxies.find((proxy) => proxy.name === name);
    expect(of('well')).toMatchObject({ state: 'synced', warnings: [], types: { destination: { state: 'synced' } } });
    expect(of('cut')).toMatchObject({
      state: 'disconnected',
      reason: 'It does not reach "destination".',
      types: { destination: { state: 'error' } },
    });
    expect(of('naked')).toMatchObject({ state: 'disconnected', reason: 'It has no certificate.' });
    expect(of('silent')).toMatchObject({ state: 'unknown', reason: 'Nothing answers on port 4191.' });
    expect(of('ending')?.state).toBe('synced');
    expect(of('ending')?.warnings).toEqual([
      expect.stringMatching(/^Its certificate expires on /),
      expect.stringContaining('of version edge-26.5.2, and its control plane of edge-26.8.3'),
    ]);
  });
});

describe('the statistics of an Envoy', () => {
  it('tell nothing of types that it has not', () => {
    expect(xdsStats('server.live: 1\n')).toEqual({ connected: undefined, types: {}, rejected: {} });
  });

  it('count what was rejected', () => {
    expect(xdsStats(stats(1, { rejected: 7 }))).toMatchObject({ connected: true, rejected: { LDS: 7 } });
  });
});

describe('of Kuma the insights are read', () => {
  const dataplane = (name: string): object => ({
    apiVersion: 'kuma.io/v1alpha1',
    kind: 'Dataplane',
    mesh: 'default',
    metadata: { name, namespace: 'shop' },
    spec: { networking: { address: '10.0.0.1', inbound: [{ port: 80 }] } },
  });
  const insight = (name: string, subscription: object, mTLS: object = {}): object => ({
    apiVersion: 'kuma.io/v1alpha1',
    kind: 'DataplaneInsight',
    mesh: 'default',
    metadata: { name, namespace: 'shop' },
    status: {
      subscriptions: [{ id: '1', controlPlaneInstanceId: 'kuma-control-plane-7f9-abcd', connectTime: HOUR_AGO, ...subscription }],
      mTLS,
    },
  });
  const answers = (sent: number, acknowledged: number, rejected = 0): object => ({
    responsesSent: `${sent}`,
    responsesAcknowledged: `${acknowledged}`,
    ...(rejected > 0 ? { responsesRejected: `${rejected}` } : {}),
  });
  const definition = (kind: string, plural: string): object => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.kuma.io` },
    spec: {
      group: 'kuma.io',
      scope: 'Namespaced',
      names: { kind, plural, singular: plural.slice(0, -1), listKind: `${kind}List` },
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
  const status = (of: object, lastUpdateTime = HOUR_AGO): object => ({
    status: { lastUpdateTime, total: {}, ...of },
    version: { kumaDp: { version: '2.11.2' } },
  });
  const kumaPod = (name: string): object => pod(name, [{ name: 'kuma-sidecar', image: 'kumahq/kuma-dp:2.11.2' }]);
  const plane = pod('kuma-control-plane-7f9', [{ name: 'control-plane', image: 'kumahq/kuma-cp:2.11.2' }], {
    namespace: 'kuma-system',
    labels: { app: 'kuma-control-plane' },
  });

  it('and tell states, versions and certificates', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const objects = [
      ...[
        namespace('shop'),
        namespace('kuma-system'),
        definition('Dataplane', 'dataplanes'),
        definition('DataplaneInsight', 'dataplaneinsights'),
        plane,
      ],
      ...['well', 'late', 'refusing', 'gone', 'never'].map(kumaPod),
      ...['well', 'late', 'refusing', 'gone', 'never', 'orphan'].map(dataplane),
      insight('well', status({ cds: answers(3, 3), lds: answers(2, 2) }), {
        certificateExpirationTime: soon,
        lastCertificateRegeneration: HOUR_AGO,
      }),
      insight('late', status({ cds: answers(3, 2) })),
      insight('refusing', status({ lds: answers(3, 2, 1) })),
      insight('gone', { disconnectTime: HOUR_AGO }),
      insight('orphan', { disconnectTime: HOUR_AGO }),
    ];
    const found = await report(await opened({ objects }), '--mesh', 'kuma', '--sort', 'name');
    const of = (name: string): (typeof found.proxies)[number] | undefined => found.proxies.find((proxy) => proxy.name === name);
    expect(of('well')).toMatchObject({ state: 'synced', version: '2.11.2', controlPlane: 'kuma-control-plane-7f9', warnings: [] });
    expect(of('well')?.certificate?.notAfter).toBe(soon);
    expect(of('late')).toMatchObject({ state: 'stale', reason: 'It has not acknowledged CDS.' });
    expect(of('refusing')).toMatchObject({ state: 'error', reason: 'It rejected LDS: 1 of 3 updates, since it connected.' });
    expect(of('gone')?.reason).toMatch(/^It has not been connected since 20/);
    expect(of('never')).toMatchObject({ state: 'disconnected', reason: 'It has never connected to the control plane.' });
    expect(of('orphan')?.hint).toMatch(/kubectl -n shop delete dataplane orphan/);
  });
});

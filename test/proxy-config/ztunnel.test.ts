/** ztunnel, which acts for every pod in ambient mode of its node. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { object } from '../../src/sandbox/scenarios/_objects.ts';
import { ambient } from '../../src/sandbox/scenarios/ambient.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type ManualClock, manualClock } from '../sandbox/clock.ts';
import { ask, documentOf } from './asking.ts';

const policy = (namespace: string, name: string, spec: object) =>
  object('security.istio.io/v1', 'AuthorizationPolicy', namespace, name, { spec });
const FROM_PRODUCTPAGE = [{ from: [{ source: { principals: ['cluster.local/ns/bookinfo/sa/bookinfo-productpage'] } }] }];

let sandbox: Sandbox;
let clock: ManualClock;

beforeAll(async () => {
  clock = manualClock();
  const options = ambient.options();
  const policies = [
    policy('istio-system', 'everywhere', { rules: [{}] }),
    policy('bookinfo', 'all-of-it', { rules: [{}] }),
    policy('bookinfo', 'only-details', { selector: { matchLabels: { app: 'details' } }, rules: FROM_PRODUCTPAGE }),
    policy('default', 'elsewhere', { action: 'DENY', rules: [{}] }),
  ];
  sandbox = await startSandbox({ ...options, objects: [...(options.objects ?? []), ...policies], clock, podStartMs: 20 });
  clock.advance(10_000);
});

afterAll(() => sandbox.close());

const pc = (args: string) => ask(args, sandbox, { now: clock.now() });
const NODE = '-n istio-system';

describe('proxy-config of a ztunnel', () => {
  it.each([
    ['workloads', /^bookinfo +details-v1-\S+ +10\.[\d.]+ +- +HBONE$/m],
    ['services', /^bookinfo +reviews +10\.[\d.]+ +waypoint\.bookinfo +3\/3$/m],
    ['policies', /^bookinfo +only-details +Allow +WorkloadSelector +1\n[\s\S]*^default +elsewhere +Deny +Namespace +1$/m],
    ['certificates', /^cluster\.local\/ns\/bookinfo\/sa\/bookinfo-details +leaf +Available +yes, 23h left$/m],
    [
      'connections',
      /^productpage-v1-\S+\.bookinfo +outbound +details-v1-\S+\.bookinfo:15008 +details\.bookinfo\.svc\.cluster\.local:9080 +HBONE$/m,
    ],
    ['stats', /^workload_manager_active_proxy_count [1-9]/m],
  ])('shows %s', async (part, line) => {
    const { exit, out, err } = await pc(`${part} ds/ztunnel ${NODE}`);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(line);
  });

  it.each(['workloads', 'services', 'policies', 'certificates', 'connections', 'all', 'stats', 'log'])(
    'gives %s to machines',
    async (part) => {
      const document = await documentOf(`${part} ds/ztunnel ${NODE}`, sandbox);
      if (part !== 'log') expect(document.proxy).toMatchObject({ mesh: 'istio', kind: 'ztunnel', namespace: 'istio-system' });
    },
  );

  it('leaves only what the filters keep', async () => {
    const rows = async (args: string): Promise<number> => (await pc(`${args} ${NODE}`)).out.trim().split('\n').length - 1;
    expect(await rows('workloads ds/ztunnel --workload-namespace bookinfo')).toBeLessThan(await rows('workloads ds/ztunnel'));
    expect(await rows('workloads ds/ztunnel --node sandbox-node')).toBe(await rows('workloads ds/ztunnel'));
    expect(await rows('workloads ds/ztunnel --node other')).toBe(0);
    expect(await rows('services ds/ztunnel --workload-namespace default')).toBe(1);
    expect(await rows('policies ds/ztunnel --name elsewhere')).toBe(1);
    expect(await rows('certificates ds/ztunnel --workload-namespace istio-system')).toBe(0);
    const inbound = await rows('connections ds/ztunnel --direction inbound');
    expect(inbound + (await rows('connections ds/ztunnel --direction outbound'))).toBe(await rows('connections ds/ztunnel'));
  });

  it('is asked for a pod that has no proxy of its own, about that pod', async () => {
    const { exit, out, err } = await pc('workloads deploy/details-v1 -n bookinfo');
    expect([exit, out.trim().split('\n').length]).toEqual([0, 2]);
    expect(err).toMatch(/^Pod bookinfo\/details-v1-\S+ has no proxy of its own: Pod istio-system\/ztunnel-\S+ acts for it\.\n$/);
    const policies = await documentOf('policies deploy/details-v1 -n bookinfo', sandbox);
    expect(policies.policies.map(({ name }: { name: string }) => name)).toEqual([
      'all-of-it',
      'only-details',
      'everywhere',
      'istio_converted_static_strict',
    ]);
    expect((await documentOf('policies deploy/ratings-v1 -n bookinfo', sandbox)).policies).toHaveLength(3);
    const certificates = await documentOf('certificates deploy/details-v1 -n bookinfo', sandbox);
    expect(certificates.certificates.map(({ type }: { type: string }) => type)).toEqual(['leaf', 'root']);
    const connections = await documentOf('connections deploy/details-v1 -n bookinfo', sandbox);
    expect(new Set(connections.connections.map(({ direction }: { direction: string }) => direction))).toEqual(new Set(['inbound']));
  });

  it('is found by its node', async () => {
    expect((await pc('workloads --node sandbox-node')).out).toMatch(/^bookinfo +details-v1-/m);
    expect((await pc('connections --node sandbox-node')).out).toMatch(/^details-v1-/m);
    expect((await pc('log --node sandbox-node')).out).toMatch(/^default +info$/m);
    expect(await pc('workloads --node elsewhere')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('no proxy for all pods of a node on "elsewhere"'),
    });
  });

  it('has levels of logging, and the way back to them', async () => {
    const levels = async () => (await documentOf(`log ds/ztunnel ${NODE}`, sandbox)).logging[0].loggers;
    const before = await levels();
    expect(before).toEqual({ 'hickory_server::server': 'off', default: 'info' });
    await pc(`log ds/ztunnel ${NODE} --level warn`);
    const { err } = await pc(`log ds/ztunnel ${NODE} --level ztunnel::proxy:trace`);
    expect(await levels()).toEqual({ 'hickory_server::server': 'off', 'ztunnel::proxy': 'trace', default: 'warn' });
    expect((await ask((/proxy-config (.*)/.exec(err)?.[1] ?? '').split(' '), sandbox)).exit).toBe(0);
    expect(await levels()).toEqual({ 'hickory_server::server': 'off', default: 'warn' });
    await pc(`log ds/ztunnel ${NODE} --reset`);
    expect(await levels()).toEqual(before);
  });

  it('has other parts than an Envoy', async () => {
    const { exit, err } = await pc('routes deploy/details-v1 -n bookinfo');
    expect(exit).toBe(2);
    expect(err).toContain('runs a ztunnel, which has no routes (an Envoy and a proxy of Linkerd have).');
    expect(err).toContain('It has workloads, services, policies, certificates, connections, stats, log.');
  });
});

import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/model/check.ts';
import { details, is, istiodPod, plane, proxyPod, result } from './results.ts';

const URL = 'type.googleapis.com/envoy.config.';

interface Status {
  readonly sent?: string;
  readonly acked?: string;
  readonly sentTime?: string;
  readonly lastError?: string;
}

const SYNCED: Status = { sent: 'b', acked: 'b', sentTime: '2026-01-01T11:00:00Z' };
const LATE: Status = { sent: 'b', acked: 'a', sentTime: '2026-01-01T11:30:00Z' };

const proxy = (name: string, clusters: Status = SYNCED): object => ({
  cluster_id: 'Kubernetes',
  proxy: `${name}.shop`,
  istio_version: '1.30.0',
  cluster_sent: clusters.sent,
  cluster_acked: clusters.acked,
  resources: {
    [`${URL}cluster.v3.Cluster`]: clusters,
    [`${URL}route.v3.RouteConfiguration`]: SYNCED,
    // Subscribed to, never sent.
    [`${URL}core.v3.TypedExtensionConfig`]: { sentTime: '0001-01-01T00:00:00Z' },
  },
});

/** @param known what each istiod answers, by pod; a text as it is */
const facts = (known: Readonly<Record<string, readonly object[] | string>>): Partial<Facts> => ({
  ask: async ({ name }, port, path) => {
    const body = known[name];
    if (body === undefined || port !== 15014 || !path.startsWith('/debug/syncz')) return undefined;
    return { status: 200, body: typeof body === 'string' ? body : JSON.stringify(body) };
  },
});

const BASE = plane() + istiodPod('istiod-1');
const CURRENT = 'data-plane-configuration-current';
const ACCEPTED = 'data-plane-configuration-accepted';
const CONNECTED = 'data-plane-proxies-connected';

describe(`istio/${CURRENT}`, () => {
  it('finds what was not acknowledged for long, and names the pod', async () => {
    const found = await result(CURRENT, BASE + proxyPod('cart-1'), facts({ 'istiod-1': [proxy('cart-1', LATE), proxy('web-1')] }));
    expect(found).toMatchObject({
      is: 'failed',
      reason: '1 of 2 proxies has not acknowledged what istiod sent.',
      affected: [
        {
          resource: { kind: 'core/Pod', namespace: 'shop', name: 'cart-1' },
          detail: 'It has not acknowledged the clusters sent 30 minutes ago.',
        },
      ],
    });
    expect(found.hint).toContain('kubectl -n shop logs cart-1 -c istio-proxy');
  });

  it.each([
    ['just sent', { ...LATE, sentTime: '2026-01-01T11:59:40Z' }],
    ['sent in the future of this clock', { ...LATE, sentTime: '2026-01-01T12:05:00Z' }],
    ['without a time', { sent: 'b', acked: 'a' }],
    ['never acknowledged nor sent', {}],
  ])('is silent about what is %s', async (_, clusters) => {
    expect(await is(CURRENT, BASE, facts({ 'istiod-1': [proxy('cart-1', clusters)] }))).toBe('ok');
  });

  it('believes the istiod that the proxy moved to', async () => {
    const pods = BASE + istiodPod('istiod-2');
    const moved = { 'istiod-1': [proxy('cart-1', LATE)], 'istiod-2': [proxy('cart-1', { ...SYNCED, sentTime: '2026-01-01T11:50:00Z' })] };
    expect(await is(CURRENT, pods, facts(moved))).toBe('ok');
  });

  it('looks at the namespace that it is asked about', async () => {
    expect(await is(CURRENT, BASE, { ...facts({ 'istiod-1': [proxy('cart-1', LATE)] }), namespace: 'other' })).toBe('ok');
  });

  it('says that nobody tells', async () => {
    expect(await result(CURRENT, BASE, facts({}))).toMatchObject({ is: 'skipped', hint: expect.stringContaining('/debug/syncz') });
    expect(await is(CURRENT, BASE, facts({ 'istiod-1': 'no JSON' }))).toBe('skipped');
    expect(await is(CURRENT, plane() + istiodPod('istiod-1', '1.30.0', 'False'), facts({ 'istiod-1': [] }))).toBe('skipped');
  });

  it('is not led astray by odd answers', async () => {
    const odd = [null, 3, {}, { proxy: 'nodot' }, { proxy: 'a.b', resources: { x: null, y: 'z' } }];
    expect(await is(CURRENT, BASE, facts({ 'istiod-1': odd as object[] }))).toBe('ok');
  });
});

describe(`istio/${ACCEPTED}`, () => {
  it('gives the words of the proxy that rejects', async () => {
    const rejected = { ...LATE, lastError: 'Error adding/updating cluster(s) outbound|80||x:\n  Invalid path' };
    expect(await details(ACCEPTED, BASE, facts({ 'istiod-1': [proxy('cart-1', rejected), proxy('web-1', LATE)] }))).toEqual([
      'cart-1: It rejects clusters: Error adding/updating cluster(s) outbound|80||x: Invalid path.',
    ]);
  });

  it('is silent when all is accepted', async () => {
    expect(await result(ACCEPTED, BASE, facts({ 'istiod-1': [proxy('cart-1')] }))).toEqual({ is: 'ok', reason: '1 proxy.' });
  });
});

describe(`istio/${CONNECTED}`, () => {
  const pods = BASE + istiodPod('istiod-2') + proxyPod('cart-1') + proxyPod('web-1');

  it('joins what all istiods know', async () => {
    expect(await is(CONNECTED, pods, facts({ 'istiod-1': [proxy('cart-1')], 'istiod-2': [proxy('web-1')] }))).toBe('ok');
    expect(await result(CONNECTED, pods, facts({ 'istiod-1': [proxy('cart-1')], 'istiod-2': [] }))).toMatchObject({
      is: 'failed',
      affected: [{ resource: { name: 'web-1' }, detail: 'No istiod knows its proxy.' }],
      hint: expect.stringContaining('kubectl -n shop logs web-1 -c istio-proxy'),
    });
  });

  it('looks a second time for a proxy that is on its way', async () => {
    let asked = 0;
    const ask: Facts['ask'] = async (_, __, path) => {
      asked++;
      return { status: 200, body: JSON.stringify(path.includes('namespace=shop') ? [proxy('web-1')] : [proxy('cart-1')]) };
    };
    expect(await is(CONNECTED, pods, { ask })).toBe('ok');
    expect(asked).toBe(4);
  });

  it('says nothing when some istiod does not', async () => {
    expect(await is(CONNECTED, pods, facts({ 'istiod-1': [proxy('cart-1')] }))).toBe('skipped');
    expect(await is(CONNECTED, pods, { ...facts({ 'istiod-1': [] }), sample: (all) => all.slice(0, 1) })).toBe('skipped');
  });

  it.each([
    ['just started', proxyPod('new-1').replace('11:00:00', '11:59:30')],
    ['not ready', proxyPod('new-1').replace('name: istio-proxy, ready: true', 'name: istio-proxy, ready: false')],
    ['of a control plane elsewhere', proxyPod('new-1', 'annotations: { istio.io/rev: hosted }')],
    ['sent to another one', proxyPod('new-1', 'annotations: { proxy.istio.io/config: "discoveryAddress: istiod.example.com:15012" }')],
    ['without Envoy', proxyPod('new-1', 'annotations: { inject.istio.io/templates: grpc-agent }')],
    ['outside of the mesh', proxyPod('new-1').replaceAll('istio-proxy', 'other')],
  ])('does not expect a pod that is %s', async (_, pod) => {
    expect(await is(CONNECTED, BASE + pod, facts({ 'istiod-1': [] }))).toBe('ok');
  });
});

describe('istio/control-plane-answers', () => {
  const version = (body: string, status = 200): Partial<Facts> => ({ ask: async () => ({ status, body }) });

  it('finds an istiod that is silent or refuses', async () => {
    expect(await details('control-plane-answers', BASE, facts({}))).toEqual(['istiod-1: Nothing answers on port 15014.']);
    expect(await details('control-plane-answers', BASE, version('', 503))).toEqual(['istiod-1: Port 15014 answers with status 503.']);
  });

  it('asks on the port that the pod names', async () => {
    const ports: number[] = [];
    const ask: Facts['ask'] = async (_, port) => {
      ports.push(port);
      return { status: 200, body: '1.30.0' };
    };
    const annotated = istiodPod('istiod-1').replace('labels:', 'annotations: { prometheus.io/port: "15099" }, labels:');
    expect(await is('control-plane-answers', plane() + annotated, { ask })).toBe('ok');
    expect(ports).toEqual([15099]);
  });

  it('compares the version with that of the image', async () => {
    expect(await details('versions-istiod-as-image', BASE, version('1.29.2-abc-Clean'))).toEqual([
      'istiod-1: Its image is tagged 1.30.0, but it says that it is 1.29.2.',
    ]);
    expect(await is('versions-istiod-as-image', BASE, version('1.30.0-abc-Clean'))).toBe('ok');
    expect(await is('versions-istiod-as-image', BASE, version('unknown'))).toBe('ok');
    expect(await is('versions-istiod-as-image', plane() + istiodPod('istiod-1', '4.2.0'), version('1.30.0-abc-Clean'))).toBe('ok');
    expect(await is('versions-istiod-as-image', plane() + istiodPod('istiod-1', 'latest'), version('1.30.0-abc-Clean'))).toBe('ok');
  });
});

/** Counts of proxies → rates. */
import { describe, expect, it } from 'vitest';
import { appMeshTarget } from '../../src/mesh/appmesh/rates.ts';
import { consulTarget } from '../../src/mesh/consul/rates.ts';
import { kumaTarget } from '../../src/mesh/kuma/rates.ts';
import { osmTarget } from '../../src/mesh/osm/rates.ts';
import { countedIn } from '../../src/mesh/proxies/request-counts.ts';
import type { Counted } from '../../src/model/rates.ts';
import { asEvent, countedOnce, grown, percentileOf, RateTable, together } from '../../src/tap/rates.ts';
import { resourcesFrom } from '../builders.ts';

const [web] = resourcesFrom('apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n');

const counted = (count: number, more: Partial<Counted> = {}): Counted => ({
  ...{ direction: 'inbound', source: { workload: 'web' }, destination: { workload: 'cart', namespace: 'shop' }, count },
  ...{ response: { status: 200 }, durations: new Map() },
  ...more,
});

const rates = (...all: readonly Counted[]) => {
  const table = new RateTable();
  for (const each of all) table.add(asEvent(each, 'istio', { namespace: 'shop', name: 'web' }, 0), each);
  return table.rates();
};

describe('what came to counts', () => {
  it('is the difference', () => {
    const before = counted(10, {
      durations: new Map([
        [5, 4],
        [Infinity, 10],
      ]),
    });
    const after = counted(16, {
      durations: new Map([
        [5, 9],
        [Infinity, 16],
      ]),
    });
    expect(grown([before], [after])).toEqual([
      counted(6, {
        durations: new Map([
          [5, 5],
          [Infinity, 6],
        ]),
      }),
    ]);
  });

  it('is all of it when the proxy has begun anew, or never told of it before', () => {
    expect(grown([counted(10)], [counted(3)])).toEqual([counted(3)]);
    const other = counted(2, { response: { status: 503 } });
    expect(grown([counted(10)], [counted(10), other])).toEqual([counted(0), other]);
  });
});

describe('rates', () => {
  it('hold all statuses between two ends, and what of them went well', () => {
    const found = rates(
      counted(7),
      counted(2, { response: { status: 503 } }),
      counted(1, { response: { status: 404 } }),
      counted(4, { response: { status: 200, grpcStatus: 14 } }),
      counted(0, {
        response: undefined,
        durations: new Map([
          [10, 5],
          [Infinity, 14],
        ]),
      }),
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ requests: 14, successes: 8 });
    expect(Object.fromEntries(found[0]?.statuses ?? [])).toEqual({ 200: 7, 404: 1, 503: 2, 'grpc:14': 4 });
    expect(found[0]?.durations).toEqual(
      new Map([
        [10, 5],
        [Infinity, 14],
      ]),
    );
  });

  it('are none where nothing passed', () => {
    expect(rates(counted(0), counted(0, { response: { status: 500 } }))).toEqual([]);
  });

  it('are of a workload, whichever pod it was', () => {
    const from = (name: string): Counted => counted(1, { source: { workload: 'web', pod: name, address: name } });
    expect(rates(from('web-1'), from('web-2'))).toMatchObject([{ requests: 2, source: { workload: 'web' } }]);
    const unknown = (address: string): Counted => counted(1, { source: { address } });
    expect(rates(unknown('10.0.0.1'), unknown('10.0.0.2'))).toHaveLength(2);
  });

  it('of both ends are counted where they arrive', () => {
    const sent = counted(5, { direction: 'outbound' });
    const elsewhere = counted(2, { direction: 'outbound', destination: { service: 'api.example' } });
    expect(together(countedOnce(rates(counted(5), sent, elsewhere)))).toMatchObject({ requests: 7, successes: 7 });
    expect(together(countedOnce(rates(sent, elsewhere)))).toMatchObject({ requests: 7 });
    const byService = counted(5, { direction: 'outbound', destination: { service: 'cart.shop' } });
    const arrived = counted(5, { source: {}, destination: { namespace: 'shop', workload: 'cart', service: 'cart.shop' } });
    expect(together(countedOnce(rates(byService, arrived)))).toMatchObject({ requests: 5 });
  });
});

describe('percentiles of buckets', () => {
  const buckets = new Map([
    [Infinity, 100],
    [10, 50],
    [20, 90],
    [5, 0],
  ]);
  it.each([
    [0.5, 10],
    [0.25, 7.5],
    [0.9, 20],
    [0.7, 15],
    [0.99, 20],
  ])('%d is %d ms', (part, ms) => {
    expect(percentileOf(buckets, part)).toBeCloseTo(ms);
  });
  it('are unknown where nothing was measured', () => {
    expect(percentileOf(new Map(), 0.5)).toBeUndefined();
    expect(
      percentileOf(
        new Map([
          [5, 0],
          [Infinity, 0],
        ]),
        0.5,
      ),
    ).toBeUndefined();
  });
});

describe('metrics', () => {
  it('of the same place are added up, and others passed over', () => {
    const text = [
      '# TYPE rq counter',
      'rq{to="cart",pod="a",code="200"} 3',
      'rq{to="cart",pod="b",code="200"} 4',
      'rq{to="",pod="b",code="200"} 9',
      'rq_time_bucket{to="cart",pod="a",le="5"} 1',
      'rq_time_bucket{to="cart",pod="b",le="5"} 2',
      'rq_time_bucket{to="cart",pod="b",le="+Inf"} 4',
      'rq_time_sum{to="cart"} 100',
      'nonsense',
    ].join('\n');
    const place = ({ to, code }: Readonly<Record<string, string>>) =>
      to
        ? {
            direction: 'outbound' as const,
            source: {},
            destination: { service: to },
            response: code ? { status: Number(code) } : undefined,
          }
        : undefined;
    const found = countedIn(text, { total: 'rq', durations: 'rq_time', place }, web as NonNullable<typeof web>);
    expect(found).toEqual([
      {
        ...{ direction: 'outbound', source: {}, destination: { service: 'cart' }, response: { status: 200 } },
        count: 7,
        durations: new Map(),
      },
      {
        ...{ direction: 'outbound', source: {}, destination: { service: 'cart' }, response: undefined },
        count: 0,
        durations: new Map([
          [5, 3],
          [Infinity, 4],
        ]),
      },
    ]);
  });
});

describe('clusters of Envoy lead', () => {
  const cart = { service: 'cart.shop', namespace: 'shop' };
  it.each([
    ['localhost:8080', 'own'],
    ['localhost_8080', 'own'],
    ['self_inbound_dp_http', 'own'],
    ['cart_shop_svc_80', cart],
    ['default_cart_shop_zone-1_msvc_80', cart],
    ['default_cart_shop__msvc_80', cart],
    ['kri_msvc_default_zone-1_shop_cart_http', cart],
    ['kri_extsvc_default___pay_9000', { service: 'pay' }],
    ['default_pay___extsvc_9000', { service: 'pay' }],
    ['ads_cluster', undefined],
    ['kuma_envoy_admin', undefined],
    ['self_transparentproxy_passthrough_outbound_ipv4', undefined],
  ])('in Kuma %s to %j', (cluster, target) => {
    expect(kumaTarget(cluster)).toEqual(target);
  });
  it.each([
    ['local_app', {}, 'own'],
    ['cart.default.dc1.internal.5e.consul', { consul_destination_service: 'cart', consul_destination_namespace: 'shop' }, cart],
    ['cart.default.dc1.internal.5e08d03e.consul', {}, { service: 'cart.default.dc1' }],
    ['local_agent', {}, undefined],
  ])('in Consul %s to %j', (cluster, labels, target) => {
    expect(consulTarget(cluster, labels as Record<string, string>)).toEqual(target);
  });
  it.each([
    ['shop/cart|80', cart],
    ['shop/cart/80', cart],
    ['shop/web|8080|local', 'own'],
    ['passthrough-outbound', undefined],
  ])('in OSM %s to %j', (cluster, target) => {
    expect(osmTarget(cluster)).toEqual(target);
  });
  it.each([
    ['cds_ingress_mesh_web_shop_http_8080', 'own'],
    ['cds_egress_mesh_cart_shop_http_8080', { workload: 'cart', namespace: 'shop' }],
    ['cds_egress_mesh_amazonaws', { service: 'mesh_amazonaws' }],
    ['sds_cluster', undefined],
  ])('in App Mesh %s to %j', (cluster, target) => {
    expect(appMeshTarget(cluster)).toEqual(target);
  });
});

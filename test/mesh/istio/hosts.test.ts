import { describe, expect, it } from 'vitest';
import { fullHost, hostCovers, hostIndex, hostsOverlap, serviceOfHost } from '../../../src/mesh/istio/hosts.ts';

describe('the full name of a host', () => {
  it.each([
    ['reviews', 'reviews.shop.svc.example.org'],
    ['reviews.prod', 'reviews.prod'],
    ['reviews.shop.svc.cluster.local', 'reviews.shop.svc.cluster.local'],
    ['*.example.com', '*.example.com'],
    ['*', '*'],
    ['', ''],
  ])('of "%s" is "%s"', (host, expected) => {
    expect(fullHost(host, 'shop', 'example.org')).toBe(expected);
  });
});

describe('hosts', () => {
  it.each([
    { outer: 'foo.com', inner: 'foo.com', covers: true, overlap: true },
    { outer: 'foo.com', inner: 'bar.com', covers: false, overlap: false },
    { outer: '*.com', inner: 'foo.com', covers: true, overlap: true },
    { outer: 'foo.com', inner: '*.com', covers: false, overlap: true },
    { outer: '*.foo.com', inner: 'foo.com', covers: false, overlap: false },
    { outer: '*bar.com', inner: 'foobar.com', covers: true, overlap: true },
    { outer: '*bar.com', inner: 'bar.com', covers: true, overlap: true },
    { outer: '*', inner: 'foo.com', covers: true, overlap: true },
    { outer: '*', inner: '*.com', covers: true, overlap: true },
    { outer: '*.com', inner: '*.foo.com', covers: true, overlap: true },
    { outer: '*.foo.com', inner: '*.com', covers: false, overlap: true },
    { outer: '*.foo.com', inner: '*.bar.com', covers: false, overlap: false },
    { outer: '*.com', inner: '*.com', covers: true, overlap: true },
  ])('"$outer" and "$inner"', ({ outer, inner, covers, overlap }) => {
    expect(hostCovers(outer, inner)).toBe(covers);
    expect(hostsOverlap(outer, inner)).toBe(overlap);
    expect(hostsOverlap(inner, outer)).toBe(overlap);
    // An index of one host finds what that host covers.
    expect([...hostIndex([[outer, 1]]).covering(inner)]).toEqual(covers ? [[1]] : []);
  });
});

describe('the service that a host names', () => {
  it.each([
    ['reviews.shop.svc.cluster.local', { name: 'reviews', namespace: 'shop' }],
    ['reviews.shop.svc.example.org', undefined],
    ['pod.reviews.shop.svc.cluster.local', undefined],
    ['shop.svc.cluster.local', undefined],
    ['reviews.shop', undefined],
    ['reviews', undefined],
  ])('of "%s" is %o', (host, expected) => {
    expect(serviceOfHost(host, 'cluster.local')).toEqual(expected);
  });
});

describe('an index of hosts', () => {
  const index = hostIndex([
    ['*', 'all'],
    ['*.com', 'com'],
    ['*.example.com', 'example'],
    ['*ample.com', 'part of a label'],
    ['a.example.com', 'first'],
    ['a.example.com', 'second'],
  ]);

  it('gives the values of that very name', () => {
    expect(index.named('a.example.com')).toEqual(['first', 'second']);
    expect(index.named('b.example.com')).toEqual([]);
  });

  it.each([
    ['a.example.com', ['first', 'second', 'example', 'part of a label', 'com', 'all']],
    ['b.example.com', ['example', 'part of a label', 'com', 'all']],
    ['example.com', ['part of a label', 'com', 'all']],
    ['*.example.com', ['example', 'part of a label', 'com', 'all']],
    ['*.a.example.com', ['example', 'part of a label', 'com', 'all']],
    ['*.com', ['com', 'all']],
    ['*', ['all']],
    ['org', ['all']],
    ['', ['all']],
  ])('finds what covers "%s", most specific first', (host, expected) => {
    expect([...index.covering(host)].flat()).toEqual(expected);
  });
});

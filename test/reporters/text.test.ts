import { describe, expect, it } from 'vitest';
import { text } from '../../src/reporters/text.ts';
import { broken, clean, merged, oneError, plainLook, reportOf, route, service, suppressedBy, unchecked, withFinding } from './reports.ts';

const ESC = '\u001b';
const plain = (report: Parameters<typeof text>[0], width?: number): string => text(report, { ...plainLook, width });

describe('text', () => {
  it('shows what, where, the line and what to do', () => {
    expect(
      plain(oneError),
    ).toBe(`error istio-routing/destination-host-exists IST0101 KIA1101  Host "reviewz" is not a service that namespace "shop" can see (looked for "reviewz.shop.svc.cluster.local").
shop.yaml:8:32  VirtualService shop/reviews  spec.http[0].route[0].destination.host
  7 |     - route:
  8 |         - destination: { host: reviewz }
    |                                ^^^^^^^
  fix: Did you mean "reviews"?

1 problem (1 error, 0 warnings, 0 infos) in 1 file, 2 resources
`);
  });

  it('says so when there is no problem', () => {
    expect(plain(clean)).toBe('No problems in 1 file, 2 resources\n');
    expect(plain(suppressedBy('baseline', oneError))).toBe('No problems in 1 file, 2 resources; 1 suppressed\n');
  });

  it('names related objects with their places', () => {
    const related = oneError.resources.slice(1);
    expect(plain(withFinding(oneError, { related }))).toContain('\n  related: Service shop/reviews  shop.yaml:10:1\n');
  });

  it('does without a place and a frame for objects of a cluster', () => {
    const report = reportOf(`${route('reviewz')}---\n${service('reviews')}`, { live: true });
    expect(
      plain(report),
    ).toBe(`error istio-routing/destination-host-exists IST0101 KIA1101  Host "reviewz" is not a service that namespace "shop" can see (looked for "reviewz.shop.svc.cluster.local").
VirtualService shop/reviews  spec.http[0].route[0].destination.host
  fix: Did you mean "reviews"?

1 problem (1 error, 0 warnings, 0 infos) in 2 resources
`);
  });

  it('ends with what was not checked and what could not be read', () => {
    expect(
      plain(merged(unchecked, broken)),
    ).toBe(`not checked  The input holds no Service in namespace "shop". Add them, or pass --complete if there are none. (1 rule: istio-routing/destination-host-exists)

not read  The key "a" stands twice in this mapping.
broken.yaml:2:1

No problems in 2 files, 1 resource; 1 rule not checked; 1 input not fully read
`);
  });

  it('groups the rules that lack the same', () => {
    const notChecked = ['a', 'b', 'c', 'd', 'e'].map((rule) => ({ rule: `x/${rule}`, reason: 'The input holds no Pod.' }));
    expect(plain({ ...clean, notChecked })).toContain('not checked  The input holds no Pod. (5 rules: x/a, x/b, x/c and 2 more)\n');
  });

  it('wraps at the width of the terminal, but breaks no place', () => {
    const lines = plain(merged(oneError, unchecked), 80).split('\n');
    expect(lines.slice(0, 4)).toEqual([
      'error istio-routing/destination-host-exists IST0101 KIA1101  Host "reviewz" is',
      '    not a service that namespace "shop" can see (looked for',
      '    "reviewz.shop.svc.cluster.local").',
      'shop.yaml:8:32',
    ]);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(plain(oneError, 30)).toContain('\n  spec.http[0].route[0].destination.host\n');
  });

  it('stays readable on a wide terminal', () => {
    expect(plain(oneError, 200).split('\n')[0]?.length).toBeLessThanOrEqual(120);
    expect(plain(oneError, 200)).toContain('\nshop.yaml:8:32  VirtualService shop/reviews  spec.http[0].route[0].destination.host\n');
  });

  it('colours only when told to, and the same text', () => {
    expect(plain(oneError)).not.toContain(ESC);
    const colored = text(oneError, { ...plainLook, color: true });
    expect(colored).toContain(`${ESC}[31m${ESC}[1merror`);
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(plain(oneError));
  });

  it('lets no escape sequence and no line break of the input through', () => {
    const report = reportOf(`${route(String.raw`"ev\e[31mil\nhost"`)}---\n${service('reviews')}`, { source: 'a\u001b[2Jb.yaml' });
    expect(plain(report)).not.toContain(ESC);
    expect(plain(report).split('\n')[0]).toContain('Host "ev␛[31mil host"');
  });

  it('tells the cluster of an object that is not in the primary one', () => {
    const [finding] = oneError.findings;
    const resource = finding && { ...finding.resource, cluster: 'west' };
    expect(plain(withFinding(oneError, { ...(resource && { resource }) }))).toContain(
      '  VirtualService shop/reviews in cluster "west"  spec.',
    );
  });
});

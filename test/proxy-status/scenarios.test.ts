/** Each broken mesh of `meshctl sandbox` shows without a flag, and the healthy ones are quiet. */
import { describe, expect, it } from 'vitest';
import { ps, report, scenario, unwell } from './run.ts';

describe('the state of the proxies', () => {
  it.each([
    ['bookinfo', 7],
    ['emojivoto', 9],
    ['kuma', 2],
    ['ambient', 3],
  ])('of the healthy %s is synced', async (name, number) => {
    const found = await report(await scenario(name));
    expect(unwell(found)).toEqual([]);
    expect(found).toMatchObject({ exit: 0, summary: { proxies: number, synced: number }, notices: [] });
    expect(found.controlPlanes.every(({ reachable }) => reachable)).toBe(true);
    for (const { certificate, version, type } of found.proxies) {
      // A ztunnel has one for each workload of its node.
      if (type !== 'ztunnel') expect(Date.parse(certificate?.notAfter ?? '')).toBeGreaterThan(Date.now());
      expect(version).toMatch(/\d/);
    }
  });

  it.each([
    ['stale-proxy', ['stale productpage-v1'], /It has not acknowledged CDS, EDS\./],
    [
      'nack',
      ['error reviews-v1', 'error reviews-v2', 'error reviews-v3'],
      /rejects LDS: Error adding\/updating listener.*envoy\.filters\.http\.golang/,
    ],
    ['version-skew', ['synced details-v1', 'synced ratings-v1'], /of version 1\.27\.3, and its control plane of 1\.30\.0/],
    ['expired-certificate', ['synced istio-ingressgateway'], /certificate for bookinfo\.example\.com expired on /],
    ['crash-loop', ['synced reviews-v3'], /Container "reviews" of its pod is not ready \(CrashLoopBackOff\)/],
    ['broken-emojivoto', ['synced voting'], /of version edge-26\.5\.2, and its control plane of edge-26\.8\.3/],
    ['missing-sidecar', [], /A pod that should have a proxy has none: "bookinfo\/ratings-v1-/],
  ])('shows what is wrong in %s', async (name, wrong, words) => {
    const sandbox = await scenario(name);
    expect(unwell(await report(sandbox))).toEqual(wrong);
    const { stdout, exit } = await ps(sandbox);
    expect(stdout).toMatch(words);
    expect(exit).toBe(0);
  });

  it('is asked for over xDS where the debug pages are off', async () => {
    const found = await report(await scenario('no-debug-pages'));
    expect(found).toMatchObject({ exit: 0, summary: { proxies: 7, synced: 7 }, notices: [] });
    expect(found.controlPlanes).toMatchObject([{ reachable: true, version: '1.30.0' }]);
    expect(found.proxies[0]?.types).toMatchObject({ CDS: { state: 'synced', ageMs: expect.any(Number) } });
  });

  it('is lost with the only istiod, which is told', async () => {
    const sandbox = await scenario('dead-istiod');
    const found = await report(sandbox);
    expect(found.exit).toBe(3);
    expect(found.summary).toMatchObject({ disconnected: 7 });
    expect(found.controlPlanes).toMatchObject([{ reachable: false, error: expect.stringContaining('CrashLoopBackOff') }]);
    expect(found.proxies[0]).toMatchObject({ version: '1.30.0', certificate: { notAfter: expect.any(String) } });
  });

  it('is not known to who may not ask, which is told too', async () => {
    const sandbox = await scenario('forbidden');
    const all = await ps(sandbox);
    expect(all).toMatchObject({ exit: 3, stdout: '' });
    expect(all.stderr).toMatch(/lacks the permission "list" on "pods"/);
    const found = await report(sandbox, '-n', 'bookinfo');
    expect(found).toMatchObject({ exit: 3, summary: { unknown: 6 } });
    expect(found.notices[0]).toMatch(/could not be listed.*permission/);
  });

  it('is asked for in vain where there is no mesh', async () => {
    const { exit, stdout, stderr } = await ps(await scenario('empty'));
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(/^No mesh was found in the cluster of context "sandbox"\.\n.*--mesh/);
  });
});

import { describe, expect, it } from 'vitest';
import { details, is, plane, result } from './results.ts';

const kubernetes = (version: string): { readonly version: () => Promise<string> } => ({ version: async () => version });

describe('istio/versions-kubernetes-supported', () => {
  const id = 'versions-kubernetes-supported';
  it.each([
    ['v1.32.5', '1.30.0', 'ok'],
    ['v1.31.4-gke.1372000', '1.30.0', 'warning'],
    ['v1.31.4-gke.1372000', '1.29.1', 'ok'],
    ['v1.31.4', '1.27.0', 'ok'],
    ['v1.40.0', '1.30.0', 'ok'],
    ['v1.20.0', '1.99.0', 'ok'],
    ['v1.20.0', '1.30.0-alpha.1', 'warning'],
    ['one', '1.30.0', 'skipped'],
    ['v1.32.5', 'latest', 'skipped'],
  ])('says of Kubernetes %s and Istio %s: %s', async (version, istio, expected) => {
    expect(await is(id, plane({ version: istio }), kubernetes(version))).toBe(expected);
  });

  it('says that Kubernetes is newer than what was tested, and finds no fault in it', async () => {
    expect((await result(id, plane(), kubernetes('v1.37.0'))).reason).toBe('v1.37.0 is newer than what the release was tested with.');
  });
});

describe('istio/versions-release-maintained', () => {
  const id = 'versions-release-maintained';
  it('warns once the last patch is out, and not before', async () => {
    expect(await details(id, plane({ version: '1.25.3' }))).toEqual(['istiod: Patches for Istio 1.25 ended on 2025-09-30; it is 1.25.3.']);
    expect(await is(id, plane({ version: '1.27.3' }))).toBe('ok');
    expect(await is(id, plane({ version: '1.27.3' }), { now: Date.UTC(2026, 5, 1) })).toBe('warning');
  });

  it('is silent about releases whose end is not fixed, those that it does not know, and those of vendors', async () => {
    for (const version of ['1.30.0', '1.99.0', '1.25.3-solo'])
      expect(await is(id, plane({ version }), { now: Date.UTC(2030, 0, 1) })).toBe('ok');
  });
});

describe('istio/versions-control-planes-close', () => {
  const id = 'versions-control-planes-close';
  const beside = (version: string): string => plane() + plane({ name: 'istiod-old', revision: 'old', version });
  it('warns of control planes more than two minor versions apart', async () => {
    expect(await is(id, beside('1.28.4'))).toBe('ok');
    expect(await result(id, beside('1.27.4'))).toMatchObject({
      is: 'warning',
      reason: 'Revisions "old" and "default" are 3 minor versions apart.',
      hint: expect.stringContaining('istio-system/istiod-old'),
    });
    expect(await is(id, beside('latest'))).toBe('ok');
  });
});

describe('istio/versions-definitions-current', () => {
  const id = 'versions-definitions-current';
  const definition = (labels: string): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: sidecars.networking.istio.io, labels: { ${labels} } }
---`;
  it.each([
    ['app.kubernetes.io/version: 1.29.2', 'warning'],
    ['helm.sh/chart: base-1.28.0', 'warning'],
    ['app.kubernetes.io/version: 1.30.4', 'ok'],
    ['helm.sh/chart: base-1.31.0', 'ok'],
    ['app: istio-pilot, chart: istio', 'ok'],
    ['app.kubernetes.io/version: latest', 'ok'],
  ])('with labels "%s": %s', async (labels, expected) => {
    expect(await is(id, plane() + definition(labels))).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import { install } from '../../../src/mesh/kuma/install.ts';
import { request, valuesOf } from '../install/request.ts';

const JOINED = { controlPlane: { kdsGlobalAddress: 'grpcs://global.example:5685', zone: 'east' } };

describe('plans of Kuma', () => {
  it('are one release in a namespace that Kuma knows as its own', async () => {
    const { components, notices } = await install.plan(request({ version: 'v2.14.3', all: { controlPlane: { replicas: 2 } } }));
    expect(notices).toEqual([]);
    expect(components).toEqual([
      {
        id: 'kuma',
        chart: { repository: 'https://kumahq.github.io/charts', name: 'kuma', version: '2.14.3' },
        release: 'kuma',
        namespace: 'kuma-system',
        namespaceLabels: { 'kuma.io/system-namespace': 'true' },
        needs: [],
        values: { controlPlane: { replicas: 2 } },
      },
    ]);
  });

  it('say what the control plane is', async () => {
    expect(valuesOf(await install.plan(request({ profile: 'global' })), 'kuma')).toEqual({ controlPlane: { mode: 'global' } });
    expect(valuesOf(await install.plan(request({ profile: 'zone', all: JOINED })), 'kuma')).toEqual({
      controlPlane: { mode: 'zone', ...JOINED.controlPlane },
    });
  });

  it.each([
    ['an address', { zone: 'east' }, 'needs the address', 'controlPlane.kdsGlobalAddress'],
    ['an address with its scheme', { zone: 'east', kdsGlobalAddress: 'global:5685' }, '"global:5685" is not the address', 'grpcs://'],
    ['a name', { kdsGlobalAddress: JOINED.controlPlane.kdsGlobalAddress }, 'needs a name', 'controlPlane.zone'],
  ])('of a zone need %s', async (_, controlPlane, message, hint) => {
    const wish = request({ profile: 'zone', of: { kuma: { controlPlane } } });
    await expect(install.plan(wish)).rejects.toMatchObject({
      code: 'E_INSTALL',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
    await expect(install.plan({ ...wish, complete: false })).resolves.toBeDefined();
  });

  it('know no other profile and no revision', async () => {
    await expect(install.plan(request({ profile: 'gobal' }))).rejects.toMatchObject({
      hint: expect.stringContaining('Did you mean "global"?'),
    });
    await expect(install.plan(request({ revision: 'next' }))).rejects.toThrow('Kuma has no revisions');
  });
});

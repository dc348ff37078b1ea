import { describe, expect, it } from 'vitest';
import { install } from '../../../src/mesh/consul/install.ts';
import { request, valuesOf } from '../install/request.ts';

describe('plans of Consul', () => {
  it('are one release of the official chart', async () => {
    const { components } = await install.plan(request({ version: '1.9.11' }));
    expect(components).toEqual([
      {
        id: 'consul',
        chart: { repository: 'https://helm.releases.hashicorp.com', name: 'consul', version: '1.9.11' },
        release: 'consul',
        namespace: 'consul',
        needs: [],
        values: { global: { name: 'consul' }, connectInject: { enabled: true } },
      },
    ]);
  });

  it('have the presets of consul-k8s', async () => {
    expect(valuesOf(await install.plan(request({ profile: 'quickstart' })), 'consul')).toMatchObject({
      global: { metrics: { enabled: true } },
      server: { replicas: 1 },
      ui: { enabled: true },
      prometheus: { enabled: true },
    });
    expect(valuesOf(await install.plan(request({ profile: 'secure' })), 'consul')).toMatchObject({
      global: { gossipEncryption: { autoGenerate: true }, tls: { enabled: true }, acls: { manageSystemACLs: true } },
    });
  });

  it('let the user have the last word', async () => {
    const plan = await install.plan(request({ profile: 'secure', of: { consul: { global: { tls: { enabled: false } }, server: null } } }));
    expect(valuesOf(plan, 'consul')).toMatchObject({
      global: { name: 'consul', tls: { enabled: false, enableAutoEncrypt: true } },
      server: null,
    });
  });

  it('know no other profile and no revision', async () => {
    await expect(install.plan(request({ profile: 'secured' }))).rejects.toMatchObject({
      hint: expect.stringContaining('Did you mean "secure"?'),
    });
    await expect(install.plan(request({ revision: 'next' }))).rejects.toThrow('Consul has no revisions');
  });
});

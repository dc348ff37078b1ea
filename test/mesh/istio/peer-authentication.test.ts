import { describe, expect, it } from 'vitest';
import { type MutualTls, peerAuthentications } from '../../../src/mesh/istio/peer-authentication.ts';
import type { SetOptions } from '../../../src/model/resource-set.ts';
import { setFrom } from '../../builders.ts';

/** One PeerAuthentication per line: `namespace/name [selector] mode [created] [port=mode]`. */
function policies(...lines: readonly string[]): string {
  return lines
    .map((line) => {
      const [id = '', ...words] = line.split(' ');
      const [namespace, name] = id.split('/');
      const find = (pattern: RegExp): string | undefined => words.find((word) => pattern.test(word));
      const app = find(/^app=/)?.slice(4);
      const created = find(/^\d{4}-/);
      const port = find(/^\d+=/)?.split('=');
      const mode = find(/^[A-Z]+$/);
      const spec = {
        ...(app === undefined ? {} : { selector: { matchLabels: { app } } }),
        ...(mode === undefined ? {} : { mtls: { mode } }),
        ...(port ? { portLevelMtls: { [port[0] ?? '']: { mode: port[1] } } } : {}),
      };
      const metadata = { name, namespace, ...(created ? { creationTimestamp: `${created}T00:00:00Z` } : {}) };
      return JSON.stringify({ apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication', metadata, spec });
    })
    .join('\n---\n');
}

function modeOf(yaml: string, app?: string, options: SetOptions = {}): MutualTls {
  return setFrom(yaml || '# nothing', options)
    .derive(peerAuthentications)
    .modeFor('shop', app === undefined ? {} : { app });
}

describe('the mutual TLS mode', () => {
  it.each([
    { name: 'is permissive by default', given: [], expected: 'PERMISSIVE' },
    { name: 'is that of the mesh', given: ['istio-system/default STRICT'], expected: 'STRICT' },
    {
      name: 'of the namespace overrides that of the mesh',
      given: ['istio-system/default STRICT', 'shop/default DISABLE'],
      expected: 'DISABLE',
    },
    { name: 'of another namespace says nothing', given: ['billing/default DISABLE'], expected: 'PERMISSIVE' },
    {
      name: 'of the workload overrides that of the namespace',
      given: ['shop/default STRICT', 'shop/cart app=cart DISABLE'],
      expected: 'DISABLE',
    },
    { name: 'of another workload says nothing', given: ['shop/default STRICT', 'shop/web app=web DISABLE'], expected: 'STRICT' },
    { name: 'of a workload of the root namespace applies nowhere', given: ['istio-system/cart app=cart DISABLE'], expected: 'PERMISSIVE' },
    { name: 'UNSET of a workload is inherited', given: ['shop/default DISABLE', 'shop/cart app=cart UNSET'], expected: 'DISABLE' },
    { name: 'UNSET of a namespace is inherited', given: ['istio-system/default STRICT', 'shop/default UNSET'], expected: 'STRICT' },
    { name: 'UNSET of the mesh is permissive', given: ['istio-system/default UNSET'], expected: 'PERMISSIVE' },
    { name: 'that is missing is inherited', given: ['istio-system/default STRICT', 'shop/default'], expected: 'STRICT' },
    { name: 'of unknown name is inherited', given: ['istio-system/default STRICT', 'shop/default MAYBE'], expected: 'STRICT' },
    { name: 'of the oldest of two policies counts', given: ['shop/a STRICT 2026-02-01', 'shop/b DISABLE 2026-01-01'], expected: 'DISABLE' },
    { name: 'of an object in force beats a new one', given: ['shop/a STRICT', 'shop/b DISABLE 2026-01-01'], expected: 'DISABLE' },
    { name: 'of the first by name counts among new objects', given: ['shop/b STRICT', 'shop/a DISABLE'], expected: 'DISABLE' },
  ])('$name', ({ given, expected }) => {
    expect(modeOf(policies(...given), 'cart').mode).toBe(expected);
  });

  it('without a workload is that of the namespace', () => {
    expect(modeOf(policies('shop/default STRICT', 'shop/cart app=cart DISABLE')).mode).toBe('STRICT');
  });

  it('of the mesh comes from the root namespace that is set', () => {
    const yaml = policies('istio-system/default STRICT', 'mesh-config/default DISABLE');
    expect(modeOf(yaml, 'cart', { settings: { rootNamespace: 'mesh-config' } }).mode).toBe('DISABLE');
  });

  it('names the object that sets it', () => {
    const yaml = policies('istio-system/default STRICT', 'shop/cart app=cart UNSET');
    expect(modeOf(yaml, 'cart').policy).toMatchObject({ namespace: 'istio-system', name: 'default' });
    expect(modeOf('', 'cart').policy).toBeUndefined();
  });

  it.each([
    { given: ['shop/cart app=cart DISABLE 8443=STRICT'], expected: [[8443, 'STRICT']] },
    { given: ['shop/default STRICT', 'shop/cart app=cart 8080=DISABLE'], expected: [[8080, 'DISABLE']] },
    { given: ['shop/default STRICT', 'shop/cart app=cart 8080=UNSET'], expected: [[8080, 'STRICT']] },
    { given: ['shop/cart app=cart 8080=UNSET'], expected: [[8080, 'PERMISSIVE']] },
    { given: ['shop/default STRICT 8080=DISABLE'], expected: [] },
  ])('of single ports belongs to the policy of the workload: $given', ({ given, expected }) => {
    expect([...modeOf(policies(...given), 'cart').ports]).toEqual(expected);
  });
});

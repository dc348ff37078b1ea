/** @see https://kuma.io/docs/latest/policies/meshtrafficpermission/ */
import { describe, expect, it, vi } from 'vitest';
import { kuma } from '../../src/sandbox/scenarios/kuma.ts';
import { ask, askFiles, within } from '../describe/asked.ts';

// Sandboxes, proxies and whole commands share few processors with other tests.
vi.setConfig({ testTimeout: 60_000 });

const app = (name: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}, kuma.io/sidecar-injection: enabled}}
    spec: {serviceAccountName: ${name}, containers: [{name: ${name}, image: ${name}, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, ports: [{port: 80, targetPort: 8080, appProtocol: http}]}
`;

const MESH = (mtls = '{enabledBackend: ca, backends: [{name: ca, type: builtin}]}'): string =>
  `---\napiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {name: default}\nspec: {mtls: ${mtls}}\n`;

const permission = (name: string, spec: string, namespace = 'kuma-system', labels = ''): string =>
  `---\napiVersion: kuma.io/v1alpha1\nkind: MeshTrafficPermission\nmetadata: {name: ${name}, namespace: ${namespace}, labels: {kuma.io/mesh: default${labels}}}\nspec: ${spec}\n`;

async function decision(yaml: string, from = 'deploy/web', mesh = MESH()): Promise<string> {
  const { out } = await askFiles(
    ['authz', 'deploy/cart', '-n', 'shop', '--mesh', 'kuma', '--from', from, '-o', 'json'],
    app('cart') + app('web') + mesh + yaml,
  );
  return JSON.parse(out).verdict.is;
}

const ALL = '{targetRef: {kind: Mesh}, from: [{targetRef: {kind: Mesh}, default: {action: Allow}}]}';
const from = (ref: string, action = 'Allow'): string =>
  `{targetRef: {kind: Mesh}, from: [{targetRef: ${ref}, default: {action: ${action}}}]}`;

describe('MeshTrafficPermissions', () => {
  it.each([
    ['none', '', 'denied'],
    ['for all', permission('all', ALL), 'allowed'],
    ['for a subset by its labels', permission('some', from('{kind: MeshSubset, tags: {app: web}}')), 'allowed'],
    ['for another subset', permission('some', from('{kind: MeshSubset, tags: {app: api}}')), 'denied'],
    ['for a namespace', permission('some', from('{kind: MeshSubset, tags: {k8s.kuma.io/namespace: shop}}')), 'allowed'],
    ['for a service by its tag', permission('some', from('{kind: MeshService, name: web_shop_svc_80}')), 'allowed'],
    ['for another service', permission('some', from('{kind: MeshService, name: api_shop_svc_80}')), 'denied'],
    ['of another mesh', permission('all', ALL).replace('kuma.io/mesh: default', 'kuma.io/mesh: other'), 'denied'],
    ['of another namespace', permission('all', ALL, 'web'), 'denied'],
    ['of its own namespace', permission('all', ALL, 'shop'), 'allowed'],
    ['for other pods', permission('all', ALL.replace('{kind: Mesh}', '{kind: Dataplane, labels: {app: api}}')), 'denied'],
    ['a shadow', permission('all', ALL, 'kuma-system', ', kuma.io/effect: shadow'), 'denied'],
    [
      'the more specific one has the last word',
      permission('all', ALL) +
        permission('mine', from('{kind: Mesh}', 'Deny').replace('{kind: Mesh}', '{kind: MeshSubset, tags: {app: cart}}')),
      'denied',
    ],
    [
      'the last entry has the last word',
      permission(
        'two',
        '{targetRef: {kind: Mesh}, from: [{targetRef: {kind: Mesh}, default: {action: Deny}}, {targetRef: {kind: MeshSubset, tags: {app: web}}, default: {action: Allow}}]}',
      ),
      'allowed',
    ],
    ['only noted', permission('noted', from('{kind: Mesh}', 'AllowWithShadowDeny')), 'allowed'],
  ])('%s', async (_name, yaml, expected) => {
    expect(await decision(yaml)).toBe(expected);
  });

  const rules = (list: string): string => permission('rules', `{rules: [{default: ${list}}]}`);
  it.each([
    ['{allow: [{spiffeID: {type: Exact, value: spiffe://default.zone.mesh.local/ns/shop/sa/web}}]}', 'allowed'],
    ['{allow: [{spiffeID: {type: Prefix, value: spiffe://default.zone.mesh.local/ns/shop/}}]}', 'allowed'],
    ['{allow: [{spiffeID: {type: Exact, value: spiffe://default.zone.mesh.local/ns/shop/sa/api}}]}', 'denied'],
    [
      '{allow: [{spiffeID: {type: Prefix, value: spiffe://d/ns/shop/}}], deny: [{spiffeID: {type: Exact, value: spiffe://d/ns/shop/sa/web}}]}',
      'denied',
    ],
    ['{allowWithShadowDeny: [{spiffeID: {type: Prefix, value: spiffe://d/ns/shop/}}]}', 'allowed'],
  ])('%s', async (list, expected) => {
    expect(await decision(rules(list))).toBe(expected);
  });

  it('have no effect without mutual TLS, and not on plain text where that is taken', async () => {
    expect(await decision('', 'none', MESH('{}'))).toBe('allowed');
    expect(await decision(permission('all', ALL), 'none')).toBe('denied');
    expect(await decision('', 'none', MESH('{enabledBackend: ca, backends: [{name: ca, type: builtin, mode: PERMISSIVE}]}'))).toBe(
      'allowed',
    );
  });

  it('depend on tags where only an identity was told', async () => {
    expect(await decision(permission('some', from('{kind: MeshSubset, tags: {app: web}}')), 'shop/web')).toBe('depends');
    expect(await decision(permission('all', ALL), 'shop/web')).toBe('allowed');
  });
});

describe('a live mesh of Kuma', () => {
  it('is described by configuration', async () => {
    await within(kuma, async (of) => {
      const { exit, out } = await ask(['describe', 'svc/kv', '-n', 'kuma-demo'], of);
      expect(exit).toBe(0);
      expect(out).toMatch(/^ {2}mesh +default \[Mesh default\]$/m);
      expect(out).toMatch(/^ {2}service tag +kv_kuma-demo_svc_5051/m);
      expect(out).toMatch(/^ {2}accepts {2}mutual TLS only \[Mesh default\]$/m);
      expect((await ask(['authz', 'svc/kv', '-n', 'kuma-demo', '--from', 'deploy/demo-app'], of)).out).toMatch(
        /^denied {2}No MeshTrafficPermission allows anybody\.$/m,
      );
    });
  });

  it('shows policies for the service and for its clients', async () => {
    const timeout =
      '---\napiVersion: kuma.io/v1alpha1\nkind: MeshTimeout\nmetadata: {name: slow, namespace: shop}\nspec: {to: [{targetRef: {kind: MeshService, name: cart}, default: {idleTimeout: 1s}}]}\n';
    const { out } = await askFiles(
      ['describe', 'deploy/cart', '-n', 'shop', '--mesh', 'kuma'],
      app('cart') + MESH() + permission('all', ALL) + timeout,
    );
    expect(out).toMatch(/^ {2}MeshTrafficPermission kuma-system\/all {2}for the whole mesh: from the whole mesh$/m);
    expect(out).toMatch(/^ {2}MeshTimeout shop\/slow {2}for the whole mesh: to MeshService cart$/m);
  });
});

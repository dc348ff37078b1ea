import { describe, expect, it } from 'vitest';
import { idsOf, meshedPod, thing, told, workload } from '../posture.ts';

const check = (name: string): string => `kuma/posture-${name}`;

const mesh = (spec: string): string => thing('kuma.io/v1alpha1', 'Mesh', '', 'default', `spec: { ${spec} }`);
const mtls = (mode: string): string => mesh(`mtls: { enabledBackend: ca, backends: [{ name: ca, type: builtin${mode} }] }`);
const plane = (replicas: number): string =>
  workload('kuma-system', 'kuma-control-plane', {
    replicas,
    container: 'name: control-plane, image: "kuma-cp:2.13.0", readinessProbe: {}, resources: { requests: { cpu: 100m, memory: 256Mi } }',
  });
const policy = (spec: string): string => thing('kuma.io/v1alpha1', 'MeshTrafficPermission', 'kuma-system', 'all', `spec: ${spec}`);

describe('the posture of Kuma', () => {
  it('is silent about one that is well-set', async () => {
    const good =
      mtls(', mode: STRICT') +
      plane(2) +
      thing(
        'policy/v1',
        'PodDisruptionBudget',
        'kuma-system',
        'cp',
        'spec: { minAvailable: 1, selector: { matchLabels: { app: kuma-control-plane } } }',
      ) +
      workload('monitoring', 'prometheus', { container: 'name: prometheus, image: "prom/prometheus:v3"' }) +
      meshedPod('cart', {
        proxy: 'kuma-sidecar',
        proxyFields: 'resources: { requests: { cpu: 50m, memory: 64Mi }, limits: { memory: 512Mi } }',
      });
    for (const id of idsOf('posture', 'kuma/')) expect([id, ...(await told(id, good))]).toEqual([id, 'ok']);
  });

  it('tells where plaintext is accepted', async () => {
    expect(await told(check('mtls-strict'), mesh(''))).toEqual(['warning', 'default: It enables no mutual TLS.']);
    expect(await told(check('mtls-strict'), mtls(', mode: PERMISSIVE'))).toEqual([
      'warning',
      'default: Its backend "ca" is PERMISSIVE, and accepts plaintext.',
    ]);
    expect(await told(check('mtls-strict'), mtls(''))).toEqual(['ok']);
    const identity = thing('kuma.io/v1alpha1', 'MeshIdentity', 'kuma-system', 'identity', 'spec: {}', 'labels: { kuma.io/mesh: default }');
    expect(await told(check('mtls-strict'), mesh('') + identity)).toEqual(['ok']);
    const lenient = thing('kuma.io/v1alpha1', 'MeshTLS', 'kuma-system', 'tls', 'spec: { rules: [{ default: { mode: Permissive } }] }');
    expect((await told(check('mtls-strict'), mesh('') + identity + lenient))[1]).toBe(
      'tls: It sets the mode "Permissive", which accepts plaintext.',
    );
  });

  it('tells of permissions for all', async () => {
    const all = 'from: [{ targetRef: { kind: Mesh }, default: { action: Allow } }]';
    expect(await told(check('permissions-narrow'), policy(`{ targetRef: { kind: Mesh }, ${all} }`))).toEqual(['warning', 'all']);
    expect(await told(check('permissions-narrow'), policy(`{ ${all} }`))).toEqual(['warning', 'all']);
    expect(await told(check('permissions-narrow'), policy(`{ targetRef: { kind: Dataplane }, ${all} }`))).toEqual(['ok']);
    expect(await told(check('permissions-narrow'), policy(`{ ${all.replace('Allow', 'Deny')} }`))).toEqual(['ok']);
    const old = (source: string): string =>
      thing(
        'kuma.io/v1alpha1',
        'TrafficPermission',
        '',
        'allow-all',
        `spec: { sources: [{ match: { kuma.io/service: "${source}" } }], destinations: [{ match: { kuma.io/service: "*" } }] }`,
      );
    expect(await told(check('permissions-narrow'), old('*'))).toEqual(['warning', 'allow-all']);
    expect(await told(check('permissions-narrow'), old('web'))).toEqual(['ok']);
  });

  it('tells of a single replica and of an API that is open', async () => {
    expect(await told(check('control-plane-replicated'), plane(1))).toEqual(['warning', 'kuma-control-plane: It may run as 1 replica.']);
    const service = thing(
      'v1',
      'Service',
      'kuma-system',
      'kuma-control-plane',
      'spec: { type: LoadBalancer, ports: [{ port: 5681 }, { port: 5685 }] }',
      'labels: { app: kuma-control-plane }',
    );
    expect(await told(check('admin-ports-inside'), service)).toEqual([
      'failed',
      'kuma-control-plane: Port 5681 leads to the HTTP API in plaintext.',
    ]);
  });
});

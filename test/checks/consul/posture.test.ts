import { describe, expect, it } from 'vitest';
import { idsOf, judge, meshedPod, thing, told, workload } from '../posture.ts';

const check = (name: string): string => `consul/posture-${name}`;

const CONTAINER =
  'name: consul, image: "hashicorp/consul:1.21.0", readinessProbe: {}, resources: { requests: { cpu: 100m, memory: 200Mi } }';
const servers = (replicas = 3): string =>
  workload('consul', 'consul-server', { kind: 'StatefulSet', labels: 'app: consul, component: server', replicas, container: CONTAINER });
const config = (data: string): string => thing('v1', 'ConfigMap', 'consul', 'consul-server-config', `data: { ${data} }`);
const intention = (source: string, action: string): string =>
  thing(
    'consul.hashicorp.com/v1alpha1',
    'ServiceIntentions',
    'consul',
    'all',
    `spec: { destination: { name: "*" }, sources: [{ name: "${source}", action: ${action} }] }`,
  );
const SECURE = 'acl-config.json: "{}", tls-config.json: "{}"';

describe('the posture of Consul', () => {
  it('is silent about one that is well-set', async () => {
    const good =
      servers() +
      config(SECURE) +
      thing(
        'policy/v1',
        'PodDisruptionBudget',
        'consul',
        'server',
        'spec: { maxUnavailable: 1, selector: { matchLabels: { app: consul, component: server } } }',
      ) +
      workload('monitoring', 'prometheus', { container: 'name: prometheus, image: "prom/prometheus:v3"' }) +
      meshedPod('cart', {
        proxy: 'consul-dataplane',
        proxyFields: 'resources: { requests: { cpu: 50m, memory: 64Mi }, limits: { memory: 512Mi } }',
      });
    for (const id of idsOf('posture', 'consul/')) expect([id, ...(await told(id, good))]).toEqual([id, 'ok']);
  });

  it('tells of servers without ACLs or TLS', async () => {
    for (const name of ['acls-enabled', 'tls-enabled']) {
      expect(await told(check(name), servers() + config('server.json: "{}"'))).toEqual(['warning', 'consul-server-config']);
      expect((await judge(check(name), '')).is).toBe('skipped');
    }
    const written = config(`extra-from-values.json: '{ "acl": { "enabled": true }, "tls": {} }'`);
    for (const name of ['acls-enabled', 'tls-enabled']) expect(await told(check(name), servers() + written)).toEqual(['ok']);
  });

  it('tells of intentions that allow everything, by default or by an object', async () => {
    const plain = servers() + config('server.json: "{}"');
    expect(await told(check('intentions-deny'), plain)).toEqual(['warning', 'consul-server-config']);
    expect(await told(check('intentions-deny'), servers() + config(SECURE) + intention('*', 'allow'))).toEqual([
      'warning',
      'all: It allows every call.',
    ]);
    expect(await told(check('intentions-deny'), plain + intention('*', 'deny'))).toEqual(['ok']);
    expect(await told(check('intentions-deny'), servers() + config(SECURE) + intention('web', 'allow'))).toEqual(['ok']);
    expect(await told(check('intentions-deny'), servers() + config(`server.json: '{ "default_intention_policy": "deny" }'`))).toEqual([
      'ok',
    ]);
  });

  it('tells of a single server and of an API that is open', async () => {
    expect(await told(check('control-plane-replicated'), servers(1))).toEqual(['warning', 'consul-server: It may run as 1 replica.']);
    const open = thing(
      'v1',
      'Service',
      'consul',
      'consul-ui',
      'spec: { type: LoadBalancer, ports: [{ port: 80, targetPort: 8500 }] }',
      'labels: { app: consul }',
    );
    expect(await told(check('admin-ports-inside'), open)).toEqual(['failed', 'consul-ui: Port 80 leads to the HTTP API in plaintext.']);
  });
});

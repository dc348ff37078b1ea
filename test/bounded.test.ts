/** Where thousands of objects share one thing, each finding still names a few of them and counts the others. */
import { describe, expect, it } from 'vitest';
import { runRules } from '../src/analysis/engine.ts';
import { allRules } from '../src/rules/index.ts';
import { setFrom } from './builders.ts';

const MANY = 120;
const selected = (await allRules()).map((rule) => ({ rule, severity: rule.meta.severity }));

const many = (make: (index: number) => object): readonly object[] => Array.from({ length: MANY }, (_, index) => make(index));

const NETWORKING = 'networking.istio.io/v1';
const object = (apiVersion: string, kind: string, name: string, spec: object): object => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop' },
  spec,
});
const route = { route: [{ destination: { host: 'web' } }] };
const deployment = object('apps/v1', 'Deployment', 'web', {
  template: {
    metadata: { labels: { app: 'web', 'sidecar.istio.io/inject': 'true' } },
    spec: { containers: [{ name: 'web', image: 'web:1' }] },
  },
});
const service = (name: string, port: number, protocol: string): object =>
  object('v1', 'Service', name, { selector: { app: 'web' }, ports: [{ name: protocol, port, targetPort: 8080 }] });
const server = (port: number): object => ({
  port: { number: port, name: 'https', protocol: 'HTTPS' },
  hosts: ['shop.example.com'],
  tls: { mode: 'SIMPLE', credentialName: 'cert' },
});
const policy = (apiVersion: string, kind: string, name: string): object =>
  object(apiVersion, kind, name, { selector: { matchLabels: { app: 'web' } } });

const SHARED: Readonly<Record<string, readonly object[]>> = {
  'VirtualServices of one host': many((index) => object(NETWORKING, 'VirtualService', `v${index}`, { hosts: ['web'], http: [route] })),
  'http rules with one match': [
    object(NETWORKING, 'VirtualService', 'v', { hosts: ['web'], http: many(() => ({ match: [{ uri: { prefix: '/' } }], ...route })) }),
  ],
  'hosts of two VirtualServices': ['a', 'b'].map((name) =>
    object(NETWORKING, 'VirtualService', name, { hosts: Array.from({ length: MANY }, (_, index) => `h${index}.com`), http: [route] }),
  ),
  'namespaces of exportTo': ['a', 'b'].map((name) =>
    object(NETWORKING, 'VirtualService', name, {
      hosts: ['web'],
      exportTo: Array.from({ length: MANY }, (_, index) => `n${index}`),
      http: [route],
    }),
  ),
  'Gateways of one selector, certificate and host': [
    deployment,
    ...many((index) => object(NETWORKING, 'Gateway', `g${index}`, { selector: { app: 'web' }, servers: [server(443)] })),
  ],
  'ports that no Gateway can use': [
    deployment,
    ...many((index) => service(`s${index}`, 1_000 + index, 'http')),
    object(NETWORKING, 'Gateway', 'g', { selector: { app: 'web' }, servers: [server(443)] }),
  ],
  'Services of one Deployment': [deployment, ...many((index) => service(`s${index}`, 80 + index, index % 2 === 0 ? 'http' : 'tcp'))],
  'Sidecars of one workload': [
    deployment,
    ...many((index) =>
      object(NETWORKING, 'Sidecar', `s${index}`, { workloadSelector: { labels: { app: 'web' } }, egress: [{ hosts: ['./*'] }] }),
    ),
  ],
  'Sidecars of one namespace': many((index) => object(NETWORKING, 'Sidecar', `s${index}`, { egress: [{ hosts: ['./*'] }] })),
  'Telemetries of one workload': [deployment, ...many((index) => policy('telemetry.istio.io/v1', 'Telemetry', `t${index}`))],
  'policies of one workload': [deployment, ...many((index) => policy('security.istio.io/v1', 'AuthorizationPolicy', `a${index}`))],
  'ServiceEntries of one host': many((index) =>
    object(NETWORKING, 'ServiceEntry', `e${index}`, {
      hosts: ['api.example.com'],
      ports: [{ number: 443, name: 'p', protocol: index % 2 === 0 ? 'TLS' : 'HTTP' }],
      resolution: 'DNS',
    }),
  ),
  'subsets that select nothing': [
    deployment,
    service('web', 80, 'http'),
    object(NETWORKING, 'DestinationRule', 'd', {
      host: 'web',
      subsets: many((index) => ({ name: `v${index}`, labels: { version: `${index}` } })),
    }),
  ],
  'labels of a selector': [
    deployment,
    object(NETWORKING, 'Gateway', 'g', {
      selector: Object.fromEntries(many(() => ({})).map((_, index) => [`l${index}`, 'x'])),
      servers: [server(443)],
    }),
  ],
};

/** No finding is about more than this many objects, and every object has a handful of findings at most. */
const MOST_RELATED = 10;
const MOST_PER_OBJECT = 8;
const LONGEST = 2_000;

describe('findings stay small among many', () => {
  it.each(Object.keys(SHARED))('%s', (name) => {
    const objects = SHARED[name] ?? [];
    const set = setFrom(objects.map((entry) => JSON.stringify(entry)).join('\n---\n'));
    const { findings } = runRules(selected, set);
    expect(findings.filter(({ related }) => related.length > MOST_RELATED).map(({ rule }) => rule)).toEqual([]);
    expect(
      findings.filter(({ message, fix = '' }) => message.length + fix.length > LONGEST).map(({ rule, message }) => `${rule}: ${message}`),
    ).toEqual([]);
    expect(findings.length).toBeLessThanOrEqual(MOST_PER_OBJECT * Math.max(MANY, objects.length));
  });
});

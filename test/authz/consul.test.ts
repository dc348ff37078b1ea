/** @see https://developer.hashicorp.com/consul/docs/connect/config-entries/service-intentions */
import { describe, expect, it } from 'vitest';
import { askFiles } from '../describe/asked.ts';

const app = (name: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}, annotations: {consul.hashicorp.com/connect-inject: "true"}}
    spec: {serviceAccountName: ${name}, containers: [{name: ${name}, image: ${name}, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, ports: [{port: 80, targetPort: 8080}]}
`;

const entry = (kind: string, name: string, spec: string): string =>
  `---\napiVersion: consul.hashicorp.com/v1alpha1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`;
const intentions = (destination: string, ...sources: readonly string[]): string =>
  entry(
    'ServiceIntentions',
    destination === '*' ? 'all' : destination,
    `{destination: {name: "${destination}"}, sources: [${sources.join(', ')}]}`,
  );
const HTTP = entry('ServiceDefaults', 'cart', '{protocol: http}');
const injector = (variable: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: injector, namespace: consul, labels: {component: connect-injector}}
spec: {template: {spec: {containers: [{name: x, image: x, env: [{name: ${variable}, value: x}]}]}}}
`;

async function decision(yaml: string, ...more: readonly string[]): Promise<string> {
  const args = ['authz', 'deploy/cart', '-n', 'shop', '--mesh', 'consul', '--from', 'deploy/web', ...more, '-o', 'json'];
  const { out, err } = await askFiles(args, app('cart') + app('web') + yaml);
  if (out === '') throw new Error(err);
  return JSON.parse(out).verdict.is;
}

describe('intentions', () => {
  it.each([
    ['for the service', intentions('cart', '{name: web, action: allow}'), 'allowed'],
    ['for another', intentions('cart', '{name: api, action: allow}', '{name: "*", action: deny}'), 'denied'],
    ['the exact source goes before all', intentions('cart', '{name: "*", action: deny}', '{name: web, action: allow}'), 'allowed'],
    [
      'the exact destination goes before all',
      intentions('*', '{name: web, action: allow}') + intentions('cart', '{name: "*", action: deny}'),
      'denied',
    ],
    ['for all', intentions('*', '{name: "*", action: allow}'), 'allowed'],
    ['of a peer', intentions('cart', '{name: web, peer: east, action: deny}', '{name: "*", action: allow}'), 'allowed'],
    ['none, and nobody knows the default', '', 'depends'],
    ['none, with access control lists', injector('CONSUL_LOGIN_AUTH_METHOD'), 'denied'],
    ['none, without', injector('CONSUL_ADDRESSES'), 'allowed'],
  ])('%s', async (_name, yaml, expected) => {
    expect(await decision(yaml)).toBe(expected);
  });

  const permissions = intentions(
    'cart',
    '{name: web, permissions: [{action: deny, http: {pathPrefix: /admin}}, {action: allow, http: {methods: [GET], header: [{name: x-team, exact: red}]}}]}',
  );
  it.each([
    [['--path', '/admin/x', '--method', 'GET'], 'denied'],
    [['--path', '/items', '--method', 'GET', '--header', 'x-team=red'], 'allowed'],
    [['--path', '/items', '--method', 'POST', '--header', 'x-team=red'], 'denied'],
    [['--path', '/items', '--method', 'GET', '--header', 'x-team='], 'denied'],
    [['--path', '/items', '--method', 'GET'], 'depends'],
    [['--method', 'GET', '--header', 'x-team=red'], 'depends'],
  ])('with permissions, and %j', async (request, expected) => {
    expect(await decision(HTTP + injector('CONSUL_LOGIN_AUTH_METHOD') + permissions, ...request)).toBe(expected);
  });

  it('with permissions deny whoever calls a service of TCP', async () => {
    expect(await decision(permissions, '--path', '/items', '--method', 'GET', '--header', 'x-team=red')).toBe('denied');
  });

  it('let nobody in who is no service', async () => {
    expect(await decision(intentions('*', '{name: "*", action: allow}'), '--from', 'none')).toBe('denied');
  });
});

describe('describe of Consul', () => {
  it('tells the service, its routing and its intentions', async () => {
    const routing =
      entry('ServiceRouter', 'cart', '{routes: [{match: {http: {pathPrefix: /beta}}, destination: {service: cart, serviceSubset: v2}}]}') +
      entry('ServiceSplitter', 'cart', '{splits: [{weight: 90, serviceSubset: v1}, {weight: 10, serviceSubset: v2}]}') +
      entry('ServiceResolver', 'cart', '{subsets: {v1: {filter: x}, v2: {filter: y}}}');
    const { exit, out } = await askFiles(
      ['describe', 'deploy/cart', '-n', 'shop', '--mesh', 'consul'],
      app('cart') + HTTP + routing + intentions('cart', '{name: web, action: allow}'),
    );
    expect(exit).toBe(0);
    expect(out).toMatch(/^ {2}service +cart /m);
    expect(out).toMatch(/^ {2}port 8080 +http$/m);
    expect(out).toMatch(/^ {2}ServiceRouter shop\/cart {2}routes by what requests ask for\n {4}\/beta\* → cart v2$/m);
    expect(out).toMatch(/^ {2}ServiceSplitter shop\/cart {2}cart v1 90%, cart v2 10%$/m);
    expect(out).toMatch(/^ {2}ServiceResolver shop\/cart {2}subsets v1, v2$/m);
    expect(out).toMatch(/^ {2}ServiceIntentions shop\/cart {2}to cart\n {4}allow web$/m);
  });
});

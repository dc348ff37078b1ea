/** Groups that a service in the cluster serves: listed, asked, and passed on to. */
import type { IncomingMessage, RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { at, itemsAt, listAt } from '../../src/model/body.ts';
import { issueCertificate } from '../../src/sandbox/pki/certificate.ts';
import { httpsServer } from '../../src/sandbox/programs/https-server.ts';
import { type Api, openSandbox, until } from './api.ts';

const VALID = { notBefore: Date.now() - 1000, notAfter: Date.now() + 3_600_000 };
const root = issueCertificate({ commonName: 'root', isCa: true, ...VALID });
const own = issueCertificate({ commonName: '', dnsNames: ['tap.default.svc'], issuer: root, ...VALID });
const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const NAME = 'v1alpha1.tap.example.org';
const GROUP = '/apis/tap.example.org/v1alpha1';

const apiService = (more: object = {}): object => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: NAME },
  spec: {
    group: 'tap.example.org',
    version: 'v1alpha1',
    groupPriorityMinimum: 1000,
    versionPriority: 100,
    service: { name: 'tap', namespace: 'default' },
    caBundle: Buffer.from(root.certificatePem).toString('base64'),
    ...more,
  },
});

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'tap' },
  spec: { selector: { app: 'tap' }, ports: [{ name: 'https', port: 443, targetPort: 8089 }] },
};
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'tap', labels: { app: 'tap' } },
  spec: { containers: [{ name: 'c', image: 'c:1' }] },
};

const RESOURCES = [
  { name: 'pods', singularName: '', namespaced: true, kind: 'Tap', verbs: ['watch'] },
  { name: 'pods/tap', singularName: '', namespaced: true, kind: 'Tap', verbs: ['watch'] },
];

const discovery: RequestListener = (_message, response) =>
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ kind: 'APIResourceList', groupVersion: 'tap.example.org/v1alpha1', resources: RESOURCES }));

function open(handle: RequestListener, objects: readonly object[] = [apiService(), service, pod]): Promise<Api> {
  const serve = httpsServer(own, handle);
  return openSandbox({ objects, programs: () => ({ dial: (_pod, port) => (port === 8089 ? serve() : undefined) }) });
}

const available = async ({ call }: Api): Promise<unknown> => {
  const { body } = await call('GET', `${SERVICES}/${NAME}`);
  const condition = itemsAt(body, 'status', 'conditions')[0]?.item;
  return [condition?.['status'], condition?.['reason'], condition?.['message']];
};

describe('APIServices', () => {
  it('of the server itself are listed as local, those of definitions as long as they are there', async () => {
    const { call } = await openSandbox();
    expect((await call('GET', `${SERVICES}/v1.apps`)).body).toMatchObject({
      status: { conditions: [{ status: 'True', reason: 'Local' }] },
    });
    expect((await call('GET', `${SERVICES}/v1.`)).code).toBe(200);
    const schema = { openAPIV3Schema: { type: 'object' } };
    const names = { kind: 'Widget', plural: 'widgets' };
    const spec = { group: 'example.org', scope: 'Cluster', names, versions: [{ name: 'v1', served: true, storage: true, schema }] };
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await call('POST', definitions, { metadata: { name: 'widgets.example.org' }, spec });
    await until(async () => (await call('GET', `${SERVICES}/v1.example.org`)).code === 200);
    await call('DELETE', `${definitions}/widgets.example.org`);
    await until(async () => (await call('GET', `${SERVICES}/v1.example.org`)).code === 404);
  });

  it('show what their service serves, in both forms of discovery', async () => {
    const api = await open(discovery);
    expect(await available(api)).toEqual(['True', 'Passed', 'all checks passed']);
    const names = (body: object): readonly unknown[] => listAt(body, 'groups').map((group) => at(group, ['name']));
    expect(names((await api.call('GET', '/apis')).body)).toContain('tap.example.org');
    const { body } = await api.call('GET', '/apis', undefined, {
      accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    });
    expect(itemsAt(body, 'items').find(({ item }) => at(item, ['metadata', 'name']) === 'tap.example.org')?.item['versions']).toMatchObject(
      [
        {
          version: 'v1alpha1',
          freshness: 'Current',
          resources: [{ resource: 'pods', subresources: [{ subresource: 'tap', verbs: ['watch'] }] }],
        },
      ],
    );
    expect((await api.call('GET', GROUP)).body['resources']).toEqual(RESOURCES);
    await api.call('DELETE', `${SERVICES}/${NAME}`);
    expect((await api.call('GET', GROUP)).code).toBe(404);
  });

  it.each<readonly [reason: string, message: RegExp, objects: readonly object[], handle: RequestListener]>([
    ['ServiceNotFound', /^service\/tap in "default" is not present$/, [apiService()], discovery],
    [
      'ServicePortError',
      /is not listening on port 444$/,
      [apiService({ service: { name: 'tap', namespace: 'default', port: 444 } }), service, pod],
      discovery,
    ],
    [
      'EndpointsNotFound',
      /^cannot find endpoints for service\/tap in "default"$/,
      [apiService(), { ...service, spec: { ports: service.spec.ports } }],
      discovery,
    ],
    ['MissingEndpoints', /have no addresses with port name "https"$/, [apiService(), service], discovery],
    [
      'FailedDiscoveryCheck',
      /bad status from https:\/\/10\.[\d.]+:8089\/apis\/tap\.example\.org\/v1alpha1: 500$/,
      [apiService(), service, pod],
      (_, response) => response.writeHead(500).end(),
    ],
    ['FailedDiscoveryCheck', /x509: certificate signed by unknown authority$/, [apiService({ caBundle: '' }), service, pod], discovery],
  ])('that are not available say why: %s', async (reason, message, objects, handle) => {
    const api = await open(handle, objects);
    expect(await available(api)).toEqual(['False', reason, expect.stringMatching(message)]);
    expect(await api.call('GET', `${GROUP}/namespaces/default/pods`)).toMatchObject({ code: 503, body: { text: 'service unavailable\n' } });
  });

  it('become available with their pods', async () => {
    const api = await open(discovery, [apiService({ caBundle: undefined, insecureSkipTLSVerify: true }), service]);
    await api.call('POST', '/api/v1/namespaces/default/pods', pod);
    await until(async () => String(await available(api)) === 'True,Passed,all checks passed');
    await api.call('DELETE', '/api/v1/namespaces/default/pods/tap');
    await until(async () => String(await available(api)).startsWith('False,MissingEndpoints'));
  });
});

describe('requests that are passed on', () => {
  it('say who asks, carry their body there, and stream their answer back until the client goes', async () => {
    let seen: IncomingMessage | undefined;
    let gone = false;
    const api = await open((message, response) => {
      if (message.method === 'GET') return discovery(message, response);
      seen = message;
      message.on('data', (chunk) => {
        response.writeHead(200, { 'content-type': 'application/octet-stream' });
        response.write(`got ${chunk}`);
      });
      response.on('close', () => {
        gone = true;
      });
    });
    const leaving = new AbortController();
    const path = `${GROUP}/watch/namespaces/default/pods/tap?limit=1`;
    const headers = { authorization: `Bearer ${api.sandbox.token}`, 'content-type': 'text/plain', 'x-remote-user': 'somebody' };
    const signal = AbortSignal.any([leaving.signal, AbortSignal.timeout(5000)]);
    const response = await fetch(`${api.sandbox.url}${path}`, { method: 'POST', headers, body: 'events', signal });
    const first = await response.body?.getReader().read();
    expect([response.status, Buffer.from(first?.value ?? []).toString()]).toEqual([200, 'got events']);
    expect([seen?.url, seen?.headers['x-remote-user'], seen?.headers['authorization']]).toEqual([path, 'sandbox-admin', undefined]);
    expect(seen?.headers['x-remote-group']).toBe('system:masters, system:authenticated');
    leaving.abort();
    await until(() => gone);
  });
});

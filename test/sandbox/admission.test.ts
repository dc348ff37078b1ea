/** Webhooks as the API server calls them: which, when, in what order, and what becomes of their answers. */
import { describe, expect, it } from 'vitest';
import { at, listAt, objectAt, stringAt } from '../../src/model/body.ts';
import { type Certificate, issueCertificate } from '../../src/sandbox/pki/certificate.ts';
import { httpsServer } from '../../src/sandbox/programs/https-server.ts';
import { streamPair } from '../../src/sandbox/programs/stream-pair.ts';
import { together } from '../../src/sandbox/programs/together.ts';
import { type Judgement, webhookServer } from '../../src/sandbox/programs/webhook-server.ts';
import type { KubeObject } from '../../src/sandbox/store/object.ts';
import { type Api, configMap, definition, deployment, openSandbox, until } from './api.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const HOOKS = '/apis/admissionregistration.k8s.io/v1';
const VALID = { notBefore: Date.now() - 1000, notAfter: Date.now() + 3_600_000 };
const root = issueCertificate({ commonName: 'root', isCa: true, ...VALID });

const issued = (more: object = {}): Certificate =>
  issueCertificate({ commonName: '', dnsNames: ['hook.default.svc'], issuer: root, ...VALID, ...more });

interface Hook {
  readonly name: string;
  readonly path?: string;
  readonly more?: object;
}

const configuration = (kind: string, name: string, hooks: readonly Hook[], service: object = {}, authority = root): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: `${kind}WebhookConfiguration`,
  metadata: { name },
  webhooks: hooks.map(({ name: own, path = '/', more = {} }) => ({
    name: own,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    clientConfig: {
      service: { name: 'hook', namespace: 'default', path, ...service },
      caBundle: Buffer.from(authority.certificatePem).toString('base64'),
    },
    rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
    ...more,
  })),
});

const server = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'hook' },
    spec: { selector: { app: 'hook' }, ports: [{ port: 443, targetPort: 8443 }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'hook', labels: { app: 'hook' } },
    spec: { containers: [{ name: 'c', image: 'c:1' }] },
  },
];

function open(paths: Readonly<Record<string, Judgement>>, objects: readonly object[], certificate = issued()): Promise<Api> {
  const serve = webhookServer(certificate, paths);
  const programs = together(
    () => ({}),
    () => ({ dial: ({ metadata }, port) => (metadata.name === 'hook' && port === 8443 ? serve() : undefined) }),
  );
  return openSandbox({ objects: [...server, ...objects], programs });
}

const noted =
  (text: string): Judgement =>
  (object) => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, seen: `${object.metadata.labels?.['seen'] ?? ''}${text}` } },
  });

const withSide = (pod: KubeObject): KubeObject => ({
  ...pod,
  spec: { ...objectAt(pod, 'spec'), containers: [...listAt(pod, 'spec', 'containers'), { name: 'side', image: 'side:1' }] },
});

describe('mutating webhooks', () => {
  it('are called by the names of their configurations, and once more when they ask for it and the object changed', async () => {
    const { call } = await open({ '/a': noted('a'), '/b': noted('b') }, [
      configuration('Mutating', 'second', [{ name: 'b.example.org', path: '/b' }]),
      configuration('Mutating', 'first', [{ name: 'a.example.org', path: '/a', more: { reinvocationPolicy: 'IfNeeded' } }]),
    ]);
    const made = await call('POST', MAPS, configMap('a'));
    expect([made.code, at(made.body, ['metadata', 'labels', 'seen'])]).toEqual([201, 'aba']);
  });

  it.each([
    ['another namespace', { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
    ['other labels', { objectSelector: { matchLabels: { app: 'x' } } }],
    ['another operation', { rules: [{ operations: ['DELETE'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }] }],
    ['another scope', { rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], scope: 'Cluster' }] }],
    ['subresources only', { rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps/status'] }] }],
  ])('are not called for %s', async (_name, more) => {
    const { call } = await open({ '/': noted('x') }, [configuration('Mutating', 'one', [{ name: 'a.example.org', more }])]);
    expect((await call('POST', MAPS, configMap('a'))).body).not.toHaveProperty('metadata.labels');
  });

  it('see a kind in the version that their rule names, whatever version is written', async () => {
    const versions = ['v1', 'v2'].map((name) => ({
      name,
      served: true,
      storage: name === 'v2',
      schema: { openAPIV3Schema: { type: 'object' } },
    }));
    const defined = definition({}) as { readonly spec: object };
    const versionNoted: Judgement = (object) => noted(object.apiVersion.replace('example.org/', ''))(object);
    const rules = [{ operations: ['*'], apiGroups: ['example.org'], apiVersions: ['v1'], resources: ['*'] }];
    const { call } = await open({ '/': versionNoted }, [
      { ...defined, spec: { ...defined.spec, versions } },
      configuration('Mutating', 'one', [{ name: 'a.example.org', more: { rules } }]),
    ]);
    const widget = { apiVersion: 'example.org/v2', kind: 'Widget', metadata: { name: 'w' } };
    expect((await call('POST', '/apis/example.org/v2/namespaces/default/widgets', widget)).body).toMatchObject({
      apiVersion: 'example.org/v2',
      metadata: { labels: { seen: 'v1' } },
    });
  });

  it('change neither the name nor the kind of an object', async () => {
    const judge: Judgement = (object) => ({ ...object, metadata: { ...object.metadata, name: 'other' } });
    const { call } = await open({ '/': judge }, [configuration('Mutating', 'one', [{ name: 'a.example.org' }])]);
    expect((await call('POST', MAPS, configMap('a'))).body).toMatchObject({ metadata: { name: 'a' } });
  });

  it('are asked about the pods of controllers, and a refusal is an Event', async () => {
    const judge: Judgement = (pod) => (pod.metadata.labels?.['app'] === 'bad' ? 'not here' : withSide(pod));
    const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }];
    const { call, sandbox } = await open({ '/': judge }, [configuration('Mutating', 'one', [{ name: 'a.example.org', more: { rules } }])]);
    const pods = (app: string): readonly KubeObject[] =>
      sandbox.store.list('core/Pod').filter(({ metadata }) => metadata.labels?.['app'] === app);
    await call('POST', '/apis/apps/v1/namespaces/default/deployments', deployment('good', 3));
    await call('POST', '/apis/apps/v1/namespaces/default/deployments', deployment('bad', 1));
    await until(() => pods('good').length === 3);
    // With the fields that the server fills in.
    const side = { name: 'side', image: 'side:1', imagePullPolicy: 'IfNotPresent' };
    expect(pods('good').map((pod) => at(pod, ['spec', 'containers', 1]))).toMatchObject([side, side, side]);
    const events = (): readonly KubeObject[] => sandbox.store.list('core/Event').filter((event) => event['reason'] === 'FailedCreate');
    await until(() => events().length > 0);
    expect(events()[0]?.['message']).toBe('Error creating: admission webhook "a.example.org" denied the request: not here');
    expect(pods('bad')).toEqual([]);
    await call('DELETE', '/apis/apps/v1/namespaces/default/deployments/good');
    await until(() => pods('good').length === 0);
  });
});

describe('validating webhooks', () => {
  it('refuse in words of their own, also deletes', async () => {
    const rules = [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }];
    const judge: Judgement = (object) => (Object.keys(object).length === 0 ? 'it stays' : object['data'] ? 'no data, please' : object);
    const { call } = await open({ '/': judge }, [configuration('Validating', 'one', [{ name: 'v.example.org', more: { rules } }])]);
    expect(await call('POST', MAPS, configMap('a', { data: { x: '1' } }))).toMatchObject({
      code: 400,
      body: { status: 'Failure', message: 'admission webhook "v.example.org" denied the request: no data, please' },
    });
    expect((await call('POST', MAPS, configMap('a'))).code).toBe(201);
    expect((await call('DELETE', `${MAPS}/a`)).body['message']).toContain('denied the request: it stays');
    expect((await call('GET', `${MAPS}/a`)).code).toBe(200);
  });

  it('are told of dry runs only when they have no side effects', async () => {
    const { call } = await open({ '/': (object) => object }, [
      configuration('Validating', 'one', [{ name: 'v.example.org', more: { sideEffects: 'Some' } }]),
    ]);
    expect((await call('POST', `${MAPS}?dryRun=All`, configMap('a'))).body['message']).toBe(
      'admission webhook "v.example.org" does not support dry run',
    );
    expect((await call('POST', MAPS, configMap('a'))).code).toBe(201);
  });

  it('cannot keep their own configuration from being mended', async () => {
    const rules = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }];
    const { call } = await open({ '/': () => 'never' }, [configuration('Validating', 'one', [{ name: 'v.example.org', more: { rules } }])]);
    expect((await call('POST', MAPS, configMap('a'))).code).toBe(400);
    expect((await call('DELETE', `${HOOKS}/validatingwebhookconfigurations/one`)).code).toBe(200);
    expect((await call('POST', MAPS, configMap('a'))).code).toBe(201);
  });
});

const URL = 'https://hook.default.svc:443/?timeout=10s';
const stranger = issueCertificate({ commonName: 'stranger', isCa: true, ...VALID });
const past = { notBefore: Date.now() - 7_200_000, notAfter: Date.now() - 3_600_000 };

describe('a webhook that fails', () => {
  it.each<readonly [name: string, service: object, authority: Certificate, certificate: Certificate, words: string]>([
    ['has no service', { name: 'none' }, root, issued(), 'service "none" not found'],
    ['names another port', { port: 444 }, root, issued(), 'no service port 444 found for service "hook"'],
    ['is not trusted', {}, stranger, issued(), 'tls: failed to verify certificate: x509: certificate signed by unknown authority'],
    ['expired', {}, root, issued(past), 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid'],
    [
      'has a certificate for somebody else',
      {},
      root,
      issued({ dnsNames: ['other.default.svc'] }),
      'tls: failed to verify certificate: x509: certificate is valid for other.default.svc, not hook.default.svc',
    ],
  ])('because it %s is told in the words of the API server', async (_name, service, authority, certificate, words) => {
    const { call } = await open(
      { '/': (object) => object },
      [configuration('Mutating', 'one', [{ name: 'a.example.org' }], service, authority)],
      certificate,
    );
    const url = URL.replace('hook', String(at(service, ['name']) ?? 'hook')).replace('443', String(at(service, ['port']) ?? 443));
    expect(await call('POST', MAPS, configMap('a'))).toMatchObject({
      code: 500,
      body: { message: `Internal error occurred: failed calling webhook "a.example.org": failed to call webhook: Post "${url}": ${words}` },
    });
  });

  it('because its pod is gone, or nothing listens there, or it is elsewhere', async () => {
    const { call, sandbox } = await open({ '/': (object) => object }, [configuration('Mutating', 'one', [{ name: 'a.example.org' }])]);
    sandbox.store.remove('core/Pod', 'default', 'hook');
    await until(() => sandbox.store.get('core/Endpoints', 'default', 'hook')?.['subsets'] === undefined);
    expect((await call('POST', MAPS, configMap('a'))).body['message']).toContain('no endpoints available for service "hook"');
    const { call: other } = await openSandbox({ objects: [...server, configuration('Mutating', 'one', [{ name: 'a.example.org' }])] });
    expect((await other('POST', MAPS, configMap('a'))).body['message']).toMatch(
      /dial tcp 10\.244\.\d+\.\d+:8443: connect: connection refused$/,
    );
    const clientConfig = { url: 'https://hooks.example.org/' };
    const { call: third } = await openSandbox({
      objects: [configuration('Mutating', 'one', [{ name: 'a.example.org', more: { clientConfig } }])],
    });
    expect((await third('POST', MAPS, configMap('a'))).body['message']).toContain(
      'the sandbox calls webhooks by clientConfig.service only',
    );
  });

  it('because it does not answer in time', async () => {
    const late: (() => void)[] = [];
    const after = (delayMs: number, action: () => void): (() => void) => {
      if (delayMs === 10_000) late.push(action);
      else setImmediate(action);
      return () => undefined;
    };
    const { call } = await openSandbox({
      objects: [...server, configuration('Mutating', 'one', [{ name: 'a.example.org' }])],
      clock: { now: Date.now, after },
      programs: () => ({ dial: () => streamPair()[0] }),
    });
    const answer = call('POST', MAPS, configMap('a'));
    await until(() => late.length === 1);
    late[0]?.();
    expect((await answer).body['message']).toContain(`Post "${URL}": context deadline exceeded`);
  });

  it('is passed over when its failurePolicy says so, and answers of other kinds are failures', async () => {
    const { call } = await open({}, [configuration('Mutating', 'one', [{ name: 'a.example.org', more: { failurePolicy: 'Ignore' } }])]);
    expect((await call('POST', MAPS, configMap('a'))).code).toBe(201);
    const { call: strict } = await open({}, [configuration('Mutating', 'one', [{ name: 'a.example.org' }])]);
    expect((await strict('POST', MAPS, configMap('a'))).body['message']).toBe(
      'Internal error occurred: failed calling webhook "a.example.org": failed to call webhook: the server could not find the requested resource',
    );
  });
});

/** A webhook that answers each review with a response of its own. */
function answering(kind: string, respond: (uid: string) => object): Promise<Api> {
  const serve = httpsServer(issued(), async (message, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of message) chunks.push(chunk as Uint8Array);
    const review = JSON.parse(Buffer.concat(chunks).toString()) as object;
    response.end(JSON.stringify({ ...review, response: respond(stringAt(review, 'request', 'uid') ?? '') }));
  });
  return openSandbox({ objects: [...server, configuration(kind, 'one', [{ name: 'a.example.org' }])], programs: () => ({ dial: serve }) });
}

describe('the answer of a webhook', () => {
  it('brings warnings to the client', async () => {
    const { call } = await answering('Validating', (uid) => ({ uid, allowed: true, warnings: ['soon gone'] }));
    expect((await call('POST', MAPS, configMap('a'))).headers.get('warning')).toBe('299 - "soon gone"');
  });

  it.each([
    ['says nothing', {}, 400, 'admission webhook "a.example.org" denied the request without explanation'],
    [
      'names a code',
      { status: { code: 403, reason: 'Forbidden' } },
      403,
      'admission webhook "a.example.org" denied the request: Forbidden',
    ],
  ])('refuses when it %s', async (_name, more, code, message) => {
    const { call } = await answering('Mutating', (uid) => ({ uid, allowed: false, ...more }));
    expect(await call('POST', MAPS, configMap('a'))).toMatchObject({ code, body: { message } });
  });

  it.each([
    [
      'to another request',
      () => ({ uid: 'x', allowed: true }),
      /invalid webhook response: expected response\.uid="[-0-9a-f]{36}", got "x"$/,
    ],
    [
      'with a patch of no type',
      (uid: string) => ({ uid, allowed: true, patch: 'W10=' }),
      /webhook returned response\.patch but not response\.patchType$/,
    ],
    [
      'with a patch of what is not there',
      (uid: string) => ({
        uid,
        allowed: true,
        patchType: 'JSONPatch',
        patch: Buffer.from('[{"op":"remove","path":"/none"}]').toString('base64'),
      }),
      /^Internal error occurred: .*"\/none"/,
    ],
  ])('is a failure when it is %s', async (_name, respond, message) => {
    const { call } = await answering('Mutating', respond);
    expect(await call('POST', MAPS, configMap('a'))).toMatchObject({ code: 500, body: { message: expect.stringMatching(message) } });
  });
});

describe('a write that waits for webhooks', () => {
  it('is not lost when others write meanwhile, and a stated revision still counts', async () => {
    const { call } = await open({ '/': (object) => object }, [configuration('Mutating', 'one', [{ name: 'a.example.org' }])]);
    const { body: first } = await call('POST', MAPS, configMap('a', { data: {} }));
    const merge = { 'content-type': 'application/merge-patch+json' };
    const keys = ['a', 'b', 'c', 'd'];
    const patched = await Promise.all(keys.map((key) => call('PATCH', `${MAPS}/a`, { data: { [key]: '1' } }, merge)));
    expect(patched.map(({ code }) => code)).toEqual([200, 200, 200, 200]);
    expect((await call('GET', `${MAPS}/a`)).body['data']).toEqual({ a: '1', b: '1', c: '1', d: '1' });
    expect((await call('PUT', `${MAPS}/a`, { ...first, data: {} })).body['reason']).toBe('Conflict');
    const twins = await Promise.all([call('POST', MAPS, configMap('twin')), call('POST', MAPS, configMap('twin'))]);
    expect(twins.map(({ code }) => code).sort()).toEqual([201, 409]);
  });
});

/** Live analysis, whole commands on a memory host against a real HTTP server. */
import { afterEach, describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { definition, NETWORKING } from './definitions.ts';

const TOKEN = 'planted-token-5e1d';
/** base64 of PLANTED-SECRET. */
const PLANTED = 'UExBTlRFRC1TRUNSRVQ=';

const running: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

const ISTIO = [
  ['virtualservices', 'VirtualService'],
  ['destinationrules', 'DestinationRule'],
  ['gateways', 'Gateway'],
  ['serviceentries', 'ServiceEntry'],
] as const;

const object = (apiVersion: string, kind: string, namespace: string, name: string, more: object = {}): object => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace && { namespace }) },
  ...more,
});
const route = (name: string, host: string): object =>
  object('networking.istio.io/v1', 'VirtualService', 'shop', name, {
    spec: { hosts: [name], http: [{ route: [{ destination: { host } }] }] },
  });
const service = (namespace: string, name: string): object =>
  object('v1', 'Service', namespace, name, { spec: { selector: { app: name }, ports: [{ name: 'http', port: 80 }] } });

const SHOP = [
  ...['shop', 'ingress', 'istio-system'].map((name) => object('v1', 'Namespace', '', name)),
  ...ISTIO.map(([plural, kind]) => definition(NETWORKING, plural, kind)),
  service('shop', 'reviews'),
  route('reviews', 'gone'),
  route('ratings', 'reviews'),
  object('v1', 'ConfigMap', 'shop', 'private', { data: { key: 'PLANTED-SECRET' } }),
  object('v1', 'Secret', 'shop', 'private', { data: { key: PLANTED } }),
];

async function sandboxWith(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ objects: SHOP, token: TOKEN, podStartMs: 0, ...options });
  running.push(sandbox);
  return sandbox;
}

interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function analyze(sandbox: Sandbox, args: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const host = memoryHost({ args: ['analyze', ...args], files: { ...files, '/kube': sandbox.kubeconfig() }, env: { KUBECONFIG: '/kube' } });
  const exit = await main(host);
  const ran = { exit, stdout: host.stdout(), stderr: host.stderr() };
  expect(JSON.stringify(ran)).not.toMatch(new RegExp(`${TOKEN}|${PLANTED}|PLANTED-SECRET`));
  return ran;
}

const rulesIn = ({ stdout }: Ran): readonly string[] =>
  JSON.parse(stdout).findings.map((finding: { rule: string; resource: { name: string } }) => `${finding.rule} ${finding.resource.name}`);

const HOST_RULE = ['--rule', 'istio-routing/destination-host-exists'];

describe('analyze without files', () => {
  it('judges the cluster as whole', async () => {
    const ran = await analyze(await sandboxWith(), ['-A', '-o', 'json', ...HOST_RULE]);
    expect(rulesIn(ran)).toEqual(['istio-routing/destination-host-exists reviews']);
    expect(JSON.parse(ran.stdout).notChecked).toEqual([]);
    expect(ran.exit).toBe(1);
  });

  it('reports on the namespace of the context, and says so', async () => {
    const ran = await analyze(await sandboxWith(), HOST_RULE);
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toContain('Reported on namespace "default" of context "sandbox" only; -A reports on all namespaces.');
  });

  it('reads all namespaces even when it reports on one', async () => {
    const objects = [
      ...SHOP,
      object('v1', 'Namespace', '', 'other'),
      service('other', 'far'),
      route('to-far', 'far.other.svc.cluster.local'),
    ];
    expect(rulesIn(await analyze(await sandboxWith({ objects }), ['-n', 'shop', '-o', 'json', ...HOST_RULE]))).toEqual([
      'istio-routing/destination-host-exists reviews',
    ]);
  });

  it('lists only what its rules read, in few requests, and neither Secrets nor ConfigMaps at large', async () => {
    const sandbox = await sandboxWith();
    await analyze(sandbox, ['-A']);
    const asked = [...sandbox.requests.keys()];
    expect(asked).toContain('list secrets');
    expect(asked).not.toContain('get secrets');
    expect(asked.some((request) => request.includes('leases') || request.includes('events'))).toBe(false);
    const total = [...sandbox.requests.values()].reduce((sum, count) => sum + count, 0);
    expect(total).toBeLessThanOrEqual(32);

    const other = await sandboxWith();
    await analyze(other, ['-A', ...HOST_RULE]);
    expect([...other.requests.keys()]).not.toContain('list secrets');
  });

  it("reads the Secrets that hold a Gateway's certificate, and no other", async () => {
    const gateway = object('networking.istio.io/v1', 'Gateway', 'shop', 'front', {
      spec: {
        selector: { istio: 'ingress' },
        servers: [
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            hosts: ['a.example.com'],
            tls: { mode: 'SIMPLE', credentialName: 'front-tls' },
          },
        ],
      },
    });
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'ingress', namespace: 'ingress', labels: { istio: 'ingress' } },
      spec: { containers: [{ name: 'istio-proxy', image: 'proxyv2' }] },
    };
    const secret = object('v1', 'Secret', 'ingress', 'front-tls', { data: { wrong: PLANTED } });
    const sandbox = await sandboxWith({ objects: [...SHOP, gateway, pod, secret] });
    const rules = ['--rule', 'istio-gateway/credential-valid,istio-gateway/credential-exists'];
    expect(rulesIn(await analyze(sandbox, ['-A', '-o', 'json', ...rules]))).toEqual(['istio-gateway/credential-valid front']);
    expect(sandbox.requests.get('get secrets')).toBe(1);
  });

  it('finds the ConfigMap that istiod falls back to', async () => {
    const tls = { mode: 'MUTUAL', credentialName: 'front-tls', caCertCredentialName: 'configmap://shop/private-cacert' };
    const gateway = object('networking.istio.io/v1', 'Gateway', 'shop', 'front', {
      spec: {
        selector: { istio: 'ingress' },
        servers: [{ port: { number: 443, name: 'https', protocol: 'HTTPS' }, hosts: ['a.example.com'], tls }],
      },
    });
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'ingress', namespace: 'ingress', labels: { istio: 'ingress' } },
      spec: { containers: [{ name: 'istio-proxy', image: 'proxyv2' }] },
    };
    const sandbox = await sandboxWith({ objects: [...SHOP, gateway, pod, object('v1', 'Secret', 'ingress', 'front-tls')] });
    expect(rulesIn(await analyze(sandbox, ['-A', '-o', 'json', '--rule', 'istio-gateway/credential-exists']))).toEqual([]);
  });

  it('still knows which Secrets exist when it may not read what they hold', async () => {
    const gateway = object('networking.istio.io/v1', 'Gateway', 'shop', 'front', {
      spec: {
        selector: { istio: 'ingress' },
        servers: ['front-tls', 'gone-tls'].map((credentialName, index) => ({
          port: { number: 443 + index, name: `https-${index}`, protocol: 'HTTPS' },
          hosts: [`${index}.example.com`],
          tls: { mode: 'SIMPLE', credentialName },
        })),
      },
    });
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'ingress', namespace: 'ingress', labels: { istio: 'ingress' } },
      spec: { containers: [{ name: 'istio-proxy', image: 'proxyv2' }] },
    };
    const sandbox = await sandboxWith({
      objects: [...SHOP, gateway, pod, object('v1', 'Secret', 'ingress', 'front-tls', { data: { wrong: PLANTED } })],
      forbid: ({ resource, verb }) => resource === 'secrets' && verb === 'get',
    });
    const ran = await analyze(sandbox, ['-A', '-o', 'json', '--rule', 'istio-gateway/credential-valid,istio-gateway/credential-exists']);
    expect(rulesIn(ran)).toEqual(['istio-gateway/credential-exists front']);
    const reason = 'Secret "ingress/front-tls" could not be read beyond its metadata: permission is missing.';
    expect(JSON.parse(ran.stdout).notChecked).toEqual([
      { rule: 'istio-gateway/credential-exists', reason },
      { rule: 'istio-gateway/credential-valid', reason },
    ]);
  });

  it('tells what it may not read instead of failing or guessing', async () => {
    const sandbox = await sandboxWith({ forbid: ({ resource, verb }) => resource === 'services' && verb === 'list' });
    const ran = await analyze(sandbox, ['-A', '-o', 'json', ...HOST_RULE]);
    expect(ran.exit).toBe(0);
    expect(rulesIn(ran)).toEqual([]);
    expect(JSON.parse(ran.stdout).notChecked).toEqual([
      { rule: 'istio-routing/destination-host-exists', reason: 'Objects of kind Service could not be read: permission is missing.' },
    ]);
    expect(ran.stderr).toContain('Cannot list Services: user "sandbox" lacks the permission "list" on "services"');
  });

  it('reads the namespace that it may read where it may not read all', async () => {
    const sandbox = await sandboxWith({ forbid: ({ verb, namespace }) => verb === 'list' && namespace !== 'shop' });
    const ran = await analyze(sandbox, ['-n', 'shop', '-o', 'json', '--rule', 'istio-routing/destination-host-exists']);
    expect(JSON.parse(ran.stdout).summary.resources).toBeGreaterThan(2);
    expect(JSON.parse(ran.stdout).notChecked[0].reason).toBe(
      'Objects of kind VirtualService could not be read but in namespace "shop": permission is missing.',
    );
    const nowhere = await analyze(sandbox, ['-n', 'ingress', '-v', '--rule', 'istio-routing/destination-host-exists']);
    expect(nowhere.stderr).not.toContain('in namespace "ingress":');
  });

  it("reads the mesh's own namespace too where it may, and namespaces by name", async () => {
    const readable = ['shop', 'istio-system'];
    const root = object('networking.istio.io/v1', 'DestinationRule', 'istio-system', 'everywhere', { spec: { host: '*.local' } });
    const sandbox = await sandboxWith({
      objects: [...SHOP, root],
      forbid: ({ verb, namespace, resource, name }) =>
        resource === 'namespaces' ? verb !== 'get' || name === 'istio-system' : verb === 'list' && !readable.includes(namespace ?? ''),
    });
    const ran = await analyze(sandbox, ['-n', 'shop', '-o', 'json', '-v']);
    expect(ran.exit).not.toBe(3);
    const reasons = new Set<string>(JSON.parse(ran.stdout).notChecked.map(({ reason }: { reason: string }) => reason));
    expect(reasons).toContain(
      'Objects of kind DestinationRule could not be read but in namespace "shop" and "istio-system": permission is missing.',
    );
    expect(reasons).toContain('Objects of kind Namespace could not be read but "shop": permission is missing.');
    expect(sandbox.requests.get('get namespaces')).toBe(2);
    // The reason is told once for each kind, and not again for each namespace.
    expect(ran.stderr.match(/Cannot list DestinationRules/g)).toHaveLength(1);
  });

  it('looks into the root namespace that it was told', async () => {
    const sandbox = await sandboxWith({ forbid: ({ verb, namespace }) => verb === 'list' && namespace !== 'ingress' });
    const ran = await analyze(sandbox, ['-n', 'shop', '--root-namespace', 'ingress', '-o', 'json', ...HOST_RULE]);
    expect(JSON.parse(ran.stdout).notChecked[0].reason).toContain('could not be read but in namespace "ingress"');
  });

  it('lists kinds that are slow as not checked, and judges the rest', async () => {
    const objects = [...SHOP, route('outside', 'api.example.com')];
    let asked = 0;
    const delayMs = ({ resource, verb }: { readonly resource: string; readonly verb: string }): number => {
      if (resource !== 'serviceentries' || verb !== 'list') return 0;
      asked++;
      return 5000;
    };
    const sandbox = await sandboxWith({ objects, delayMs });
    const ran = await analyze(sandbox, ['-A', '-o', 'json', '--request-timeout', '300ms', ...HOST_RULE]);
    // Whether a ServiceEntry brings the host outside of the cluster is not known.
    expect(rulesIn(ran)).toEqual(['istio-routing/destination-host-exists reviews']);
    expect(JSON.parse(ran.stdout).notChecked).toEqual([
      {
        rule: 'istio-routing/destination-host-exists',
        reason: 'Objects of kind ServiceEntry could not be read: the server did not answer in time.',
      },
    ]);
    expect([ran.exit, ran.stderr]).toEqual([1, expect.stringContaining('Cannot list ServiceEntries')]);
    // A second try would take as long again.
    expect(asked).toBe(1);
  });

  it('is not held up by a list that changes while it is read', async () => {
    const many = Array.from({ length: 1200 }, (_, index) => route(`route-${index}`, 'gone'));
    const sandbox: Sandbox = await sandboxWith({
      objects: [...SHOP, ...many],
      forbid: ({ resource }) => {
        // The server forgets where the first three pages were.
        if (resource === 'virtualservices' && (sandbox.requests.get('list virtualservices.networking.istio.io') ?? 0) <= 3)
          sandbox.compact();
        return false;
      },
    });
    const ran = await analyze(sandbox, ['-A', '-o', 'json', ...HOST_RULE]);
    expect(new Set(rulesIn(ran)).size).toBe(1201);
    expect(rulesIn(ran)).toHaveLength(1201);
    expect(JSON.parse(ran.stdout).notChecked).toEqual([]);
  });

  it('keeps of the ConfigMaps beside the control plane only what configures the mesh', async () => {
    const networks = 'networks: { a: { endpoints: [{ fromRegistry: nowhere }] } }';
    const config = object('v1', 'ConfigMap', 'istio-system', 'istio', { data: { meshNetworks: networks, dashboard: 'PLANTED-SECRET' } });
    const sandbox = await sandboxWith({ objects: [...SHOP, config] });
    const ran = await analyze(sandbox, ['-A', '-o', 'json', '--rule', 'istio-multicluster/network-registries-known']);
    expect(rulesIn(ran)).toEqual(['istio-multicluster/network-registries-known istio']);
  });

  describe('of a revision', () => {
    const labelled = (name: string, host: string, revision: string): object => {
      const plain = route(name, host) as { readonly metadata: object };
      return { ...plain, metadata: { ...plain.metadata, labels: { 'istio.io/rev': revision } } };
    };
    const webhook = (name: string, revision: string, tag?: string): object => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name, labels: { 'istio.io/rev': revision, ...(tag && { 'istio.io/tag': tag }) } },
      webhooks: [
        {
          name: 'rev.namespace.sidecar-injector.istio.io',
          clientConfig: { service: { name: `istiod-${revision}`, namespace: 'istio-system', path: '/inject' } },
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
          namespaceSelector: { matchLabels: { 'istio.io/rev': tag ?? revision } },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    });
    const objects = [
      ...SHOP,
      webhook('istio-sidecar-injector-blue', 'blue'),
      webhook('istio-sidecar-injector-green', 'green'),
      webhook('istio-revision-tag-prod', 'green', 'prod'),
      labelled('of-blue', 'gone', 'blue'),
      labelled('of-green', 'gone', 'green'),
      labelled('of-prod', 'gone', 'prod'),
    ];
    const foundFor = async (revision: string): Promise<readonly string[]> => {
      const ran = await analyze(await sandboxWith({ objects }), ['-A', '-o', 'json', '--revision', revision, ...HOST_RULE]);
      return [...rulesIn(ran).map((found) => found.split(' ')[1] ?? ''), ...ran.stderr.split('\n').filter((line) => line !== '')];
    };

    it('judges what the control plane of the revision reads, its tags included', async () => {
      expect(await foundFor('blue')).toEqual(['of-blue', 'reviews', 'Left out 2 objects labelled for other revisions than "blue".']);
      const ofGreen = ['of-green', 'of-prod', 'reviews'];
      expect(await foundFor('green')).toEqual([...ofGreen, 'Left out 1 object labelled for other revisions than "green".']);
      expect(await foundFor('prod')).toEqual([...ofGreen, 'Left out 1 object labelled for other revisions than "prod".']);
    });

    it('names the revisions that there are', async () => {
      expect(await foundFor('gren')).toEqual([
        'reviews',
        'There is no revision "gren", only "blue", "green" and "prod". Did you mean "green"?',
        'Left out 3 objects labelled for other revisions than "gren".',
      ]);
    });

    it('reads the configuration of that control plane', async () => {
      const config = (name: string, registry: string): object =>
        object('v1', 'ConfigMap', 'istio-system', name, {
          data: { meshNetworks: `networks: { a: { endpoints: [{ fromRegistry: ${registry} }] } }` },
        });
      const sandbox = await sandboxWith({ objects: [...objects, config('istio-blue', 'Kubernetes'), config('istio-green', 'nowhere')] });
      const rule = ['-A', '-o', 'json', '--rule', 'istio-multicluster/network-registries-known', '--revision'];
      expect(rulesIn(await analyze(sandbox, [...rule, 'blue']))).toEqual([]);
      expect(rulesIn(await analyze(sandbox, [...rule, 'green']))).toEqual(['istio-multicluster/network-registries-known istio-green']);
    });
  });

  it('fails when it may read nothing at all', async () => {
    const ran = await analyze(await sandboxWith({ forbid: ({ verb }) => verb === 'list' }), ['-A']);
    expect([ran.exit, ran.stdout]).toEqual([3, '']);
    expect(ran.stderr).toContain('lacks the permission');
  });

  it('comes through a server that fails now and then', async () => {
    const ran = await analyze(await sandboxWith({ failEvery: 3 }), ['-A', '-o', 'json', ...HOST_RULE]);
    expect(rulesIn(ran)).toEqual(['istio-routing/destination-host-exists reviews']);
  });

  it('says in one error that the server died under it, and exits with 3', async () => {
    const sandbox = await sandboxWith({ delayMs: 30 });
    const dying = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (!sandbox.requests.has('list pods')) return;
        clearInterval(timer);
        sandbox.close().then(resolve);
      }, 1);
    });
    const ran = await analyze(sandbox, ['-A']);
    await dying;
    running.splice(0);
    expect([ran.exit, ran.stdout]).toEqual([3, '']);
    expect(ran.stderr).toMatch(/^Cannot list \w+: the connection was (lost|refused) \(context "sandbox", server \S+\)\.\n[^\n]+\n$/);
  });

  it('says that the credentials are wrong, and does not print them', async () => {
    const sandbox = await sandboxWith();
    const host = memoryHost({
      args: ['analyze', '-A', '-v'],
      files: { '/kube': sandbox.kubeconfig().replace(TOKEN, 'wrong-planted-token') },
      env: { KUBECONFIG: '/kube' },
    });
    expect(await main(host)).toBe(3);
    expect(host.stderr()).toContain('does not accept the credentials of user "sandbox"');
    expect(host.stderr() + host.stdout()).not.toContain('wrong-planted-token');
  });
});

describe('analyze --with-cluster', () => {
  const yaml = (name: string, host: string): string => JSON.stringify(route(name, host));

  it('lets files win over the cluster, and reports on them only', async () => {
    const sandbox = await sandboxWith();
    const files = { '/project/a.yaml': `${yaml('reviews', 'reviews')}\n---\n${yaml('new', 'nobody')}` };
    const ran = await analyze(sandbox, ['--with-cluster', '-o', 'json', ...HOST_RULE, 'a.yaml'], files);
    expect(rulesIn(ran)).toEqual(['istio-routing/destination-host-exists new']);
    expect(JSON.parse(ran.stdout).findings[0].position).toMatchObject({ source: 'a.yaml', line: 3 });
    expect(ran.stderr).not.toContain('defined twice');
  });

  it('reports on everything with -A', async () => {
    const files = { '/project/a.yaml': yaml('new', 'nobody') };
    const ran = await analyze(await sandboxWith(), ['--with-cluster', '-A', '-o', 'json', ...HOST_RULE, 'a.yaml'], files);
    expect([...rulesIn(ran)].sort()).toEqual([
      'istio-routing/destination-host-exists new',
      'istio-routing/destination-host-exists reviews',
    ]);
  });

  it('asks no cluster without the flag', async () => {
    const sandbox = await sandboxWith();
    await analyze(sandbox, ['a.yaml'], { '/project/a.yaml': yaml('new', 'nobody') });
    expect(sandbox.requests.size).toBe(0);
  });
});

describe('analyze', () => {
  it('refuses -A beside -n', async () => {
    const ran = await analyze(await sandboxWith(), ['-A', '-n', 'shop']);
    expect([ran.exit, ran.stderr.split('\n')[0]]).toEqual([2, '--all-namespaces and --namespace "shop" contradict each other.']);
  });
});

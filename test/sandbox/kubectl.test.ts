/** The real kubectl against the sandbox. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { definition, deployment } from './api.ts';

const KUBECTL = 'kubectl';
const present = spawnSync(KUBECTL, ['version', '--client'], { timeout: 20_000 }).status === 0;
if (!present) console.warn('\n*** kubectl IS NOT ON THE PATH: THE SANDBOX IS NOT TESTED AGAINST IT ***\n');

interface Result {
  readonly code: number;
  readonly out: string;
}

describe.skipIf(!present)('kubectl', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshctl-kubectl-'));
  const env = { ...process.env, KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder };
  const upstream = createServer((_request, response) => response.end('x'.repeat(300_000)));
  let sandbox: Sandbox;

  beforeAll(async () => {
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const { port } = upstream.address() as AddressInfo;
    const logged = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'logged', annotations: { 'sandbox.meshctl.dev/log': 'one\ntwo\n' } },
      spec: { containers: [{ name: 'c', image: 'c:1' }] },
    };
    sandbox = await startSandbox({
      podStartMs: 200,
      objects: [logged],
      programs: () => ({ dial: (_pod, wanted) => (wanted === 80 ? createConnection(port, '127.0.0.1') : undefined) }),
    });
    writeFileSync(env.KUBECONFIG, sandbox.kubeconfig());
  });

  afterAll(async () => {
    await sandbox.close();
    upstream.closeAllConnections();
    upstream.close();
    rmSync(folder, { recursive: true });
  });

  /** Output of both streams; an object goes in by stdin. */
  const kubectl = (line: string, input?: object): Promise<Result> =>
    new Promise((resolve) => {
      const child = execFile(KUBECTL, line.split(' '), { env, timeout: 20_000 }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, out: `${stdout}${stderr}` }),
      );
      child.stdin?.end(input === undefined ? '' : JSON.stringify(input));
    });

  it('applies, rolls out, describes and deletes', async () => {
    expect(await kubectl('apply -f -', deployment('web'))).toEqual({ code: 0, out: 'deployment.apps/web created\n' });
    expect((await kubectl('rollout status deployment/web --timeout=15s')).out).toContain('successfully rolled out');
    expect((await kubectl('apply -f -', deployment('web'))).out).toBe('deployment.apps/web unchanged\n');
    expect((await kubectl('apply -f -', deployment('web', 3, 'web:2'))).out).toBe('deployment.apps/web configured\n');
    expect((await kubectl('rollout status deployment/web --timeout=15s')).out).toContain('successfully rolled out');
    expect((await kubectl('wait --for=condition=Available deployment/web --timeout=15s')).code).toBe(0);
    expect((await kubectl('get deployment web')).out).toMatch(/NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +3\/3 +3 +3 /);
    const described = (await kubectl('describe deployment web')).out;
    expect(described).toContain('3 desired | 3 updated | 3 total | 3 available | 0 unavailable');
    expect(described).toContain('ScalingReplicaSet');
    expect((await kubectl('describe pods -l app=web')).out).toContain('Controlled By:  ReplicaSet/web-');
    expect((await kubectl('scale deployment web --replicas=1')).code).toBe(0);
    expect((await kubectl('rollout undo deployment/web')).code).toBe(0);
    expect((await kubectl('rollout status deployment/web --timeout=15s')).out).toContain('successfully rolled out');
    expect((await kubectl('get deployment web -o jsonpath={..image}')).out).toBe('web:1');
    expect((await kubectl('delete deployment web --cascade=foreground --timeout=15s')).code).toBe(0);
    expect((await kubectl('get pods -l app=web')).out).toContain('No resources found');
  });

  it('applies on the server, and is told of conflicts', async () => {
    expect((await kubectl('apply --server-side -f -', deployment('ssa'))).out).toBe('deployment.apps/ssa serverside-applied\n');
    const other = await kubectl('apply --server-side --field-manager=other -f -', deployment('ssa', 5));
    expect([other.code, other.out]).toEqual([1, expect.stringContaining('conflict with "kubectl": .spec.replicas')]);
    expect((await kubectl('apply --server-side --force-conflicts --field-manager=other -f -', deployment('ssa', 5))).code).toBe(0);
    expect((await kubectl('get deployment ssa -o jsonpath={.spec.replicas}')).out).toBe('5');
    expect((await kubectl('diff -f -', deployment('ssa', 5))).code).toBe(0);
    expect((await kubectl('diff -f -', deployment('ssa', 5, 'web:9'))).out).toContain('web:9');
  });

  it('validates custom resources', async () => {
    const spec = { type: 'object', properties: { size: { type: 'integer' } } };
    const columns = { additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }] };
    expect((await kubectl('apply -f -', definition({ type: 'object', properties: { spec } }, columns))).code).toBe(0);
    expect((await kubectl('wait --for=condition=Established crd/widgets.example.org --timeout=10s')).code).toBe(0);
    const widget = (body: object): object => ({ apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: 'w' }, spec: body });
    expect((await kubectl('apply -f -', widget({ sise: 1 }))).out).toContain('unknown field "spec.sise"');
    expect((await kubectl('apply -f -', widget({ size: 'big' }))).out).toContain('must be of type integer');
    expect((await kubectl('apply -f -', widget({ size: 1 }))).out).toBe('widget.example.org/w created\n');
    expect((await kubectl('apply -f -', widget({ size: 2 }))).out).toBe('widget.example.org/w configured\n');
    expect((await kubectl('get wd')).out).toMatch(/NAME +SIZE\nw +2\n/);
    expect((await kubectl('explain widget.spec')).out).toContain('size');
  });

  it('makes and removes a namespace, reads logs and asks for access', async () => {
    expect((await kubectl('create namespace shop')).out).toBe('namespace/shop created\n');
    expect((await kubectl('-n shop create configmap a --from-literal=x=y')).code).toBe(0);
    expect((await kubectl('delete namespace shop --timeout=15s')).out).toContain('deleted');
    expect((await kubectl('logs logged --tail=1')).out).toBe('two\n');
    expect((await kubectl('auth can-i list pods')).out).toBe('yes\n');
    expect((await kubectl('get nothing')).out).toContain(`the server doesn't have a resource type "nothing"`);
  });

  it('explains built-in kinds, and finds what is wrong in them', async () => {
    expect((await kubectl('explain deployment.spec.replicas')).out).toContain('FIELD: replicas <integer>');
    expect((await kubectl('explain pod.spec.containers.resources')).out).toContain('limits\t<map[string]string>');
    const typo = { ...deployment('typo'), spec: { ...(deployment('typo') as { spec: object }).spec, replicass: 1 } };
    expect((await kubectl('apply --validate=strict -f -', typo)).out).toContain('strict decoding error: unknown field "spec.replicass"');
    expect((await kubectl('apply --validate=warn -f -', typo)).out).toBe(
      'deployment.apps/typo created\nWarning: unknown field "spec.replicass"\n',
    );
    expect((await kubectl('apply --server-side -f -', typo)).out).toContain('.spec.replicass: field not declared in schema');
    const wrong = { ...deployment('wrong'), spec: { ...(deployment('wrong') as { spec: object }).spec, replicas: '1' } };
    expect((await kubectl('apply -f -', wrong)).out).toContain(
      'cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    );
  });

  it('is told who it is and what it may, and what the sandbox has not', async () => {
    expect((await kubectl('auth whoami')).out).toMatch(/Username +sandbox-admin/);
    expect((await kubectl('auth can-i --list')).out).toMatch(/\*\.\* +\[\] +\[\] +\[\*\]/);
    expect((await kubectl('top pods')).out).toBe('error: Metrics API not available\n');
    const nothing = (what: string): string => `the pods of the sandbox run no real processes, so that ${what}`;
    expect((await kubectl('exec logged -- ls')).out).toContain(nothing('"exec" has nothing to run in'));
    expect((await kubectl('attach logged')).out).toContain(nothing('"attach" has nothing to attach to'));
    expect((await kubectl('exec none -- ls')).out).toContain('pods "none" not found');
  });

  it('makes quotas, budgets, roles, routes and jobs', async () => {
    expect((await kubectl('create quota most --hard=pods=9,requests.cpu=500m')).code).toBe(0);
    expect((await kubectl('get quota most -o jsonpath={.spec.hard}')).out).toBe('{"pods":"9","requests.cpu":"500m"}');
    expect((await kubectl('create pdb half --selector=app=web --min-available=50%')).code).toBe(0);
    expect((await kubectl('get pdb half -o jsonpath={.spec}')).out).toBe('{"minAvailable":"50%","selector":{"matchLabels":{"app":"web"}}}');
    expect((await kubectl('create role reader --verb=get,list --resource=pods,deployments.apps')).code).toBe(0);
    expect((await kubectl('create rolebinding readers --role=reader --user=ann')).code).toBe(0);
    expect((await kubectl('describe rolebinding readers')).out).toContain('ann');
    expect((await kubectl('create ingress door --rule=shop.example.org/cart*=cart:80')).code).toBe(0);
    expect((await kubectl('get ingress door -o jsonpath={.spec.rules}')).out).toBe(
      '[{"host":"shop.example.org","http":{"paths":[{"backend":{"service":{"name":"cart","port":{"number":80}}},"path":"/cart","pathType":"Prefix"}]}}]',
    );
    expect((await kubectl('create cronjob nightly --image=job:1 --schedule=@daily')).code).toBe(0);
    expect((await kubectl('get cronjob nightly -o jsonpath={.spec.schedule}{..image}')).out).toBe('@dailyjob:1');
  });

  it('meets webhooks and aggregated APIs as the store holds them', async () => {
    const service = { name: 'gone', namespace: 'default' };
    const metadata = { name: 'v1.gone.example.org' };
    const spec = { group: 'gone.example.org', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, service };
    expect((await kubectl('apply -f -', { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata, spec })).code).toBe(0);
    expect((await kubectl('get apiservice v1.gone.example.org v1.apps')).out).toMatch(
      /default\/gone +False \(ServiceNotFound\) .*\nv1\.apps +Local +True /,
    );
    expect((await kubectl('get --raw /apis/gone.example.org/v1/things')).out).toContain('(ServiceUnavailable)');
    expect((await kubectl('delete apiservice v1.gone.example.org')).code).toBe(0);
    const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }];
    const webhook = { name: 'gone.example.org', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: { service }, rules };
    const configuration = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'gone' },
    };
    expect((await kubectl('apply -f -', { ...configuration, webhooks: [webhook] })).code).toBe(0);
    expect((await kubectl('create configmap hooked')).out).toContain(
      'failed calling webhook "gone.example.org": failed to call webhook: Post "https://gone.default.svc:443/?timeout=10s": service "gone" not found',
    );
    expect((await kubectl('delete validatingwebhookconfiguration gone')).code).toBe(0);
    expect((await kubectl('create configmap hooked')).out).toBe('configmap/hooked created\n');
  });

  it('forwards ports over WebSocket', async () => {
    const child = spawn(KUBECTL, ['port-forward', 'pod/logged', ':80', '--address=127.0.0.1'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 20_000,
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      const text = await new Promise<string>((resolve) => child.stdout.on('data', (chunk) => resolve(String(chunk))));
      const port = /127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      const sizes = await Promise.all(
        [1, 2, 3].map(
          async () => (await (await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(10_000) })).text()).length,
        ),
      );
      expect(sizes).toEqual([300_000, 300_000, 300_000]);
    } finally {
      child.kill();
      await ended;
    }
  });
});

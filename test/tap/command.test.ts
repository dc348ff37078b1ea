/** `meshctl tap` against sandboxes whose proxies serve traffic. */
import { readFileSync } from 'node:fs';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { Kind } from '../../src/model/resource.ts';
import { scenarios } from '../../src/sandbox/scenarios/index.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { loggingPod } from './logging-pod.ts';

const validator = (name: string): ValidateFunction =>
  new Ajv2020({ allErrors: true }).compile(JSON.parse(readFileSync(new URL(`../../schemas/output/${name}.json`, import.meta.url), 'utf8')));
const [isEvent, isRates] = [validator('tap-event'), validator('tap-rates')];
/** Traffic flows in real time. */
vi.setConfig({ testTimeout: 30_000 });

const FILTER: Kind = 'networking.istio.io/EnvoyFilter';

async function opened(name: string): Promise<Sandbox> {
  const scenario = scenarios.find((each) => each.name === name);
  if (!scenario) throw new RangeError(name);
  const sandbox = await startSandbox(scenario.options());
  onTestFinished(() => sandbox.close());
  return sandbox;
}

interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param until ends the command, as Ctrl-C does, when it has been seen on standard output or standard error */
async function tap(sandbox: Sandbox, args: readonly string[], until?: RegExp): Promise<Ran> {
  const ending = new AbortController();
  const memory = memoryHost({
    args: ['tap', ...args],
    files: { '/kube': sandbox.kubeconfig() },
    env: { KUBECONFIG: '/kube' },
    now: Date.now(),
  });
  // The traffic of a sandbox flows in real time.
  const clock = { now: () => Date.now(), sleep: (ms: number, signal?: AbortSignal) => sleeping(ms, signal) };
  const host = { ...memory, clock, ending: () => ending.signal };
  const running = main(host);
  if (until) {
    for (let tries = 0; tries < 500 && !until.test(memory.stdout() + memory.stderr()); tries++) await sleeping(20);
    ending.abort(new Error('asked to end'));
  }
  const exit = await running;
  return { exit, stdout: memory.stdout(), stderr: memory.stderr() };
}

function sleeping(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

const documents = (text: string, isValid: ValidateFunction): readonly Readonly<Record<string, never>>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => {
      const value = JSON.parse(line);
      isValid(value);
      expect(isValid.errors).toBeNull();
      return value;
    });

const events = ({ stdout }: Ran): readonly Readonly<Record<string, never>>[] => documents(stdout, isEvent);

const filters = (sandbox: Sandbox): readonly string[] => sandbox.store.list(FILTER).map(({ metadata }) => metadata.name);

describe('tap of Istio', () => {
  it('reads access logs where the proxies have no tap filter, and says so', async () => {
    const ran = await tap(await opened('bookinfo'), ['deploy/productpage-v1', '-n', 'bookinfo', '--limit', '6']);
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toMatch(/^Tapping bookinfo\/productpage-v1-\S+ by the access log of the proxy\./);
    expect(ran.stdout).toMatch(
      /^\d\d:\d\d:\d\d in {2}200 +\d+(?:\.\d)?ms +\d+B mTLS istio-ingressgateway → productpage-v1 {2}GET \/productpage$|GET \/productpage$/m,
    );
    expect(ran.stdout).toMatch(/out 200 .* productpage-v1 → details-v1 GET \/details\/0/);
    expect(ran.stderr).toMatch(/6 requests in [\d.]+s \([\d.]+ a second\), 100% successful, p50 /);
  });

  it('adds a tap filter when it is told to, and takes it away at the end', async () => {
    const sandbox = await opened('bookinfo');
    const ran = await tap(sandbox, ['deploy/productpage-v1', '-n', 'bookinfo', '--enable', '-o', 'json', '--limit', '4']);
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toMatch(/EnvoyFilter bookinfo\/meshctl-tap-\w+ is added.*\n.*by the tap filter of Envoy.*\n[\s\S]*is removed\.\n$/);
    expect(filters(sandbox)).toEqual([]);
    const found = events(ran);
    expect(found).toHaveLength(4);
    expect(found[0]).toMatchObject({ mesh: 'istio', request: { method: 'GET', headers: expect.any(Object) }, response: { status: 200 } });
    expect(ran.stdout).not.toContain('":path"');
  });

  it.each([
    ['as soon as the filter is added', /is added/],
    ['while it waits and taps', /Tapping /],
    ['while it prints', /GET \//],
  ])('takes the filter away when it is interrupted %s', async (_when, until) => {
    const sandbox = await opened('bookinfo');
    const ran = await tap(sandbox, ['deploy/productpage-v1', '-n', 'bookinfo', '--enable'], until);
    expect(ran.exit).toBe(0);
    expect(filters(sandbox)).toEqual([]);
    expect(ran.stderr).toMatch(/is removed\.\n$/);
  });

  it('takes away what a run that was killed has left, in the next run and when asked to', async () => {
    const sandbox = await opened('bookinfo');
    const left = (expires: number): object => ({
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'EnvoyFilter',
      metadata: { name: 'meshctl-tap-left', namespace: 'bookinfo', labels: { 'meshctl.dev/tap': String(expires) } },
      spec: {},
    });
    sandbox.store.create(FILTER, left(1000) as never);
    const next = await tap(sandbox, ['deploy/productpage-v1', '-n', 'bookinfo', '--limit', '1']);
    expect(next.stderr).toMatch(/^An earlier tap had left EnvoyFilter bookinfo\/meshctl-tap-left, which is removed\.\n/);
    expect(filters(sandbox)).toEqual([]);

    sandbox.store.create(FILTER, left(Date.now() / 1000 + 600) as never);
    const kept = await tap(sandbox, ['deploy/productpage-v1', '-n', 'bookinfo', '--limit', '1']);
    expect([kept.exit, filters(sandbox)]).toEqual([0, ['meshctl-tap-left']]);
    const unasked = await tap(sandbox, ['--cleanup']);
    expect([unasked.exit, filters(sandbox)]).toEqual([2, ['meshctl-tap-left']]);
    const cleaned = await tap(sandbox, ['--cleanup', '--yes']);
    expect(cleaned).toMatchObject({ exit: 0, stdout: 'EnvoyFilter bookinfo/meshctl-tap-left removed.\n' });
    expect(cleaned.stderr).toContain('a tap may still be using it');
    expect(await tap(sandbox, ['--cleanup'])).toMatchObject({ exit: 0, stdout: 'Nothing is left over.\n' });
  });

  it('changes nothing unasked', async () => {
    const sandbox = await opened('bookinfo');
    const ran = await tap(sandbox, ['deploy/productpage-v1', '-n', 'bookinfo', '--source', 'tap']);
    expect(ran).toMatchObject({ exit: 3, stdout: '' });
    expect(ran.stderr).toMatch(/cannot be tapped: Its Envoy has no tap filter\./);
    expect(filters(sandbox)).toEqual([]);
  });

  it('shows what was asked for only', async () => {
    const sandbox = await opened('bookinfo');
    const ran = await tap(sandbox, ['-n', 'bookinfo', '--to', 'svc/reviews', '--direction', 'inbound', '--limit', '2', '-o', 'json']);
    for (const each of events(ran))
      expect(each).toMatchObject({
        direction: 'inbound',
        destination: { service: 'reviews.bookinfo' },
        source: { workload: 'productpage-v1' },
      });
  });

  it('sums up by route and peers', async () => {
    const ran = await tap(await opened('bookinfo'), ['ns/bookinfo', '--top', '--duration', '2s']);
    expect(ran.stdout).toMatch(/^FROM +TO +ROUTE +COUNT +RPS +SUCCESS +P50 +P95 +P99\n/);
    expect(ran.stdout).toMatch(/istio-ingressgateway +productpage-v1 +GET \/productpage +\d+ +[\d.]+ +100%/);
    // Each request is counted where it arrives, though both proxies see it.
    expect(ran.stdout.match(/productpage-v1 +details-v1/g)).toHaveLength(1);
  });
});

describe('tap of Linkerd', () => {
  it('shows what the tap API tells, gRPC and identities too', async () => {
    const ran = await tap(await opened('emojivoto'), ['deploy/web', '-n', 'emojivoto', '-o', 'json', '--limit', '5']);
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toMatch(/by Linkerd's tap API/);
    const found = events(ran);
    expect(found.map(({ mesh, tls }) => [mesh, tls])).toEqual(Array.from({ length: 5 }, () => ['linkerd', 'mutual']));
    expect(found).toContainEqual(
      expect.objectContaining({
        direction: 'outbound',
        destination: expect.objectContaining({
          workload: 'emoji',
          identity: 'emoji.emojivoto.serviceaccount.identity.linkerd.cluster.local',
        }),
        response: expect.objectContaining({ status: 200, grpcStatus: 0, bytes: 240 }),
      }),
    );
  });

  it('leaves the filtering of methods and paths to the proxies', async () => {
    const ran = await tap(await opened('emojivoto'), ['deploy/web', '-n', 'emojivoto', '--path', '/api/vote', '--limit', '1']);
    expect(ran.stdout).toMatch(/in {2}\d+ .* vote-bot → web GET \/api\/vote\?choice=/);
  });

  it('says what to do where it does not work', async () => {
    const ran = await tap(await opened('broken-emojivoto'), ['deploy/web', '-n', 'emojivoto', '--source', 'tap']);
    expect(ran).toMatchObject({ exit: 3, stdout: '' });
    expect(ran.stderr).toMatch(/tap API is not served\. .*meshctl/);
  });
});

describe('rates', () => {
  const ratesIn = ({ stdout }: Ran): readonly Readonly<Record<string, never>>[] => documents(stdout, isRates);

  it('are shown of what Istio counts, with both ends by name', async () => {
    const ran = await tap(await opened('bookinfo'), ['-n', 'bookinfo', '--source', 'stats', '--duration', '3s', '-o', 'json']);
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toMatch(
      /^Reading every 5 seconds what the proxy of bookinfo\/\S+, .* and \d more counts: single requests do not show\./,
    );
    const found = ratesIn(ran);
    expect(found).toContainEqual(
      expect.objectContaining({
        direction: 'inbound',
        source: expect.objectContaining({
          workload: 'productpage-v1',
          identity: 'spiffe://cluster.local/ns/bookinfo/sa/bookinfo-productpage',
        }),
        destination: expect.objectContaining({ workload: 'details-v1', service: 'details.bookinfo' }),
        latencyMs: expect.objectContaining({ p50: expect.any(Number) }),
        tls: 'mutual',
      }),
    );
    const inbound = found.filter(({ direction }) => direction === 'inbound').reduce((sum, { requests = 0 }) => sum + requests, 0);
    // What both sides have counted is counted once.
    expect(ran.stderr).toContain(`\n${inbound} requests in `);
  });

  it('are the last resort, and what is better is told', async () => {
    const ran = await tap(await opened('broken-emojivoto'), ['deploy/web', '-n', 'emojivoto', '--duration', '2s']);
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toMatch(/tap API is not served\.[\s\S]*Reading every 5 seconds/);
    expect(ran.stdout).toMatch(/^\d\d:\d\d:\d\d +FROM +TO +RPS +SUCCESS +P50 +P95 +P99 +NOT 200\n/);
    expect(ran.stdout).toMatch(/^out +web +emoji +[\d.]+ +100% .*ms *$/m);
  });

  it('are of what was asked for', async () => {
    const args = [
      'deploy/web',
      '-n',
      'emojivoto',
      '--source',
      'stats',
      '--direction',
      'outbound',
      '--to',
      'svc/voting-svc',
      '--duration',
      '4s',
      '-o',
      'json',
    ];
    const found = ratesIn(await tap(await opened('emojivoto'), args));
    expect(found).toMatchObject([{ direction: 'outbound', destination: { workload: 'voting', service: 'voting-svc.emojivoto' } }]);
  });

  it('end by themselves after so many requests, and show the whole in the end with --top', async () => {
    const ran = await tap(await opened('bookinfo'), [
      'deploy/productpage-v1',
      '-n',
      'bookinfo',
      '--source',
      'stats',
      '--top',
      '--limit',
      '1',
    ]);
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^WAY +FROM[\s\S]*in +istio-ingressgateway +productpage-v1 /) });
  });

  it.each([
    [['--path', '/api'], 2, /Statistics tell of no single requests, so that --path cannot choose/],
    [['--enable'], 2, /--source stats does not need/],
  ])('are not what %j is for', async (args, exit, words) => {
    const ran = await tap(await opened('bookinfo'), ['-n', 'bookinfo', '--source', 'stats', ...args]);
    expect(ran).toMatchObject({ exit, stdout: '' });
    expect(ran.stderr).toMatch(words);
  });

  it('are not shown instead of requests that were chosen by what rates do not tell', async () => {
    const ran = await tap(await opened('broken-emojivoto'), ['deploy/web', '-n', 'emojivoto', '--path', '/api']);
    expect(ran).toMatchObject({ exit: 3, stdout: '' });
    expect(ran.stderr).toMatch(/tap API is not served\.[\s\S]*Without --path, rates could be shown/);
  });
});

describe('many requests', () => {
  it('are all shown when there is room for them, in the order of the log', async () => {
    const sandbox = await startSandbox(loggingPod(6000));
    onTestFinished(() => sandbox.close());
    const ran = await tap(sandbox, ['web', '-n', 'shop', '--max-rps', '1000000', '--limit', '5000', '-o', 'json']);
    const paths = ran.stdout
      .trim()
      .split('\n')
      .map((line) => /page=(\d+)/.exec(line)?.[1]);
    expect(paths).toEqual(Array.from({ length: 5000 }, (_, index) => String(index)));
    expect(ran.stderr).toMatch(/5000 requests in .*98\.0% successful/);
    expect(ran.stderr).toMatch(/100 with UH \(no upstream endpoint is healthy\)/);
  });

  it('are thinned out, and counted all the same', async () => {
    const sandbox = await startSandbox(loggingPod(2000));
    onTestFinished(() => sandbox.close());
    const ran = await tap(sandbox, ['web', '-n', 'shop', '--sample', '10', '--max-rps', '1000000', '--duration', '3s']);
    expect(ran.stdout.trim().split('\n')).toHaveLength(200);
    expect(ran.stderr).toMatch(/1800 more were not shown/);
  });
});

describe('tap', () => {
  it.each([
    [['deploy/nope', '-n', 'bookinfo'], 2, /There is no Deployment "nope"/],
    [['deploy/productpage-v1', '-n', 'bookinfo', '--top', '-o', 'json'], 2, /--top is a table/],
    [['deploy/productpage-v1', '-n', 'bookinfo', '--limit', '0'], 2, /--limit "0" is no number/],
    [['deploy/productpage-v1', '-n', 'bookinfo', '--slower-than', 'x'], 2, /--slower-than "x" is no duration/],
    [['ns/kube-system'], 2, /No pod with a proxy runs there/],
  ])('refuses %j', async (args, exit, words) => {
    const ran = await tap(await opened('bookinfo'), args);
    expect(ran).toMatchObject({ exit, stdout: '' });
    expect(ran.stderr).toMatch(words);
  });

  it('tells who may not', async () => {
    const ran = await tap(await opened('forbidden'), ['pod/none', '-n', 'bookinfo']);
    expect(ran.exit).toBe(2);
    expect(ran.stderr).toMatch(/There is no Pod "none"/);
  });
});

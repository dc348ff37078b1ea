/** Several live clusters of one mesh, whole commands against real HTTP servers. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { definition, NETWORKING } from './definitions.ts';

const schema = JSON.parse(readFileSync(fileURLToPath(new URL('../../schemas/output/analysis-report.json', import.meta.url)), 'utf8'));
const isReport = new Ajv2020({ strict: true }).compile(schema);

const namespace = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const service = (name: string, port = 80): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { selector: { app: name }, ports: [{ name: 'http', port }] },
});
const route = (name: string, host: string): object => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name, namespace: 'shop' },
  spec: { hosts: [name], http: [{ route: [{ destination: { host } }] }] },
});
const injector = (clusterName: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'istio-sidecar-injector', namespace: 'istio-system' },
  data: { values: JSON.stringify({ global: { multiCluster: { clusterName } } }) },
});

const COMMON = [
  namespace('shop'),
  namespace('istio-system'),
  definition(NETWORKING, 'virtualservices', 'VirtualService'),
  definition(NETWORKING, 'serviceentries', 'ServiceEntry'),
];

async function clusterOf(objects: readonly object[], options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ objects: [...COMMON, ...objects], podStartMs: 0, ...options });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

interface Report {
  readonly clusters?: readonly object[];
  readonly findings: readonly { readonly rule: string; readonly resource: { readonly name: string; readonly cluster?: string } }[];
  readonly notChecked: readonly { readonly rule: string; readonly reason: string }[];
  readonly errors: readonly { readonly source: string; readonly message: string }[];
}

interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly report: Report;
}

/** @param clusters by the name of their context; the first one is the current one */
async function analyze(
  clusters: Readonly<Record<string, Sandbox>>,
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const kubeconfigs = Object.entries(clusters).map(([context, sandbox]) => [
    `/kube-${context}`,
    sandbox.kubeconfig().replace(/\bsandbox\b(?!-)/g, context),
  ]);
  const host = memoryHost({
    args: ['analyze', ...args],
    files: { ...files, ...Object.fromEntries(kubeconfigs) },
    env: { KUBECONFIG: kubeconfigs.map(([path]) => path).join(':') },
  });
  const exit = await main(host);
  const stdout = host.stdout();
  return {
    exit,
    stdout,
    stderr: host.stderr(),
    report: stdout.startsWith('{') ? JSON.parse(stdout) : { findings: [], notChecked: [], errors: [] },
  };
}

const found = ({ report }: Ran): readonly string[] =>
  report.findings.map(({ rule, resource }) => `${rule.slice(rule.indexOf('/') + 1)} ${resource.cluster ?? '-'} ${resource.name}`);

const RULES = ['-A', '-o', 'json', '--rule', 'istio-routing/destination-host-exists,istio-multicluster/services-alike-in-clusters'];

describe('analyze of several clusters', () => {
  const east = [service('cart'), service('both', 80), route('to-west', 'pay'), route('to-nowhere', 'gone'), injector('east')];
  const west = [service('pay'), service('both', 81), route('to-nowhere', 'gone'), injector('west')];

  it.each([
    ['--context', 'one', '--context', 'two'],
    ['--remote-context', 'two'],
  ])('joins their services, and tells of which cluster an object is (%s %s)', async (...flags) => {
    const ran = await analyze({ one: await clusterOf(east), two: await clusterOf(west) }, [...RULES, ...flags]);
    expect(found(ran)).toEqual([
      'services-alike-in-clusters - both',
      'destination-host-exists - to-nowhere',
      'destination-host-exists west to-nowhere',
    ]);
    expect(ran.report.clusters).toEqual([
      { context: 'one', name: 'east', primary: true },
      { context: 'two', name: 'west', primary: false },
    ]);
    expect(isReport(ran.report), JSON.stringify(isReport.errors)).toBe(true);
    expect(ran.stderr).toContain('The primary cluster is "east", context "one"; cluster "west" is context "two".');
    expect(ran.exit).toBe(1);
  });

  it('calls clusters by their contexts where the mesh does not tell them apart', async () => {
    const objects = [route('to-nowhere', 'gone'), injector('Kubernetes')];
    const ran = await analyze({ one: await clusterOf(objects), two: await clusterOf(objects) }, ['-A', '--remote-context', 'two']);
    expect(ran.stdout).toContain('VirtualService shop/to-nowhere in cluster "two"');
  });

  it('judges the others when one cannot be reached, says so, and exits with 3 unless there are findings', async () => {
    const gone = await startSandbox({});
    const clusters = { one: await clusterOf([service('cart'), route('to-west', 'pay')]), two: gone };
    await gone.close();
    const ran = await analyze(clusters, [...RULES, '--remote-context', 'two']);
    expect(found(ran)).toEqual([]);
    expect(ran.report.errors).toEqual([
      { source: 'cluster/two', message: expect.stringMatching(/^Cannot .+: the connection was refused \(context "two"/) },
    ]);
    expect(ran.report.notChecked.map(({ reason }) => reason)).toContain('The cluster of context "two" could not be read.');
    expect(ran.report.clusters?.[1]).toEqual({ context: 'two', primary: false, error: expect.stringContaining('refused') });
    expect(isReport(ran.report), JSON.stringify(isReport.errors)).toBe(true);
    expect(ran.exit).toBe(3);

    const own = { ...clusters, one: await clusterOf([{ ...route('own', 'cart'), spec: { hosts: ['own'] } }]) };
    const wrong = await analyze(own, ['-A', '-o', 'json', '--remote-context', 'two', '--fail-on', 'info']);
    expect([wrong.report.findings.length > 0, wrong.exit]).toEqual([true, 1]);
    const text = await analyze(clusters, ['-A', '--remote-context', 'two']);
    expect(text.stdout).toContain('cluster/two');
    expect(text.exit).toBe(3);
  });

  it('fails when the primary one cannot be reached', async () => {
    const gone = await startSandbox({});
    const clusters = { one: gone, two: await clusterOf([]) };
    await gone.close();
    const ran = await analyze(clusters, ['-A', '--remote-context', 'two']);
    expect([ran.exit, ran.stdout]).toEqual([3, '']);
  });

  it('says in which cluster a kind may not be read', async () => {
    const forbid = ({ resource, verb }: { readonly resource: string; readonly verb: string }): boolean =>
      resource === 'services' && verb === 'list';
    const clusters = { one: await clusterOf([route('to-west', 'pay'), service('cart')]), two: await clusterOf(west, { forbid }) };
    const ran = await analyze(clusters, [...RULES, '--remote-context', 'two']);
    expect(found(ran)).toEqual([]);
    expect(ran.report.notChecked.map(({ reason }) => reason)).toContain(
      'Cluster "west": Objects of kind Service could not be read: permission is missing.',
    );
    expect(ran.exit).toBe(0);
  });

  it('lays files over the primary cluster only', async () => {
    const files = { '/project/a.yaml': JSON.stringify(route('to-nowhere', 'cart')) };
    const args = [...RULES, '--with-cluster', '--remote-context', 'two', 'a.yaml'];
    const ran = await analyze({ one: await clusterOf(east), two: await clusterOf(west) }, args, files);
    expect(found(ran)).toEqual(['services-alike-in-clusters - both', 'destination-host-exists west to-nowhere']);
  });

  it('refuses a context named twice, one that does not exist, and remotes of files alone', async () => {
    const one = await clusterOf([]);
    const twice = await analyze({ one }, ['-A', '--context', 'one', '--context', 'one']);
    expect([twice.exit, twice.stderr.split('\n')[0]]).toEqual([2, 'The context "one" is named twice.']);
    const unknown = await analyze({ one }, ['-A', '--remote-context', 'onne']);
    expect([unknown.exit, unknown.stderr]).toEqual([3, expect.stringContaining('"onne"')]);
    const files = await analyze({ one }, ['--remote-context', 'one', 'a.yaml'], { '/project/a.yaml': '' });
    expect([files.exit, files.stderr]).toEqual([2, expect.stringContaining('--with-cluster')]);
  });
});

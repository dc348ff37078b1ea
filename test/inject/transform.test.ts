import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MeshctlError } from '../../src/errors.ts';
import { type Transformed, transformed } from '../../src/inject/transform.ts';
import { uninjected } from '../../src/inject/uninjected.ts';
import { meshes } from '../../src/mesh/index.ts';
import type { InjectParameters, InjectRequest } from '../../src/model/inject.ts';
import { INJECTOR } from '../../src/sandbox/scenarios/_injector-template.ts';
import { inject, transformationOf, uninject } from './injectors.ts';

const run = (text: string, change = inject): Promise<Transformed> =>
  transformed({ source: 'input', text, namespace: 'default', namespaceGiven: false }, transformationOf(change));
const textAfter = async (text: string): Promise<string> => (await run(text)).after;
const toldOf = ({ workloads }: Transformed): readonly string[] =>
  workloads.map(({ resource, line, action }) => `${line} ${resource.kind} ${resource.namespace}/${resource.name} ${action}`);

const SPEC = 'containers: [{name: a, image: a}]';
const template = `template: {spec: {${SPEC}}}`;

describe('kinds', () => {
  it.each([
    ['v1', 'Pod', `spec: {${SPEC}}`],
    ['v1', 'PodTemplate', template],
    ['v1', 'ReplicationController', `spec: {${template}}`],
    ['apps/v1', 'Deployment', `spec: {${template}}`],
    ['extensions/v1beta1', 'Deployment', `spec: {${template}}`],
    ['apps/v1', 'ReplicaSet', `spec: {${template}}`],
    ['apps/v1', 'StatefulSet', `spec: {${template}}`],
    ['apps/v1', 'DaemonSet', `spec: {${template}}`],
    ['batch/v1', 'Job', `spec: {${template}}`],
    ['batch/v1', 'CronJob', `spec: {jobTemplate: {spec: {${template}}}}`],
    ['batch/v1beta1', 'CronJob', `spec: {jobTemplate: {spec: {${template}}}}`],
    ['apps.openshift.io/v1', 'DeploymentConfig', `spec: {${template}}`],
    ['argoproj.io/v1alpha1', 'Rollout', `spec: {${template}}`],
    ['serving.knative.dev/v1', 'Service', `spec: {${template}}`],
    ['example.com/v1', 'Anything', `spec: {${template}}`],
  ])('knows %s %s', async (apiVersion, kind, rest) => {
    const report = await run(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\n${rest}\n`);
    expect(report.workloads.map(({ action }) => action)).toEqual(['injected']);
    expect(report.after).toContain("containers: [{name: proxy, image: proxy:1, args: [--on, 'yes']}, {name: a, image: a}]");
  });

  it.each([
    ['v1', 'Service', 'spec: {ports: []}'],
    ['apps/v1', 'Deployment', 'spec: {template: {spec: {}}}'],
    ['example.com/v1', 'Anything', 'spec: {template: {spec: {nodes: 3}}}'],
  ])('leaves %s %s with %s alone', async (apiVersion, kind, rest) => {
    const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\n${rest}\n`;
    expect(await run(text)).toMatchObject({ after: text, workloads: [] });
  });
});

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers: # all
  - name: web   # own
    image: "web:1"
`;
const INJECTED = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {mesh/on: 'yes'}}
spec:
  containers: # all
  - name: proxy
    image: proxy:1
    args:
    - --on
    - 'yes'
  - name: web   # own
    image: "web:1"
`;

describe('streams', () => {
  it('change what is changed and nothing else', async () => {
    const text = `# head\n---\n${POD}--- # next\nfoo: [1,2,  3]\n---\n\n...\n`;
    const report = await run(text);
    expect(report.after).toBe(text.replace(POD, INJECTED));
    expect(toldOf(report)).toEqual(['3 core/Pod shop/web injected']);
    expect(report.changes).toEqual([{ before: POD, after: INJECTED, line: 2 }]);
  });

  it('change the items of lists one by one', async () => {
    const items = [POD, 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n']
      .map((each) => `- ${each.trimEnd().replaceAll('\n', '\n  ')}\n`)
      .join('');
    const report = await run(`apiVersion: v1\nkind: List\nitems:\n${items}`);
    expect(report.after).toBe(
      `apiVersion: v1\nkind: List\nitems:\n${items.replace(POD.trimEnd().replaceAll('\n', '\n  '), INJECTED.trimEnd().replaceAll('\n', '\n  '))}`,
    );
  });

  it('give JSON for JSON', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [{ name: 'web' }] } };
    const list = { kind: 'List', apiVersion: 'v1', items: [pod, { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } }] };
    for (const text of [JSON.stringify(list, undefined, 4), JSON.stringify(list), `${JSON.stringify(pod)}\n${JSON.stringify(pod)}\n`]) {
      const { after, workloads } = await run(text);
      expect(after.split('\n').length > 4).toBe(text.split('\n').length > 4);
      expect(workloads.length).toBe(text.match(/"Pod"/g)?.length);
      expect(after.match(/"name": ?"proxy"/g)).toHaveLength(workloads.length);
      expect(await textAfter(after)).toBe(after);
    }
  });

  it('leave out what a server has set, when they change the object', async () => {
    const live = POD.replace(
      'namespace: shop',
      'namespace: shop, uid: u, resourceVersion: "1", annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}"}',
    );
    const after = await textAfter(`${live}status:\n  phase: Running\n`);
    expect(after).toBe(INJECTED.replace("mesh/on: 'yes'}", "mesh/on: 'yes'}"));
    const skipped = `${live.replace('spec:\n', 'spec:\n  hostNetwork: true\n')}status: {}\n`;
    expect(await textAfter(skipped)).toBe(skipped);
  });

  it('say where a document is broken, and keep it', async () => {
    const report = await run(`${POD}---\na: 1\n b: 2\n`);
    expect(report.errors).toMatchObject([{ source: 'input', line: 10, column: 3 }]);
    expect(report.after).toBe(`${INJECTED}---\na: 1\n b: 2\n`);
    expect((await run('{"a": 1, "a": 2}')).errors).toEqual([
      { source: 'input', line: 1, column: 10, message: 'The key "a" stands twice in this object.' },
    ]);
  });

  it('report the failure of one object as its own', async () => {
    const change = (request: InjectRequest) => {
      if (request.object['kind'] === 'Pod') throw new MeshctlError('E_INJECT', 'It cannot be done.', { hint: 'Do not.' });
      return inject(request);
    };
    const report = await run(POD, change);
    expect(report).toMatchObject({
      after: POD,
      workloads: [{ action: 'failed', reasons: [{ code: 'failed', message: 'It cannot be done. Do not.' }] }],
    });
  });
});

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
const STREAMS = (readdirSync(fixtures, { recursive: true }) as string[])
  .filter((name) => /\.ya?ml$|stdin$/.test(name))
  .sort()
  .map((name) => [name, readFileSync(`${fixtures}/${name}`, 'utf8')] as const)
  // What was read from a cluster comes out without what the server has set.
  .filter(([, text]) => /containers/.test(text) && !/^ {2}(?:uid|resourceVersion):/m.test(text));

/** Istio has its templates nowhere but in a cluster or a chart; these are the sandbox's. */
const OFFLINE: InjectParameters = {
  manual: false,
  files: {
    'injector-config': { path: 'config', text: INJECTOR },
    'injector-values': {
      path: 'values',
      text: JSON.stringify({ global: { hub: 'hub', tag: '1.30.0', proxy: { image: 'proxyv2', clusterDomain: 'cluster.local' } } }),
    },
  },
  settings: {},
};

describe.each(STREAMS)('the round trip of %s', (_, text) => {
  it('keeps every line, and comes back', async () => {
    const { after, workloads } = await run(text);
    // What is there stays in its order; only the closing brackets of what grew on one line may move.
    const rest = after.split('\n');
    const lost = text.split('\n').filter((line) => {
      const at = rest.indexOf(line);
      if (at >= 0) rest.splice(0, at + 1);
      return at < 0;
    });
    expect(lost.filter((line) => !/[[{]/.test(line))).toEqual([]);
    expect((await run(after)).workloads.filter(({ action }) => action === 'injected')).toEqual([]);
    expect(await textAfter(after)).toBe(after);
    const back = await run(after, uninject);
    if (workloads.every(({ action }) => action === 'injected'))
      expect(back.after.replace(/\s+labels: \{\}|, labels: \{\}/g, '')).toBe(text);
  });

  it.each(meshes.filter(({ inject: own }) => own !== undefined))('holds for $title', async ({ inject: own }) => {
    const injector = await own?.open(OFFLINE);
    if (!own || !injector) throw new RangeError('inject');
    const clean = (await run(text, (request) => uninjected([own], request))).after;
    const once = await run(clean, (request) => injector.inject(request));
    expect((await run(once.after, (request) => injector.inject(request))).after).toBe(once.after);
    const back = (await run(once.after, (request) => uninjected([own], request))).after;
    // A proxy that is in the input already, as a part of a gateway, may be in another place afterwards.
    if (!/istio-proxy|istio-validation/.test(text)) expect(back).toBe(clean);
  });
});

/** Running single checks on made-up clusters, and what every such check has to keep to. */
import { expect } from 'vitest';
import { allChecks } from '../../src/checks/all.ts';
import { meshes } from '../../src/mesh/index.ts';
import type { Check, CheckMode, CheckResult, Facts } from '../../src/model/check.ts';
import type { Kind } from '../../src/model/resource.ts';
import { factsOf } from './facts.ts';

const known: readonly Check[] = allChecks(meshes);

/** Fails when the check lists a kind in all namespaces that it does not declare. */
export async function judge(id: string, objects: string, changes: Partial<Facts> = {}): Promise<CheckResult> {
  const check = known.find((each) => each.id === id);
  if (!check) throw new Error(`There is no check ${id}.`);
  const listed = new Set<Kind>();
  const facts = factsOf(objects, changes);
  const noting: Facts = {
    ...facts,
    list: async (kind, options) => {
      if (options?.namespace === undefined) listed.add(kind);
      return facts.list(kind, options);
    },
    scoped: async (kind) => {
      listed.add(kind);
      return facts.scoped(kind);
    },
  };
  const result = await check.run(noting);
  expect([...listed].filter((kind) => !check.reads?.includes(kind))).toEqual([]);
  if (result.is === 'warning' || result.is === 'failed') {
    expect(result.reason).toMatch(/^[A-Z"\d].*\.$/i);
    expect(result.hint).toMatch(/^[A-Z].*[.\w"]$/);
  }
  return result;
}

/** Status, and what is said of each object that falls short. */
export async function told(id: string, objects: string, changes: Partial<Facts> = {}): Promise<readonly string[]> {
  const { is, affected = [] } = await judge(id, objects, changes);
  return [is, ...affected.map(({ resource, detail }) => `${resource.name}: ${detail ?? ''}`.replace(/: $/, ''))];
}

export const idsOf = (mode: CheckMode, prefix: string): readonly string[] =>
  known.filter(({ id, modes = [] }) => modes.includes(mode) && id.startsWith(prefix)).map(({ id }) => id);

export interface PodOptions {
  readonly namespace?: string;
  readonly labels?: string;
  readonly annotations?: string;
  readonly account?: string;
  readonly proxy?: string;
  /** Fields of the proxy's container, as a flow mapping without its braces. */
  readonly proxyFields?: string;
  readonly appFields?: string;
  readonly inits?: string;
  readonly node?: string;
  readonly hasApp?: boolean;
}

/** A pod of Deployment `name` with a proxy beside its application. */
export function meshedPod(name: string, options: PodOptions = {}): string {
  const { namespace = 'shop', labels = `app: ${name}`, annotations = '', account = name, proxy = 'istio-proxy', node = 'a' } = options;
  const { proxyFields = '', appFields = 'readinessProbe: { httpGet: { port: 80 } }', inits = '', hasApp = true } = options;
  const app = hasApp ? `{ name: app, image: "app:1", ${appFields} }, ` : '';
  return `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}-5d8c-x
  namespace: ${namespace}
  labels: { pod-template-hash: 5d8c, ${labels} }
  annotations: { ${annotations} }
  ownerReferences: [{ apiVersion: apps/v1, kind: ReplicaSet, name: ${name}-5d8c, controller: true }]
spec:
  nodeName: ${node}
  serviceAccountName: ${account}
  initContainers: [${inits}]
  containers: [${app}{ name: ${proxy}, image: "proxy:1.30.0", ${proxyFields} }]
status: { phase: Running }
---`;
}

export interface DeploymentOptions {
  readonly labels?: string;
  readonly replicas?: number;
  readonly kind?: string;
  /** Fields of its container, as a flow mapping without its braces. */
  readonly container?: string;
}

export function workload(namespace: string, name: string, options: DeploymentOptions = {}): string {
  const { labels = `app: ${name}`, replicas = 1, kind = 'Deployment', container = 'name: main, image: "main:1"' } = options;
  return `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}, namespace: ${namespace}, labels: { ${labels} } }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { ${labels} } }
  template:
    metadata: { labels: { ${labels} } }
    spec: { containers: [{ ${container} }] }
---`;
}

/** An object of any other kind; `rest` is what follows its metadata. */
export function thing(apiVersion: string, kind: string, namespace: string, name: string, rest = '', metadata = ''): string {
  const within = namespace === '' ? '' : `, namespace: ${namespace}`;
  return `
apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: ${name}${within}${metadata === '' ? '' : `, ${metadata}`} }
${rest}
---`;
}

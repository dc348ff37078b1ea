/** Marks a namespace for injection, and says what that means for the pods that run in it. */
import { EXIT, MeshctlError } from '../errors.ts';
import { isBody, listAt, objectAt, stringAt } from '../model/body.ts';
import type { Cluster } from '../model/cluster.ts';
import { ownersOf } from '../model/owners.ts';
import { type Body, type Resource, shortKind } from '../model/resource.ts';
import { printableLine } from '../terminal/printable.ts';
import { wrap } from '../terminal/wrap.ts';
import { count, quotedList } from '../text/words.ts';
import { type Context, type Options, type Outcome, textOf } from './define.ts';
import { chooseMesh, type InjectableMesh, lazyCluster } from './inject.mesh.ts';

/** `namespace/shop`, `ns/shop`; undefined for any other input. */
export function namespaceNamed(input: string): string | undefined {
  return /^(?:namespaces?|ns)\/([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$/.exec(input)?.[1];
}

type Marks = Readonly<Record<'labels' | 'annotations', Readonly<Record<string, string | null>>>>;

export async function injectNamespaces(inputs: readonly string[], options: Options, context: Context): Promise<Outcome> {
  const names = inputs.map((input) => {
    const name = namespaceNamed(input);
    if (name !== undefined) return name;
    throw new MeshctlError('E_USAGE', `"${input}" is no namespace, and the other inputs are.`, {
      hint: 'Inject files with another command.',
    });
  });
  const lazy = lazyCluster(options, context);
  if (!lazy)
    throw new MeshctlError(
      'E_USAGE',
      'A namespace is marked in the cluster, and --offline or the files of an injector leave the cluster out.',
      {
        hint: 'Give neither.',
      },
    );
  const cluster = await lazy.open();
  const homes = await Promise.all(names.map((name) => homeNamed(name, cluster)));
  const mesh = await chooseMesh(options, [], lazy);
  const wanted = mesh.inject.namespaceMarks?.({ revision: textOf(options, 'revision') });
  if (!wanted) {
    throw new MeshctlError('E_INJECT', `${mesh.title} cannot be told by a namespace to inject.`, {
      hint: 'Inject the workloads: meshctl inject -f FILE.',
    });
  }
  for (const home of homes) {
    const marks: Marks = { labels: missing(wanted.labels, home.labels), annotations: missing(wanted.annotations, home.annotations) };
    const text = (await planText(home, marks, mesh, cluster)).map(
      (line) => `${wrap(printableLine(line), context.host.err.columns, '  ')}\n`,
    );
    context.host.err.write(text.join(''));
    if (isEmpty(marks)) continue;
    if (!(await isAgreed(home, options, context))) return { text: '', exit: EXIT.bad };
    await cluster.patch(home, {
      metadata: {
        ...(Object.keys(marks.labels).length > 0 && { labels: marks.labels }),
        ...(Object.keys(marks.annotations).length > 0 && { annotations: marks.annotations }),
      },
    });
    context.host.err.write(`Namespace "${home.name}" is marked for ${mesh.title}.\n`);
  }
  return { text: '', exit: EXIT.fine };
}

async function homeNamed(name: string, cluster: Cluster): Promise<Resource> {
  const home = await cluster.get({ kind: 'core/Namespace', namespace: '', name });
  if (home) return home;
  throw new MeshctlError('E_NAMESPACE', `Namespace "${name}" was not found in context "${cluster.context}".`, {
    hint: 'Run "kubectl get namespaces" to see which there are.',
  });
}

/** Those that differ; null takes away what is there. */
function missing(wanted: Marks['labels'] = {}, present: Readonly<Record<string, string>>): Marks['labels'] {
  return Object.fromEntries(
    Object.entries(wanted).filter(([key, value]) => (value === null ? Object.hasOwn(present, key) : present[key] !== value)),
  );
}

const isEmpty = ({ labels, annotations }: Marks): boolean => Object.keys(labels).length + Object.keys(annotations).length === 0;

async function planText(home: Resource, marks: Marks, mesh: InjectableMesh, cluster: Cluster): Promise<readonly string[]> {
  const pods: Resource[] = [];
  for await (const page of cluster.list('core/Pod', { namespace: home.name })) pods.push(...page);
  const running = pods.filter(({ body }) => !['Succeeded', 'Failed'].includes(stringAt(body, 'status', 'phase') ?? ''));
  // On the host's network none gets a proxy.
  const bare = running.filter((pod) => objectAt(pod.body, 'spec')['hostNetwork'] !== true && !hasProxy(pod, home, mesh));
  const change = [...described('label', marks.labels), ...described('annotation', marks.annotations)];
  return [
    isEmpty(marks)
      ? `Namespace "${home.name}" is marked for ${mesh.title} already.`
      : `Namespace "${home.name}" of context "${cluster.context}": ${change.join(', ')}.`,
    ...(bare.length === 0
      ? [running.length === 0 ? 'No pod runs in it.' : `None of its ${count(running.length, 'pod')} lacks a proxy.`]
      : [
          `${bare.length} of its ${count(running.length, 'pod')} run without a proxy: they get one when they are created anew.`,
          ...rollouts(home.name, bare),
        ]),
  ];
}

function described(what: string, marks: Marks['labels']): readonly string[] {
  return Object.entries(marks).map(([key, value]) => (value === null ? `remove ${what} ${key}` : `set ${what} ${key}=${value}`));
}

/** What uninjection would take something out of has been injected. */
function hasProxy(pod: Resource, home: Resource, { inject }: InjectableMesh): boolean {
  const { action, object } = inject.uninject({ object: pod.body, template: [], namespace: home.name, home });
  if (action !== 'uninjected' || !isBody(object)) return false;
  const containers = (body: Body): number => listAt(body, 'spec', 'containers').length + listAt(body, 'spec', 'initContainers').length;
  return containers(object) < containers(pod.body);
}

const RESTARTABLE = new Set(['Deployment', 'DaemonSet', 'StatefulSet']);

function rollouts(namespace: string, pods: readonly Resource[]): readonly string[] {
  const makers = new Set<string>();
  const single: string[] = [];
  for (const pod of pods) {
    const owner = ownersOf(pod).find(({ controls }) => controls);
    const kind = owner && shortKind(owner.kind);
    // A ReplicaSet is called after its Deployment.
    if (owner && kind === 'ReplicaSet') makers.add(`deployment/${owner.name.slice(0, Math.max(0, owner.name.lastIndexOf('-')))}`);
    else if (owner && kind !== undefined && RESTARTABLE.has(kind)) makers.add(`${kind.toLowerCase()}/${owner.name}`);
    else single.push(pod.name);
  }
  return [
    ...(makers.size > 0 ? [`Then restart them: kubectl -n ${namespace} rollout restart ${[...makers].sort().join(' ')}`] : []),
    ...(single.length > 0 ? [`No rollout replaces ${count(single.length, 'pod')}: ${quotedList(single.sort(), 5)}.`] : []),
  ];
}

/** @throws MeshctlError E_CONFIRM where nobody can be asked */
async function isAgreed(home: Resource, options: Options, { host }: Context): Promise<boolean> {
  if (options['yes'] === true) return true;
  if (!host.stdin.isTTY || !host.err.isTTY) {
    throw new MeshctlError('E_CONFIRM', 'This would change the cluster, and there is no terminal to ask on.', {
      hint: 'Give --yes to do it.',
    });
  }
  host.err.write(`Mark namespace "${home.name}"? [y/N] `);
  const answer = await host.stdin.line(host.ending());
  return /^y(?:es)?$/i.test(answer?.trim() ?? '');
}

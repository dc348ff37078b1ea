/** Tells of a live pod which webhook, label or annotation decided whether it has a proxy. */
import { factsOf } from '../checks/facts.ts';
import { EXIT, MeshctlError } from '../errors.ts';
import { type WebhookCall, webhookCalls } from '../inject/webhook-calls.ts';
import { meshes } from '../mesh/index.ts';
import { itemsAt, stringAt } from '../model/body.ts';
import type { Cluster } from '../model/cluster.ts';
import type { InjectionDecision, MeshAdapter } from '../model/mesh-adapter.ts';
import type { Resource } from '../model/resource.ts';
import { printableLine } from '../terminal/printable.ts';
import { styleFor } from '../terminal/style.ts';
import { wrap } from '../terminal/wrap.ts';
import { meshesIn } from './check.meshes.ts';
import { type Context, type Options, type Outcome, textOf } from './define.ts';

const WEBHOOKS = 'admissionregistration.k8s.io/MutatingWebhookConfiguration';

export async function explainInjection(inputs: readonly string[], options: Options, context: Context): Promise<Outcome> {
  const [input, another] = inputs;
  const name = /^pods?\/(\S+)$/.exec(input ?? '')?.[1] ?? /^[a-z0-9][a-z0-9.-]*$/.exec(input ?? '')?.[0];
  if (name === undefined || another !== undefined) {
    throw new MeshctlError('E_USAGE', '--explain takes one pod.', { hint: 'Write meshctl inject --explain pod/NAME -n NAMESPACE.' });
  }
  const cluster = await context.cluster(options);
  const namespace = textOf(options, 'namespace') ?? cluster.namespace;
  const [pod, home] = await Promise.all([
    found(cluster, { kind: 'core/Pod', namespace, name }),
    found(cluster, { kind: 'core/Namespace', namespace: '', name: namespace }),
  ]);
  const configurations: Resource[] = [];
  for await (const page of cluster.list(WEBHOOKS)) configurations.push(...page);
  const chosen = textOf(options, 'mesh') ?? 'auto';
  const present = chosen === 'auto' ? (await meshesIn(cluster)).found : meshes.filter(({ id }) => id === chosen);
  const decisions = await decisionsOf(present, pod, home, cluster, context);
  const lines = explained(pod, home, webhookCalls(configurations, pod, home), decisions, context);
  return { text: lines.map((line) => `${wrap(line, context.host.out.columns, '      ')}\n`).join(''), exit: EXIT.fine };
}

async function found(cluster: Cluster, ref: Parameters<Cluster['get']>[0]): Promise<Resource> {
  const object = await cluster.get(ref);
  if (object) return object;
  const isPod = ref.namespace !== '';
  throw new MeshctlError(
    isPod ? 'E_POD' : 'E_NAMESPACE',
    `${isPod ? 'Pod' : 'Namespace'} "${isPod ? `${ref.namespace}/` : ''}${ref.name}" was not found in context "${cluster.context}".`,
    {
      hint: `Run "kubectl get ${isPod ? `pods -n ${ref.namespace}` : 'namespaces'}" to see which there are.`,
    },
  );
}

type Decided = InjectionDecision & { readonly mesh: MeshAdapter };

async function decisionsOf(
  present: readonly MeshAdapter[],
  pod: Resource,
  home: Resource,
  cluster: Cluster,
  { host }: Context,
): Promise<readonly Decided[]> {
  const stop = new AbortController();
  const facts = factsOf(cluster, {
    ...{ now: host.clock.now(), mode: 'running', namespace: undefined, signal: stop.signal },
    meshes: present.map(({ id }) => id),
    reads: [],
    analysis: async () => ({ findings: [], notChecked: [], gaps: [] }),
  });
  const decided = await Promise.all(present.map(async (mesh) => ({ mesh, decision: await mesh.decides?.(pod, home, facts) })));
  return decided.flatMap(({ mesh, decision }) => (decision ? [{ ...decision, mesh }] : []));
}

function explained(
  pod: Resource,
  home: Resource,
  calls: readonly WebhookCall[],
  decisions: readonly Decided[],
  { color }: Context,
): readonly string[] {
  const style = styleFor(color.out);
  const asked = calls.filter(({ isAsked }) => isAsked);
  const passed = calls.filter(({ isAsked }) => !isAsked);
  const told = ({ webhook, configuration, server, because }: WebhookCall): readonly string[] => [
    `  ${printableLine(`${webhook} of ${configuration}, answered by ${server}`)}`,
    ...because.map((reason) => `      ${style.dim(printableLine(reason))}`),
  ];
  const containers = ['initContainers', 'containers'].flatMap((field) =>
    itemsAt(pod.body, 'spec', field).map(({ item }) => stringAt(item, 'name') ?? ''),
  );
  return [
    style.bold(printableLine(`Pod ${pod.namespace}/${pod.name}`)),
    `  ${printableLine(`containers: ${containers.join(', ')}`)}`,
    ...marksOf('its labels', pod.labels),
    ...marksOf('its annotations', pod.annotations),
    ...marksOf(`labels of namespace ${home.name}`, home.labels),
    ...marksOf(`annotations of namespace ${home.name}`, home.annotations),
    style.bold(asked.length > 0 ? 'Webhooks that are asked about such a pod' : 'No webhook is asked about such a pod'),
    ...asked.flatMap(told),
    ...(passed.length > 0 ? [style.bold('Webhooks that are not asked'), ...passed.flatMap(told)] : []),
    ...(decisions.length > 0 ? [style.bold('If it were created now')] : []),
    ...decisions.map(
      ({ mesh, injects, because }) =>
        `  ${printableLine(`${mesh.title}: ${injects ? 'injects a proxy.' : 'injects no proxy.'} ${because}`)}`,
    ),
  ];
}

/** Only what speaks of injection: a pod has many labels. */
function marksOf(what: string, entries: Readonly<Record<string, string>>): readonly string[] {
  const marks = Object.entries(entries).filter(
    ([key]) =>
      /inject|istio\.io\/rev|istio\.io\/dataplane-mode|openservicemesh\.io\/|sidecarInjectorWebhook/.test(key) && !/status$/.test(key),
  );
  return marks.length === 0 ? [] : [`  ${printableLine(`${what}: ${marks.map(([key, value]) => `${key}=${value}`).join(', ')}`)}`];
}

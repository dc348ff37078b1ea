/** check: mesh found → checks chosen → facts → results → report. */
import { factsOf, remembering } from '../checks/facts.ts';
import { kubernetesChecks } from '../checks/kubernetes.ts';
import { ENDS_ALL, runChecks } from '../checks/runner.ts';
import { checkSelection } from '../checks/select.ts';
import { EXIT, type ExitCode, MeshctlError } from '../errors.ts';
import { meshes } from '../mesh/index.ts';
import type { Check, CheckOutcome, Facts } from '../model/check.ts';
import type { Cluster } from '../model/cluster.ts';
import type { MeshAdapter } from '../model/mesh-adapter.ts';
import { type Kind, type Resource, shortKind } from '../model/resource.ts';
import { resourceSet } from '../model/resource-set.ts';
import { wrap } from '../terminal/wrap.ts';
import { nearest } from '../text/nearest.ts';
import { liveAnalysis } from './check.analysis.ts';
import { renderChecks } from './check.view.ts';
import { type Context, type Options, type Run, textOf, textsOf } from './define.ts';

const ALL_CHECKS: readonly Check[] = [...kubernetesChecks, ...meshes.flatMap(({ checks = [] }) => checks)];
const WITH_CHECKS = meshes.filter(({ checks }) => checks !== undefined);

export const run: Run = async (_args, options, context) => {
  const { host } = context;
  const isChosen = checkSelection({ only: textsOf(options, 'only'), skip: textsOf(options, 'skip') }, ALL_CHECKS);
  const asked = meshAsked(options);
  const stop = new AbortController();
  const cluster = remembering(await context.cluster(options), stop.signal);
  try {
    // A cluster that cannot be asked at all is one clear error, and no list of failures.
    await cluster.kinds();
    await assertNamespace(textOf(options, 'namespace'), cluster);
    const { found, unread } = asked ? { found: [asked], unread: [] } : await meshesIn(cluster);
    const judged = found.filter(({ checks }) => checks !== undefined);
    notify(found, unread, context);
    const checks = [...kubernetesChecks, ...judged.flatMap((mesh) => mesh.checks ?? [])].filter(isChosen);
    if (checks.length === 0) throw nothingToRun();
    const facts = factsOf(cluster, {
      now: host.clock.now(),
      namespace: textOf(options, 'namespace'),
      reads: [...new Set(checks.flatMap(({ reads = [] }) => reads))].sort(),
      analysis: () => liveAnalysis(cluster, options, host),
      signal: stop.signal,
    });
    const outcomes = await runChecks(checks, facts, { clock: host.clock, signal: stop.signal });
    const [mesh] = judged;
    const report = { mesh: mesh?.id ?? 'none', version: await versionOf(mesh, facts), outcomes };
    return {
      text: renderChecks(report, textOf(options, 'output') ?? 'text', context),
      exit: exitCode(outcomes, textOf(options, 'failOn')),
    };
  } catch (error) {
    stop.abort(error);
    throw error;
  }
};

/**
 * An empty namespace has no trouble, and neither has one that is misspelled.
 * @throws MeshctlError E_NAMESPACE when it does not exist
 */
async function assertNamespace(name: string | undefined, cluster: Cluster): Promise<void> {
  if (name === undefined) return;
  const known = (await listed(cluster, 'core/Namespace'))?.map((namespace) => namespace.name);
  if (known === undefined || known.includes(name)) return;
  const close = nearest(name, known);
  throw new MeshctlError('E_NAMESPACE', `Namespace "${name}" was not found in context "${cluster.context}".`, {
    hint: close ? `Did you mean "${close}"?` : 'Run "kubectl get namespaces" to see which there are.',
  });
}

/** @throws MeshctlError E_USAGE for a mesh without checks */
function meshAsked(options: Options): MeshAdapter | undefined {
  const name = textOf(options, 'mesh') ?? 'auto';
  const mesh = meshes.find(({ id }) => id === name);
  if (mesh && mesh.checks === undefined) {
    throw new MeshctlError('E_USAGE', `meshctl has no checks for ${mesh.title} yet.`, {
      hint: `So far there are checks for ${titles(WITH_CHECKS)}; "meshctl check --only kubernetes" checks what every mesh needs.`,
    });
  }
  return mesh;
}

const titles = (adapters: readonly MeshAdapter[]): string => adapters.map(({ title }) => title).join(' and ');

/** Kinds whose objects meshes leave their marks on. What may not be read shows no marks. */
const MARKED: readonly Kind[] = ['core/Namespace', 'admissionregistration.k8s.io/MutatingWebhookConfiguration', 'apps/Deployment'];

interface Detected {
  readonly found: readonly MeshAdapter[];
  /** Kinds that could not be asked for marks. */
  readonly unread: readonly Kind[];
}

async function meshesIn(cluster: Cluster): Promise<Detected> {
  const [served, ...lists] = await Promise.all([cluster.kinds(), ...MARKED.map((kind) => listed(cluster, kind))]);
  const objects = resourceSet(lists.flatMap((list) => list ?? []));
  const set = { ...objects, kinds: () => [...objects.kinds(), ...served.keys()] };
  return { found: meshes.filter((mesh) => mesh.detect(set)), unread: MARKED.filter((_, index) => lists[index] === undefined) };
}

/** @returns undefined when they may not be read, or were not given in time */
async function listed(cluster: Cluster, kind: Kind): Promise<readonly Resource[] | undefined> {
  const found: Resource[] = [];
  try {
    for await (const page of cluster.list(kind)) found.push(...page);
    return found;
  } catch (error) {
    if (!(error instanceof MeshctlError) || ENDS_ALL.has(error.code)) throw error;
    return undefined;
  }
}

function notify(found: readonly MeshAdapter[], unread: readonly Kind[], { host, quiet }: Context): void {
  if (quiet) return;
  const unjudged = found.filter(({ checks }) => checks === undefined);
  const lines = unjudged.map(
    ({ title }) => `There are no checks for ${title} yet, so that it was not judged. So far there are checks for ${titles(WITH_CHECKS)}.`,
  );
  if (found.length === 0) lines.push(nothingFound(unread));
  host.err.write(lines.map((line) => `${wrap(line, host.err.columns, '  ')}\n`).join(''));
}

function nothingFound(unread: readonly Kind[]): string {
  if (unread.length === 0) return 'No mesh was found in the cluster, so that only Kubernetes itself was checked.';
  const kinds = unread.map(shortKind).join(', ');
  return `No mesh was found, but objects of kind ${kinds}, which show its marks, may not be read. Only Kubernetes itself was checked; --mesh names the mesh.`;
}

function nothingToRun(): MeshctlError {
  return new MeshctlError('E_CHECK', 'None of the checks chosen concerns what was found in the cluster.', {
    hint: 'Choose others, or name the mesh with --mesh to check it all the same.',
  });
}

/** What the answer is called by is no reason to fail it. */
async function versionOf(mesh: MeshAdapter | undefined, facts: Facts): Promise<string | undefined> {
  return mesh?.version?.(facts).catch(() => undefined);
}

function exitCode(outcomes: readonly CheckOutcome[], failOn = 'failed'): ExitCode {
  const bad = outcomes.some(({ result }) => result.is === 'failed' || (failOn === 'warning' && result.is === 'warning'));
  return bad && failOn !== 'never' ? EXIT.bad : EXIT.fine;
}

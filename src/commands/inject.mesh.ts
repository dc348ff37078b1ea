/** Which mesh is injected, and what its injector needs to know. */
import { localChartFiles } from '../charts/local.ts';
import { MeshctlError } from '../errors.ts';
import { readText } from '../gather/read.ts';
import type { Host } from '../host/host.ts';
import type { Source } from '../inject/transform.ts';
import { meshes } from '../mesh/index.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Inject, InjectFlag, InjectParameters } from '../model/inject.ts';
import type { MeshAdapter } from '../model/mesh-adapter.ts';
import type { Resource } from '../model/resource.ts';
import { resourceSet } from '../model/resource-set.ts';
import { quotedList } from '../text/words.ts';
import { meshesIn } from './check.meshes.ts';
import { type Context, type Options, textOf, textsOf } from './define.ts';
import { readInput } from './files.ts';

export type InjectableMesh = MeshAdapter & { readonly inject: Inject };

export const injectables: readonly InjectableMesh[] = meshes.filter((mesh): mesh is InjectableMesh => mesh.inject !== undefined);

/** A cluster that is connected to when something is asked of it. */
export interface LazyCluster {
  open(): Promise<Cluster>;
  /** Undefined until something was asked of it. */
  opened(): Cluster | undefined;
}

/** @returns undefined when no cluster is to be asked: whoever gives files for everything wants nothing of a cluster */
export function lazyCluster(options: Options, context: Context): LazyCluster | undefined {
  const isOffline = options['offline'] === true || [...FILES, 'chart'].some((flag) => textOf(options, camelCase(flag)) !== undefined);
  if (isOffline) return undefined;
  let connected: Promise<Cluster> | undefined;
  let done: Cluster | undefined;
  return {
    opened: () => done,
    open: async () => {
      connected ??= context.cluster(options);
      done = await connected;
      return done;
    },
  };
}

/**
 * The one that is named, whose own flags are given, that the cluster has, or that the input shows.
 * @throws MeshctlError E_INJECT when that is none, or several
 */
export async function chooseMesh(options: Options, sources: readonly Source[], cluster: LazyCluster | undefined): Promise<InjectableMesh> {
  const named = textOf(options, 'mesh') ?? 'auto';
  if (named !== 'auto') return meshNamed(named);
  const byFlags = injectables.filter(({ inject, id }) =>
    [...inject.flags.map(nameOf), ...(id === 'istio' ? FILES : [])].some((flag) => isGiven(flag, options)),
  );
  if (byFlags.length === 1 && byFlags[0]) return byFlags[0];
  const live = cluster ? await meshesOf(cluster) : [];
  if (live.length === 1 && live[0]) return live[0];
  const shown = injectables.filter((mesh) => showsIn(mesh, sources) && (live.length === 0 || live.includes(mesh)));
  if (shown.length === 1 && shown[0]) return shown[0];
  throw undecided(live.length > 0 ? live : shown, live.length > 0 ? 'The cluster' : 'The input');
}

/** @throws MeshctlError E_INJECT */
export function meshNamed(id: string): InjectableMesh {
  const found = injectables.find((mesh) => mesh.id === id);
  if (found) return found;
  const title = meshes.find((mesh) => mesh.id === id)?.title ?? id;
  throw new MeshctlError('E_INJECT', `meshctl cannot inject the proxy of ${title}.`, {
    hint: `It can for ${injectables.map((mesh) => mesh.title).join(', ')}.`,
  });
}

function undecided(found: readonly InjectableMesh[], where: string): MeshctlError {
  const ids = injectables.map(({ id }) => `--mesh ${id}`);
  const titles = quotedList(found.map(({ title }) => title));
  const message =
    found.length > 0
      ? `${where} shows several meshes: ${titles}.`
      : 'Nothing tells which mesh to inject: no cluster was asked, or it has none, and the input shows none.';
  return new MeshctlError('E_INJECT', message, { hint: `Name it with ${ids.slice(0, -1).join(', ')} or ${ids.at(-1)}.` });
}

/** None where no cluster can be asked: the input may tell as well. */
async function meshesOf(cluster: LazyCluster): Promise<readonly InjectableMesh[]> {
  try {
    const { found } = await meshesIn(await cluster.open());
    return injectables.filter((mesh) => found.includes(mesh));
  } catch (error) {
    if (error instanceof MeshctlError) return [];
    throw error;
  }
}

function showsIn(mesh: InjectableMesh, sources: readonly Source[]): boolean {
  return sources.some(({ source, text, namespace, namespaceGiven }) =>
    mesh.detect(resourceSet(readText(text, source, { namespace, namespaceGiven }).resources)),
  );
}

/** Flags whose files the injector is told of; the paths alone would say nothing to it. */
const FILES: readonly string[] = ['injector-config', 'injector-values', 'mesh-config'];

/** @throws MeshctlError E_INPUT, E_CHART */
export async function injectParameters(
  { inject }: InjectableMesh,
  options: Options,
  cluster: LazyCluster | undefined,
  host: Host,
): Promise<InjectParameters> {
  const files: Record<string, { readonly path: string; readonly text: string }> = {};
  const settings: Record<string, unknown> = Object.fromEntries(textsOf(options, 'set').map(assignment));
  for (const flag of [...FILES, 'values']) {
    const path = textOf(options, camelCase(flag));
    if (path !== undefined) files[flag] = { path, text: await readInput(path, host) };
  }
  for (const flag of inject.flags) {
    const value = options[camelCase(nameOf(flag))];
    if (value === undefined) continue;
    if (/<file>/.test(flag.flags)) files[nameOf(flag)] = { path: String(value), text: await readInput(String(value), host) };
    else settings[nameOf(flag)] = value;
  }
  const chart = textOf(options, 'chart');
  return {
    manual: options['manual'] === true,
    revision: textOf(options, 'revision'),
    controlPlaneNamespace: textOf(options, 'controlPlaneNamespace'),
    files,
    ...(chart === undefined ? {} : { chart: await localChartFiles(chart, host) }),
    settings,
    ...(cluster ? { live: liveFrom(cluster) } : {}),
  };
}

/** `global.proxy.logLevel=debug`. */
function assignment(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  throw new MeshctlError('E_USAGE', `--set "${text}" assigns nothing.`, { hint: 'Write it like "--set global.proxy.logLevel=debug".' });
}

function liveFrom(cluster: LazyCluster): NonNullable<InjectParameters['live']> {
  const open = async (): Promise<Cluster> => {
    try {
      return await cluster.open();
    } catch (error) {
      if (!(error instanceof MeshctlError) || error.code !== 'E_KUBECONFIG_MISSING') throw error;
      throw new MeshctlError('E_INJECT', 'How to inject is read from the cluster, and no kubeconfig leads to one.', {
        hint: 'Name a cluster with --kubeconfig, or the chart of the control plane with --chart; --offline does without where an annotation or label is all.',
        cause: error,
      });
    }
  };
  return {
    get: async (ref) => (await open()).get(ref),
    list: async (kind, namespace) => {
      const found: Resource[] = [];
      for await (const page of (await open()).list(kind, { namespace })) found.push(...page);
      return found;
    },
  };
}

/** `--skip-outbound-ports <ports>` → `skip-outbound-ports`. */
const nameOf = ({ flags }: InjectFlag): string => /--([\w-]+)/.exec(flags)?.[1] ?? flags;

const camelCase = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const isGiven = (flag: string, options: Options): boolean => options[camelCase(flag)] !== undefined;

/** Flags and configuration file → what an analysis does. Flags win. */
import { type AnalyzeConfig, type ConfiguredSuppression, type FailOn, parseConfig } from '../analysis/config.ts';
import type { Override, PathOf } from '../analysis/overrides.ts';
import type { Selection } from '../analysis/select.ts';
import { parseSuppression, type Suppression } from '../analysis/suppress.ts';
import { MeshctlError } from '../errors.ts';
import { reasonOf, type WalkOptions } from '../gather/files.ts';
import type { Host } from '../host/host.ts';
import type { Settings } from '../model/resource-set.ts';
import type { MeshId, Severity } from '../model/rule.ts';
import { type Options, textOf, textsOf } from './define.ts';
import { type OutputTarget, parseOutputs } from './outputs.ts';

export interface AnalyzePlan {
  readonly inputs: readonly string[];
  readonly remotes: readonly { readonly cluster: string; readonly path: string }[];
  /** Contexts of further clusters of the mesh. */
  readonly remoteContexts: readonly string[];
  readonly walk: WalkOptions;
  /** The cluster takes part: there are no files, or they are to be laid over it. */
  readonly live: boolean;
  /** The namespace to report on; undefined: all, or in a cluster that of the context. */
  readonly namespace: string | undefined;
  readonly allNamespaces: boolean;
  readonly complete: boolean;
  readonly settings: Settings;
  readonly meshConfig: string | undefined;
  readonly meshNetworks: string | undefined;
  readonly selection: Selection;
  readonly suppressions: readonly Suppression[];
  /** Suppressions whose time is over. */
  readonly ended: readonly ConfiguredSuppression[];
  readonly overrides: readonly Override[];
  /** Where a source is, seen from the folder of the configuration file. */
  readonly pathOf: PathOf;
  readonly baseline: string | undefined;
  /** Take the entries out of the baseline that no finding needs. */
  readonly pruneBaseline: boolean;
  readonly writeBaseline: string | undefined;
  /** Undefined: files stay as they are. */
  readonly fix: FixMode | undefined;
  readonly failOn: FailOn;
  readonly minSeverity: Severity;
  readonly outputs: readonly OutputTarget[];
  readonly listRules: boolean;
  /** The configuration file in force; undefined when there is none. */
  readonly configFile: string | undefined;
}

/** `show`: tell what would be changed. */
export type FixMode = 'write' | 'show';

const CONFIG_NAME = 'meshctl.yaml';

/** @throws MeshctlError for flags and settings that make no sense, and for a broken configuration file */
export async function planOf(inputs: readonly string[], options: Options, host: Host): Promise<AnalyzePlan> {
  const listRules = options['listRules'] === true;
  const outputs = parseOutputs(textsOf(options, 'output'), listRules ? {} : host.env);
  const namespace = textOf(options, 'namespace');
  const allNamespaces = options['allNamespaces'] === true;
  if (allNamespaces && namespace !== undefined) {
    throw new MeshctlError('E_USAGE', `--all-namespaces and --namespace "${namespace}" contradict each other.`, {
      hint: 'Give one of them.',
    });
  }
  if (inputs.some((input) => input.trim() === '')) {
    throw new MeshctlError('E_USAGE', 'The name of an input is empty.', { hint: 'For the working directory write ".".' });
  }
  const live = !listRules && (inputs.length === 0 || options['withCluster'] === true);
  const remoteContexts = [...textsOf(options, 'context').slice(1), ...textsOf(options, 'remoteContext')];
  if (!live && !listRules && remoteContexts.length > 0) {
    throw new MeshctlError('E_USAGE', 'Several contexts make no sense for files alone, as no cluster is asked then.', {
      hint: 'Add --with-cluster to lay the files over the primary cluster, or give the files of further clusters with --remote NAME=PATH.',
    });
  }
  const configFile = textOf(options, 'config') ?? (await findConfig(host));
  const config = configFile === undefined ? {} : await readConfig(configFile, host);
  const beside = (path: string | undefined): string | undefined => (path === undefined ? undefined : relativeTo(configFile ?? '', path));
  const mesh = textOf(options, 'mesh') ?? config.mesh ?? 'auto';
  const { suppress = [] } = config;
  const pathOf = pathsFrom(configFile ?? '', host.cwd);
  return {
    inputs,
    remotes: textsOf(options, 'remote').map(parseRemote),
    remoteContexts,
    walk: {
      include: [...(config.include ?? []), ...textsOf(options, 'include')],
      exclude: [...(config.exclude ?? []), ...textsOf(options, 'exclude')],
    },
    live,
    namespace,
    allNamespaces,
    complete: options['complete'] === true || config.complete === true,
    settings: settingsOf(options, config),
    meshConfig: textOf(options, 'meshConfig') ?? beside(config.meshConfig),
    meshNetworks: textOf(options, 'meshNetworks') ?? beside(config.meshNetworks),
    selection: {
      only: textsOf(options, 'rule'),
      skip: textsOf(options, 'skipRule'),
      families: options['families'] === undefined ? undefined : textsOf(options, 'families'),
      mesh: mesh === 'auto' ? undefined : (mesh as MeshId),
      severities: config.rules ?? {},
    },
    suppressions: [
      ...textsOf(options, 'suppress').map(parseSuppression),
      ...suppress.filter(({ ended }) => ended === undefined).map((entry) => ({ ...entry, pathOf })),
    ],
    ended: suppress.filter(({ ended }) => ended !== undefined),
    overrides: config.overrides ?? [],
    pathOf,
    ...baselineOf(options, beside(config.baseline)),
    fix: listRules ? undefined : fixModeOf(inputs, options, outputs),
    failOn: (textOf(options, 'failOn') as FailOn | undefined) ?? config.failOn ?? 'error',
    minSeverity: (textOf(options, 'minSeverity') as Severity | undefined) ?? config.minSeverity ?? 'info',
    outputs,
    listRules,
    configFile,
  };
}

/** @throws MeshctlError E_USAGE where there is nothing that could be changed, or two answers want the same place */
function fixModeOf(inputs: readonly string[], options: Options, outputs: readonly OutputTarget[]): FixMode | undefined {
  const [write, show] = [options['fix'] === true, options['fixDryRun'] === true];
  if (!write && !show) return undefined;
  const refused = (message: string, hint: string): never => {
    throw new MeshctlError('E_USAGE', message, { hint });
  };
  const flag = write ? '--fix' : '--fix-dry-run';
  if (write && show) refused('--fix and --fix-dry-run contradict each other.', 'Give one of them.');
  if (inputs.length === 0) {
    refused(`${flag} is about files, and none are named; objects of a cluster are never changed.`, 'Name the files they are applied from.');
  }
  if (write && inputs.includes('-')) {
    refused('--fix changes files, and standard input is none.', 'Name the files, or see with --fix-dry-run what would be changed.');
  }
  const onStdout = outputs.find(({ file }) => file === undefined)?.format;
  if (show && onStdout !== undefined && onStdout !== 'text') {
    refused(`Both the changes and -o ${onStdout} would go to standard output.`, `Write the report to a file: -o ${onStdout}=FILE.`);
  }
  if (show && textOf(options, 'writeBaseline') !== undefined) {
    refused('--write-baseline writes a file, and --fix-dry-run changes nothing.', 'Give one of them.');
  }
  return write ? 'write' : 'show';
}

function settingsOf(options: Options, config: AnalyzeConfig): Settings {
  return {
    clusterDomain: textOf(options, 'clusterDomain') ?? config.clusterDomain ?? 'cluster.local',
    rootNamespace: textOf(options, 'rootNamespace') ?? config.rootNamespace,
    revision: textOf(options, 'revision') ?? config.revision,
  };
}

function baselineOf(options: Options, configured: string | undefined): Pick<AnalyzePlan, 'baseline' | 'writeBaseline' | 'pruneBaseline'> {
  const baseline = textOf(options, 'baseline') ?? configured;
  const writeBaseline = textOf(options, 'writeBaseline');
  const pruneBaseline = options['pruneBaseline'] === true;
  if (pruneBaseline && (baseline === undefined || writeBaseline !== undefined)) {
    throw new MeshctlError('E_USAGE', '--prune-baseline takes entries out of a baseline that is in use.', {
      hint: 'Name it with --baseline FILE, or in meshctl.yaml; --write-baseline writes all of it anew.',
    });
  }
  return { baseline, writeBaseline, pruneBaseline };
}

/** Paths as globs of a configuration file mean them: from its own folder, with forward slashes. */
function pathsFrom(file: string, cwd: string): PathOf {
  const steps = (path: string): readonly string[] => {
    const all = (isAbsolute(path) ? path : `${cwd}/${path}`).replaceAll('\\', '/').split('/');
    const found: string[] = [];
    for (const step of all) {
      if (step === '..') found.pop();
      else if (step !== '.' && step !== '') found.push(step);
    }
    return found;
  };
  const folder = steps(file).slice(0, -1);
  return (source) => {
    const path = steps(source);
    return folder.every((step, index) => step === path[index]) ? path.slice(folder.length).join('/') : undefined;
  };
}

function parseRemote(text: string): { readonly cluster: string; readonly path: string } {
  const equals = text.indexOf('=');
  if (equals <= 0 || equals === text.length - 1) {
    throw new MeshctlError('E_USAGE', `"${text}" does not name a cluster and its files.`, {
      hint: 'Write --remote NAME=PATH, as in --remote east=clusters/east.',
    });
  }
  return { cluster: text.slice(0, equals), path: text.slice(equals + 1) };
}

/** `meshctl.yaml` in the working directory or the nearest folder above it. */
async function findConfig(host: Host): Promise<string | undefined> {
  let up = '';
  for (let directory = host.cwd; ; directory = parentOf(directory)) {
    if ((await host.files.kind(`${directory}/${CONFIG_NAME}`).catch(() => undefined)) === 'file') return `${up}${CONFIG_NAME}`;
    if (parentOf(directory) === directory) return undefined;
    up += '../';
  }
}

function parentOf(directory: string): string {
  const slash = Math.max(directory.lastIndexOf('/'), directory.lastIndexOf('\\'));
  return slash <= 0 ? directory.slice(0, slash + 1) : directory.slice(0, slash);
}

function relativeTo(file: string, path: string): string {
  return isAbsolute(path) || !file.includes('/') ? path : `${file.slice(0, file.lastIndexOf('/') + 1)}${path}`;
}

const isAbsolute = (path: string): boolean => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);

async function readConfig(path: string, host: Host): Promise<AnalyzeConfig> {
  try {
    return parseConfig(await host.files.read(path), path, host.clock.now());
  } catch (error) {
    if (error instanceof MeshctlError) throw error;
    throw new MeshctlError('E_CONFIG', `The configuration file "${path}" cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Flags and configuration file → what an analysis does. Flags win. */
import { type AnalyzeConfig, type FailOn, parseConfig } from '../analysis/config.ts';
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
  readonly baseline: string | undefined;
  readonly writeBaseline: string | undefined;
  readonly failOn: FailOn;
  readonly minSeverity: Severity;
  readonly outputs: readonly OutputTarget[];
  readonly listRules: boolean;
  /** The configuration file in force; undefined when there is none. */
  readonly configFile: string | undefined;
}

const CONFIG_NAME = 'meshctl.yaml';

/** @throws MeshctlError for flags and settings that make no sense, and for a broken configuration file */
export async function planOf(inputs: readonly string[], options: Options, host: Host): Promise<AnalyzePlan> {
  const listRules = options['listRules'] === true;
  const outputs = parseOutputs(textsOf(options, 'output'));
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
  const configFile = textOf(options, 'config') ?? (await findConfig(host));
  const config = configFile === undefined ? {} : await readConfig(configFile, host);
  const beside = (path: string | undefined): string | undefined => (path === undefined ? undefined : relativeTo(configFile ?? '', path));
  const mesh = textOf(options, 'mesh') ?? config.mesh ?? 'auto';
  return {
    inputs,
    remotes: textsOf(options, 'remote').map(parseRemote),
    walk: {
      include: [...(config.include ?? []), ...textsOf(options, 'include')],
      exclude: [...(config.exclude ?? []), ...textsOf(options, 'exclude')],
    },
    live: !listRules && (inputs.length === 0 || options['withCluster'] === true),
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
    suppressions: [...textsOf(options, 'suppress').map(parseSuppression), ...(config.suppress ?? [])],
    baseline: textOf(options, 'baseline') ?? beside(config.baseline),
    writeBaseline: textOf(options, 'writeBaseline'),
    failOn: (textOf(options, 'failOn') as FailOn | undefined) ?? config.failOn ?? 'error',
    minSeverity: (textOf(options, 'minSeverity') as Severity | undefined) ?? config.minSeverity ?? 'info',
    outputs,
    listRules,
    configFile,
  };
}

function settingsOf(options: Options, config: AnalyzeConfig): Settings {
  return {
    clusterDomain: textOf(options, 'clusterDomain') ?? config.clusterDomain ?? 'cluster.local',
    rootNamespace: textOf(options, 'rootNamespace') ?? config.rootNamespace,
    revision: textOf(options, 'revision') ?? config.revision,
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
  const isAbsolute = path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
  return isAbsolute || !file.includes('/') ? path : `${file.slice(0, file.lastIndexOf('/') + 1)}${path}`;
}

async function readConfig(path: string, host: Host): Promise<AnalyzeConfig> {
  try {
    return parseConfig(await host.files.read(path), path, host.clock.now());
  } catch (error) {
    if (error instanceof MeshctlError) throw error;
    throw new MeshctlError('E_CONFIG', `The configuration file "${path}" cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}

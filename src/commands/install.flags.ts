/** Flags of install and upgrade, checked. */
import { MeshctlError } from '../errors.ts';
import { parseDuration } from '../text/duration.ts';
import { type Options, textOf, textsOf } from './define.ts';

export interface InstallFlags {
  readonly profile: string | undefined;
  readonly version: string | undefined;
  readonly namespace: string | undefined;
  readonly revision: string | undefined;
  readonly with: readonly string[];
  readonly without: readonly string[];
  readonly charts: readonly string[];
  readonly repository: string | undefined;
  readonly caFile: string | undefined;
  /** What is done with the plan. */
  readonly mode: 'apply' | 'plan' | 'manifests' | 'values';
  readonly kubeVersion: string | undefined;
  readonly waits: boolean;
  readonly timeoutMs: number;
  readonly atomic: boolean;
  readonly isAgreed: boolean;
  readonly skipCrds: boolean;
  readonly takeOwnership: boolean;
  readonly resetValues: boolean;
  readonly force: boolean;
  readonly renew: boolean;
  readonly format: string;
}

const MODES = { plan: 'plan', dryRun: 'manifests', showValues: 'values' } as const;
const FLAGS = { plan: '--plan', dryRun: '--dry-run', showValues: '--show-values' } as const;
const FIVE_MINUTES = 300_000;

/** @throws MeshctlError E_USAGE for flags that make no sense, or none together */
export function installFlags(options: Options): InstallFlags {
  const [mode, other] = (Object.keys(MODES) as (keyof typeof MODES)[]).filter((each) => options[each] === true);
  if (mode !== undefined && other !== undefined) throw contradiction(FLAGS[mode], FLAGS[other], 'each shows something else');
  const waits = options['wait'] !== false;
  if (!waits && options['atomic'] === true) throw contradiction('--no-wait', '--atomic', 'to go back, it has to be waited for the failure');
  const kubeVersion = textOf(options, 'kubeVersion');
  if (kubeVersion !== undefined && !/^v?\d+\.\d+(?:\.\d+\S*)?$/.test(kubeVersion)) {
    throw new MeshctlError('E_USAGE', `--kube-version "${kubeVersion}" is no version of Kubernetes.`, { hint: 'Write it like "1.33".' });
  }
  if (kubeVersion !== undefined && mode !== 'dryRun') {
    throw new MeshctlError('E_USAGE', '--kube-version has no meaning where a cluster is asked.', {
      hint: 'Give it together with --dry-run.',
    });
  }
  return {
    profile: textOf(options, 'profile'),
    version: textOf(options, 'version'),
    namespace: textOf(options, 'namespace'),
    revision: textOf(options, 'revision'),
    with: textsOf(options, 'with'),
    without: textsOf(options, 'without'),
    charts: textsOf(options, 'chart'),
    repository: textOf(options, 'repo'),
    caFile: textOf(options, 'caFile'),
    mode: mode === undefined ? 'apply' : MODES[mode],
    kubeVersion,
    waits,
    timeoutMs: timeoutOf(textOf(options, 'timeout')),
    atomic: options['atomic'] === true,
    isAgreed: options['yes'] === true,
    skipCrds: options['skipCrds'] === true,
    takeOwnership: options['takeOwnership'] === true,
    resetValues: options['resetValues'] === true,
    force: options['force'] === true,
    renew: options['renew'] === true,
    format: textOf(options, 'output') ?? 'text',
  };
}

/** @throws MeshctlError E_USAGE */
export function timeoutOf(text: string | undefined): number {
  if (text === undefined) return FIVE_MINUTES;
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new MeshctlError('E_USAGE', `--timeout "${text}" is no duration to wait for.`, { hint: 'Write it like "90s" or "5m".' });
}

const contradiction = (one: string, other: string, why: string): MeshctlError =>
  new MeshctlError('E_USAGE', `${one} and ${other} cannot go together: ${why}.`, { hint: 'Give one of them.' });

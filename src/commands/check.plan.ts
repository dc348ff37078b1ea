/** Flags → what is checked. */
import { MeshctlError } from '../errors.ts';
import { meshes } from '../mesh/index.ts';
import type { CheckMode } from '../model/check.ts';
import type { MeshAdapter } from '../model/mesh-adapter.ts';
import { parseDuration } from '../text/duration.ts';
import { type Options, textOf, textsOf } from './define.ts';

export interface CheckPlan {
  readonly mode: CheckMode;
  /** Undefined: those found in the cluster. */
  readonly mesh: MeshAdapter | undefined;
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly namespace: string | undefined;
  readonly format: string;
  readonly failOn: 'failed' | 'warning' | 'never';
  /** How long what may mend itself is waited for. */
  readonly waitMs: number | undefined;
}

const MODES = ['pre', 'proxy', 'posture'] as const;

/** @throws MeshctlError E_USAGE for flags that make no sense together */
export function checkPlan(options: Options): CheckPlan {
  const modes = MODES.filter((mode) => options[mode] === true);
  const [mode = 'running', other] = modes;
  if (other !== undefined) {
    throw new MeshctlError('E_USAGE', `--${mode} and --${other} ask different questions.`, { hint: 'Give one of them.' });
  }
  const name = textOf(options, 'mesh') ?? 'auto';
  return {
    mode,
    mesh: meshes.find(({ id }) => id === name),
    only: textsOf(options, 'only'),
    skip: textsOf(options, 'skip'),
    namespace: textOf(options, 'namespace'),
    format: textOf(options, 'output') ?? 'text',
    failOn: (textOf(options, 'failOn') ?? 'failed') as CheckPlan['failOn'],
    waitMs: waitOf(textOf(options, 'wait')),
  };
}

function waitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 0) return ms;
  throw new MeshctlError('E_USAGE', `--wait "${text}" is no duration.`, { hint: 'Write it like "90s" or "5m".' });
}

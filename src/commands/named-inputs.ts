/** Inputs that are named as arguments, or by the flag of `input-options.ts`. */
import { MeshctlError } from '../errors.ts';
import { type Options, textsOf } from './define.ts';

export const namedInputs = (args: readonly string[], options: Options): readonly string[] => [...args, ...textsOf(options, 'filename')];

/** @throws MeshctlError E_USAGE for a command without input */
export function assertInputs(inputs: readonly string[], command: string): void {
  if (inputs.length > 0) return;
  throw new MeshctlError('E_USAGE', `There is no input to ${command}.`, {
    hint: `Name files or directories, or "-" for standard input, as in "meshctl ${command} deploy.yaml".`,
  });
}

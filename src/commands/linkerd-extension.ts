/**
 * meshctl under the name `linkerd-meshctl`: `linkerd check` finds it on the PATH and shows its checks beside its own.
 * @see https://github.com/linkerd/linkerd2/blob/main/EXTENSIONS.md
 */
import { EXIT } from '../errors.ts';
import type { Outcome } from './define.ts';

const NAME = 'linkerd-meshctl';

/** Flags of `linkerd check` whose meaning meshctl has under another name, or finds out by itself. */
const RENAMED: Readonly<Record<string, string | undefined>> = {
  verbose: 'verbose',
  'api-addr': undefined,
  'linkerd-namespace': undefined,
  'cni-namespace': undefined,
};

const FORMATS: Readonly<Record<string, string>> = { json: 'linkerd', table: 'text', short: 'short', '': 'text' };

/**
 * @param program the name that the program was called by
 * @returns what to print, or the arguments that mean the same to meshctl
 */
export function asLinkerdExtension(program: string, args: readonly string[]): Outcome | readonly string[] {
  if (program !== NAME) return args;
  const [command = '', ...rest] = args;
  if (command === '_extension-metadata') {
    return { text: `${JSON.stringify({ name: NAME, checks: 'always' })}\n`, exit: EXIT.fine };
  }
  // An extension must have these two. meshctl keeps nothing in the cluster.
  if (command === 'install' || command === 'uninstall') return { text: '', exit: EXIT.fine };
  return command === 'check' ? [command, ...rest.flatMap(translated)] : args;
}

function translated(argument: string): readonly string[] {
  const [, name = '', value = ''] = /^--([\w-]+)=(.*)$/s.exec(argument) ?? [];
  if (name === '') return [argument];
  if (name === 'output') return [`--output=${FORMATS[value] ?? value}`];
  if (name in RENAMED && RENAMED[name] === undefined) return [];
  if (value === 'true') return [`--${RENAMED[name] ?? name}`];
  return value === 'false' || value === '' ? [] : [argument];
}

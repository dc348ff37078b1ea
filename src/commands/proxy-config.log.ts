/** Levels of a proxy's logging: read, set, and always the way back. */
import { MeshctlError } from '../errors.ts';
import { nearest } from '../text/nearest.ts';
import type { ProxySource } from './proxy-config.source.ts';

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];

export interface LevelReport {
  readonly loggers: Readonly<Record<string, string>>;
  /** How to undo the change; undefined when nothing was changed. */
  readonly back: string | undefined;
}

/** @throws MeshctlError E_USAGE for levels and loggers that there are not, before anything is set */
export async function readLevels(
  source: ProxySource,
  { levels, reset }: { readonly levels: readonly string[]; readonly reset: boolean },
): Promise<LevelReport> {
  const before = loggersIn(await source.text('/logging', 'POST'));
  const changes = reset ? [{ logger: undefined, level: 'warning' }] : levels.map((each) => changeOf(each, Object.keys(before)));
  if (changes.length === 0) return { loggers: before, back: undefined };
  for (const { logger, level } of changes) await source.text(`/logging?${logger ?? 'level'}=${level}`, 'POST');
  const after = loggersIn(await source.text('/logging', 'POST'));
  return { loggers: after, back: wayBack(before, after, source.title) };
}

function changeOf(text: string, known: readonly string[]): { readonly logger: string | undefined; readonly level: string } {
  const colon = text.lastIndexOf(':');
  const [logger, given] = colon < 0 ? [undefined, text] : [text.slice(0, colon), text.slice(colon + 1)];
  const level = given === 'warn' ? 'warning' : given;
  if (!LEVELS.includes(level)) throw unknown('level', given, LEVELS);
  if (logger !== undefined && !known.includes(logger)) throw unknown('logger', logger, known);
  return { logger, level };
}

function unknown(what: string, given: string, known: readonly string[]): MeshctlError {
  const close = nearest(given, known);
  return new MeshctlError('E_USAGE', `There is no ${what} "${given}".`, {
    hint: `${close ? `Did you mean "${close}"? ` : ''}${what === 'level' ? `The levels are ${known.join(', ')}.` : '"meshctl proxy-config log POD" lists the loggers.'}`,
  });
}

/** Envoy answers `active loggers:`, and each on a line of its own. */
function loggersIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/^\s+([\w.-]+): (\w+)$/gm)].map(([, name = '', level = '']) => [name, level]));
}

function wayBack(before: LevelReport['loggers'], after: LevelReport['loggers'], title: string): string {
  const changed = Object.entries(before).filter(([name, level]) => after[name] !== level);
  if (changed.length === 0) return 'Nothing changed: the levels were so already.';
  const values = new Set(changed.map(([, level]) => level));
  const [pod = ''] = title.split(' ').slice(1);
  const target = pod.includes('/') ? `${pod.split('/')[1]} -n ${pod.split('/')[0]}` : pod;
  const isAll = values.size === 1 && changed.length === Object.keys(before).length;
  const levels = isAll ? [...values][0] : changed.map(([name, level]) => `${name}:${level}`).join(',');
  return `To undo this: meshctl proxy-config log ${target} --level ${levels}`;
}

/** Levels of logging as the command line names them: `debug` for all loggers, `http:debug` for one. */
import { MeshctlError } from '../errors.ts';
import type { Levels } from '../model/proxy-part.ts';
import { nearest } from '../text/nearest.ts';

interface LevelChange {
  /** Undefined for all of them. */
  readonly logger: string | undefined;
  readonly level: string;
}

interface Known {
  readonly levels: readonly string[];
  readonly loggers: readonly string[];
  /** As the program spells what users may write otherwise. */
  readonly spelled: (level: string) => string;
}

/**
 * What is said of single loggers comes behind what is said of all.
 * @throws MeshctlError E_USAGE
 */
export function levelChanges(wanted: readonly string[], known: Known): readonly LevelChange[] {
  const changes = wanted.map((text): LevelChange => {
    const colon = text.lastIndexOf(':');
    const [logger, given] = colon < 0 ? [undefined, text] : [text.slice(0, colon), text.slice(colon + 1)];
    const level = known.spelled(given.toLowerCase());
    if (!known.levels.includes(level)) throw unknownName('level', given, known.levels);
    if (logger !== undefined && !known.loggers.includes(logger)) throw unknownName('logger', logger, known.loggers);
    return { logger, level };
  });
  return [...changes.filter(({ logger }) => logger === undefined), ...changes.filter(({ logger }) => logger !== undefined)];
}

function unknownName(what: 'level' | 'logger', given: string, known: readonly string[]): MeshctlError {
  const close = nearest(given, known);
  return new MeshctlError('E_USAGE', `There is no ${what} "${given}".`, {
    hint: `${close ? `Did you mean "${close}"? ` : ''}${what === 'level' ? `The levels are ${known.join(', ')}.` : '"meshctl proxy-config log POD" lists the loggers.'}`,
  });
}

/** Either what has changed, or what most had and the rest, whichever is less to write. */
export function shortestBack(before: Levels, after: Levels): readonly string[] {
  const pair = ([name, level]: readonly [string, string]): string => `${name}:${level}`;
  const all = Object.entries(before);
  const changed = all.filter(([name, level]) => after[name] !== level);
  if (changed.length === 0) return [];
  const counts = new Map<string, number>();
  for (const [, level] of all) counts.set(level, (counts.get(level) ?? 0) + 1);
  const [usual = ''] = [...counts].reduce((most, each) => (each[1] > most[1] ? each : most), ['', 0]);
  const exceptions = all.filter(([, level]) => level !== usual);
  return changed.length > 3 && exceptions.length + 1 < changed.length ? [usual, ...exceptions.map(pair)] : changed.map(pair);
}

/** Levels of logging of proxies that are programs in Rust: one filter with a level for everything, and some for targets. */
import { MeshctlError } from '../errors.ts';
import type { Levels } from '../model/proxy-part.ts';
import { FILTER_LEVELS, OTHERS, readDirective } from '../text/log-filter.ts';
import { nearest } from '../text/nearest.ts';

/** @throws MeshctlError E_USAGE for a level that there is not */
export function wantedDirectives(wanted: readonly string[]): readonly ReturnType<typeof readDirective>[] {
  return wanted.map((text) => {
    const directive = readDirective(text);
    const isTargetAlone = directive.target === text;
    if (!isTargetAlone && FILTER_LEVELS.includes(directive.level)) return directive;
    const given = isTargetAlone ? text : directive.level;
    const close = nearest(given, FILTER_LEVELS);
    throw new MeshctlError('E_USAGE', `There is no level "${given}".`, {
      hint: `${close ? `Did you mean "${close}"? ` : ''}The levels are ${FILTER_LEVELS.join(', ')}; for one target write TARGET:LEVEL.`,
    });
  });
}

/** The whole filter, and a level for everything else with it, so that nothing of what was set stays. */
export function filterBack(before: Levels, after: Levels): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  if ([...names].every((name) => before[name] === after[name])) return [];
  const others = before[OTHERS] ?? 'off';
  return [others, ...Object.entries(before).flatMap(([target, level]) => (target === OTHERS ? [] : [`${target}=${level}`]))];
}

/**
 * Filters of logs as programs in Rust have them: `warn,linkerd=info,[{headers}]=off`, a level for all that is not named,
 * levels for targets, and for spans.
 * @see https://docs.rs/tracing-subscriber/latest/tracing_subscriber/filter/struct.EnvFilter.html
 */

export const FILTER_LEVELS: readonly string[] = ['off', 'error', 'warn', 'info', 'debug', 'trace'];

/** Under which the level of everything else stands. */
export const OTHERS = 'default';

/** By target, in the order of the text; what has no level logs everything. */
export function readLogFilter(text: string): Readonly<Record<string, string>> {
  const entries = splitFilter(text).map((directive): readonly [string, string] => {
    const { target, level } = readDirective(directive);
    return [target ?? OTHERS, level];
  });
  return Object.fromEntries(entries);
}

export const writeLogFilter = (levels: Readonly<Record<string, string>>): string =>
  Object.entries(levels)
    .map(([target, level]) => (target === OTHERS ? level : `${target}=${level}`))
    .join(',');

interface Directive {
  /** Undefined for everything that is not named. */
  readonly target: string | undefined;
  readonly level: string;
}

/** `debug`, `linkerd=debug`, and `linkerd:debug` as other proxies have it; levels are spelled as the programs do. */
export function readDirective(text: string): Directive {
  const [, target, given = text] = /^(.*?)\s*(?:=|(?<!:):(?!:))\s*(\w+)$/s.exec(text) ?? [];
  const level = given.toLowerCase() === 'warning' ? 'warn' : given.toLowerCase();
  if (target !== undefined) return { target, level };
  return FILTER_LEVELS.includes(level) ? { target: undefined, level } : { target: text, level: 'trace' };
}

/** Spans have lists of fields in braces, with commas. */
function splitFilter(text: string): readonly string[] {
  const parts = text.match(/(?:\[[^\]]*\]|[^,[])+/g) ?? [];
  return parts.map((each) => each.trim()).filter((each) => each !== '');
}

/**
 * The filter with what is wanted in it. Where a level for everything else is wanted, what was said of targets goes;
 * what was said of spans stays, because it keeps headers of requests out of logs.
 */
export function changedFilter(before: Readonly<Record<string, string>>, wanted: readonly Directive[]): Readonly<Record<string, string>> {
  const whole = wanted.some(({ target }) => target === undefined);
  const kept = Object.entries(before).filter(([target]) => !whole || target.startsWith('['));
  const given = wanted.map(({ target, level }): readonly [string, string] => [target ?? OTHERS, level]);
  return Object.fromEntries(
    whole ? [...given, ...kept.filter(([target]) => !given.some(([each]) => each === target))] : [...kept, ...given],
  );
}

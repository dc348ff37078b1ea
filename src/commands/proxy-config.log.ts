/** Levels of logging: read, set, and always the way back. */
import { groupBy } from '../model/maps.ts';
import type { Levels } from '../model/proxy-part.ts';
import { table } from '../terminal/table.ts';
import type { Context } from './define.ts';
import type { ProxySource } from './proxy-config.source.ts';

export interface PodLevels {
  readonly source: ProxySource;
  readonly loggers: Levels;
  /** What undoes the change, as on the command line; undefined when none was asked for. */
  readonly back: readonly string[] | undefined;
}

/** One pod after the other, so that the first one that refuses leaves the others as they are. */
export async function readLevels(
  sources: readonly ProxySource[],
  { levels, reset }: { readonly levels: readonly string[]; readonly reset: boolean },
): Promise<readonly PodLevels[]> {
  const read: PodLevels[] = [];
  for (const source of sources) {
    const { logging } = source.program;
    const before = await logging.levels(source);
    const wanted = reset && source.pod ? [...logging.initial(source.pod), ...levels] : levels;
    if (wanted.length === 0) read.push({ source, loggers: before, back: undefined });
    else {
      const loggers = await logging.set(source, wanted);
      read.push({ source, loggers, back: logging.wayBack(before, loggers) });
    }
  }
  return read;
}

/** Sentences for standard error. */
export function waysBack(read: readonly PodLevels[]): readonly string[] {
  const changed = read.filter(({ back }) => back !== undefined);
  const lines = changed.flatMap(({ source: { pod }, back = [] }) =>
    back.length === 0 || !pod ? [] : [`meshctl proxy-config log ${pod.name} -n ${pod.namespace} ${option(back)}`],
  );
  if (changed.length > 0 && lines.length === 0) return ['Nothing changed: the levels were so already.'];
  const same = changed.filter(({ back = [] }) => back.length === 0).length;
  return [
    ...(lines.length > 0 && same > 0 ? [`${same} of ${changed.length} proxies had these levels already.`] : []),
    ...(lines.length === 1 ? [`To undo this: ${lines[0]}`] : []),
    ...(lines.length > 1 ? ['To undo this:', ...lines.map((line) => `  ${line}`)] : []),
  ];
}

/** In quotes where a shell would read it otherwise. */
const option = (texts: readonly string[]): string => {
  const text = texts.join(',');
  return `--level ${/^[\w:.,=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`}`;
};

/** Pods of a workload mostly log alike, and then one table is enough for them. */
export function levelsTables(read: readonly PodLevels[], { color, host }: Context): string {
  const groups = [...groupBy(read, ({ loggers }) => JSON.stringify(loggers)).values()];
  const sections = groups.map((group) => {
    const shown = table(Object.entries(group[0]?.loggers ?? {}), { head: ['LOGGER', 'LEVEL'], color: color.out, width: host.out.columns });
    return read.length === 1 ? shown : `${group.map(({ source }) => source.title).join('\n')}\n${shown}`;
  });
  return `${sections.join('\n\n')}\n`;
}

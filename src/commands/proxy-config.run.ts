/** proxy-config: part and proxy → what the proxy says → rows → report. */
import { EXIT, MeshctlError } from '../errors.ts';
import type { AskedProxy, PartFilters, PartView } from '../model/proxy-part.ts';
import { printableLine } from '../terminal/printable.ts';
import { styleFor } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { nearest } from '../text/nearest.ts';
import { expression, NoExpression } from '../text/re2.ts';
import { writeYaml } from '../text/yaml-write.ts';
import { type Context, type Options, type Run, textOf, textsOf } from './define.ts';
import { assertKnown, filtersOf } from './proxy-config.filters.ts';
import { levelsTables, readLevels, waysBack } from './proxy-config.log.ts';
import { PART_NAMES, partNamed } from './proxy-config.names.ts';
import { fileSource, liveSources, PROGRAMS, type ProxySource } from './proxy-config.source.ts';

export const run: Run = async ([asked = '', target], options, context) => {
  const part = partNamed(asked) ?? unknownPart(asked);
  const { node, ...others } = filtersOf(options);
  // A node names the proxy where nothing else does.
  const isNamed = target !== undefined || ['file', 'selector'].some((name) => textOf(options, name) !== undefined);
  const filters = isNamed ? { ...others, node } : others;
  assertMeant(part, options, filters);
  const sources = await openSources(part, target, options, context);
  for (const { client, title, remark } of sources.slice(0, 1)) {
    if (client) remark(`Pod ${client.namespace}/${client.name} has no proxy of its own: ${title} acts for it.`);
  }
  const text =
    part === 'log' ? await levelsText(sources, options, context) : await answer(part, sources[0] as ProxySource, filters, options, context);
  return { text, exit: EXIT.fine };
};

function unknownPart(asked: string): never {
  const close = nearest(asked, PART_NAMES);
  throw new MeshctlError('E_USAGE', `There is no part "${asked}" of a proxy's configuration.`, {
    hint: `${close ? `Did you mean "${close}"? ` : ''}The parts are ${PART_NAMES.join(', ')}.`,
  });
}

/** Options of single parts, by the part. */
const OF_PARTS: readonly (readonly [part: string, name: string])[] = [
  ['log', 'level'],
  ['log', 'reset'],
  ['stats', 'filter'],
];

/** @throws MeshctlError E_USAGE for an option that would be passed over */
function assertMeant(part: string, options: Options, filters: PartFilters): void {
  const stray = OF_PARTS.find(
    ([of, name]) => of !== part && options[name] !== undefined && !(Array.isArray(options[name]) && options[name].length === 0),
  );
  if (stray) {
    throw new MeshctlError('E_USAGE', `--${stray[1]} is for "${stray[0]}", not for "${part}".`, {
      hint: `Write "meshctl proxy-config ${stray[0]} …", or leave it out.`,
    });
  }
  if (textOf(options, 'output') === 'prom' && part !== 'stats') {
    throw new MeshctlError('E_USAGE', `Only "stats" are written for Prometheus, not "${part}".`, { hint: 'Leave out "-o prom".' });
  }
  if (part === 'log' || part === 'stats') assertKnown(filters, part, []);
}

async function openSources(part: string, target: string | undefined, options: Options, context: Context): Promise<readonly ProxySource[]> {
  const file = textOf(options, 'file');
  const named = [
    ['file', file],
    ['proxy', target],
    ['selector of labels', textOf(options, 'selector')],
  ].filter(([, value]) => value !== undefined);
  const [first, second] = named;
  if (first && second) {
    throw new MeshctlError('E_USAGE', `Both a ${first[0]}, "${first[1]}", and a ${second[0]}, "${second[1]}", are named.`, {
      hint: 'Leave one of them out.',
    });
  }
  if (file !== undefined) return [await fileSource(file, context)];
  if (named.length === 1 || textOf(options, 'node') !== undefined) return liveSources(target, options, context);
  throw new MeshctlError('E_USAGE', 'No proxy is named.', {
    hint: `Name a pod or a workload, as in "meshctl proxy-config ${part} deploy/web"${part === 'log' || part === 'stats' ? '' : ', or a saved dump with --file'}.`,
  });
}

async function answer(part: string, source: ProxySource, filters: PartFilters, options: Options, context: Context): Promise<string> {
  const format = textOf(options, 'output') ?? 'table';
  const { program } = source;
  if (part === 'stats') {
    const filter = textOf(options, 'filter');
    if (filter !== undefined) assertExpression(filter);
    if (format !== 'json' && format !== 'yaml') return program.stats(source, filter, format === 'prom' ? 'prometheus' : 'own');
    return written({ stats: await program.statsValue(source, filter) }, source, format);
  }
  const names = part === 'all' ? Object.keys(program.parts) : [part];
  const parts = names.map((name) => ({ name, part: program.parts[name] ?? notOf(name, source) }));
  if (part !== 'all') for (const each of parts) assertKnown(filters, part, each.part.filters);
  if (format === 'raw') return rawText(part, source);
  const asked = part === 'all' ? await wholeOf(source) : source;
  const views: (readonly [name: string, view: PartView])[] = [];
  for (const each of parts) views.push([each.name, await each.part.read(asked, filters)]);
  if (format === 'json' || format === 'yaml') {
    return written(Object.fromEntries(views.map(([name, { value }]) => [name, value])), source, format);
  }
  const { bold } = styleFor(context.color.out);
  const sections = views.map(
    ([name, view]) => `${part === 'all' ? `${bold(name)}\n` : ''}${sectionOf(name, view, format === 'wide', context)}`,
  );
  return `${sections.join('\n\n')}\n`;
}

/** @throws MeshctlError E_USAGE */
function assertExpression(filter: string): void {
  try {
    expression(filter);
  } catch (error) {
    if (!(error instanceof NoExpression)) throw error;
    throw new MeshctlError('E_USAGE', `"${filter}" is no regular expression: ${error.message.replace(/^error parsing regexp: /, '')}.`, {
      hint: 'Expressions are RE2: https://github.com/google/re2/wiki/Syntax',
    });
  }
}

function notOf(part: string, { title, program, proxy }: ProxySource): never {
  const others = PROGRAMS.filter((each) => part in each.parts).map((each) => each.title);
  throw new MeshctlError(
    'E_TARGET',
    `${title} ${proxy ? 'runs' : 'is the dump of'} ${program.title}, which has no ${part}${others.length > 0 ? ` (${others.join(' and ')} ${others.length > 1 ? 'have' : 'has'})` : ''}.`,
    {
      hint: `It has ${[...Object.keys(program.parts), ...(proxy ? ['stats', 'log'] : [])].join(', ')}.`,
    },
  );
}

async function rawText(part: string, source: ProxySource): Promise<string> {
  const { whole, parts } = source.program;
  if (part !== 'all') return parts[part]?.raw(source) ?? '';
  if (whole) return `${JSON.stringify(await source.json(whole.path), undefined, 2)}\n`;
  return (await Object.values(parts)[0]?.raw(source)) ?? '';
}

/** One dump serves all parts; what is asked elsewhere, as endpoints are for how they fare, is asked there, and once. */
async function wholeOf(source: ProxySource): Promise<AskedProxy> {
  const { whole } = source.program;
  if (!whole) {
    const known = new Map<string, Promise<string>>();
    const text: AskedProxy['text'] = (path, request) => {
      const asked = (request === undefined && known.get(path)) || source.text(path, request);
      if (request === undefined) known.set(path, asked);
      return asked;
    };
    return { ...source, text };
  }
  const dump = await source.json(whole.path);
  const [begin = ''] = whole.path.split('?');
  return { ...source, json: async (path) => (path.startsWith(begin) ? dump : source.json(path)) };
}

function sectionOf(name: string, view: PartView, wide: boolean, { host, color }: Context): string {
  const { head, lines, last = [] } = view.table({ wide, now: host.clock.now() });
  if (lines.length === 0) return `No ${name}.`;
  const cells = lines.map((line) => line.map(printableLine));
  if (head.length === 0) return table(cells);
  return table(cells, { head, last, color: color.out, width: wide ? undefined : host.out.columns });
}

async function levelsText(sources: readonly ProxySource[], options: Options, context: Context): Promise<string> {
  const format = textOf(options, 'output') ?? 'table';
  const read = await readLevels(sources, { levels: textsOf(options, 'level'), reset: options['reset'] === true });
  if (!context.quiet) for (const line of waysBack(read)) context.host.err.write(`${line}\n`);
  if (format !== 'json' && format !== 'yaml') return levelsTables(read, context);
  return document({ logging: read.map(({ source: { proxy }, loggers }) => ({ proxy, loggers })) }, format);
}

const written = (content: object, { proxy, title }: ProxySource, format: string): string =>
  document({ ...(proxy ? { proxy } : { source: title }), ...content }, format);

function document(content: object, format: string): string {
  const text = JSON.stringify({ apiVersion: 'meshctl.dev/v1', kind: 'ProxyConfig', ...content }, withTimes, 2);
  return format === 'yaml' ? writeYaml(JSON.parse(text)) : `${text}\n`;
}

/** Times are RFC 3339 in every document. */
const withTimes = (key: string, value: unknown): unknown => {
  const isTime = key === 'notBefore' || key === 'notAfter';
  return isTime && typeof value === 'number' ? (Number.isNaN(value) ? undefined : new Date(value).toISOString()) : value;
};

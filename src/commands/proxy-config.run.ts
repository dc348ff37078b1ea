/** proxy-config: part and proxy → what the proxy says → rows → report. */
import { EXIT, MeshctlError } from '../errors.ts';
import { printableLine } from '../terminal/printable.ts';
import { styleFor } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { nearest } from '../text/nearest.ts';
import { writeYaml } from '../text/yaml-write.ts';
import { type Context, type Options, type Run, textOf, textsOf } from './define.ts';
import { bootstrapRows, bootstrapSummary } from './proxy-config.bootstrap.ts';
import { type Filters, filtersOf } from './proxy-config.filters.ts';
import { readLevels } from './proxy-config.log.ts';
import { PART_NAMES, partNamed } from './proxy-config.names.ts';
import { ENVOY_PARTS, type Part, WHOLE_DUMP } from './proxy-config.parts.ts';
import { fileSource, liveSource, type ProxySource } from './proxy-config.source.ts';
import { ZTUNNEL_PARTS } from './proxy-config.ztunnel.ts';

export const run: Run = async ([asked = '', target], options, context) => {
  const part = partNamed(asked) ?? unknownPart(asked);
  const filters = filtersOf(options);
  const source = await openSource(part, target, options, context);
  const format = textOf(options, 'output') ?? 'table';
  const text = await answer(part, source, { filters, format, options, context });
  return { text, exit: EXIT.fine };
};

function unknownPart(asked: string): never {
  const close = nearest(asked, PART_NAMES);
  throw new MeshctlError('E_USAGE', `There is no part "${asked}" of a proxy's configuration.`, {
    hint: `${close ? `Did you mean "${close}"? ` : ''}The parts are ${PART_NAMES.join(', ')}.`,
  });
}

function openSource(part: string, target: string | undefined, options: Options, context: Context): Promise<ProxySource> {
  const file = textOf(options, 'file');
  if (file !== undefined && target !== undefined) {
    throw new MeshctlError('E_USAGE', `Both a file, "${file}", and a proxy, "${target}", are named.`, { hint: 'Leave one of them out.' });
  }
  if (file !== undefined) return fileSource(file, context);
  if (target !== undefined) return liveSource(target, options, context);
  throw new MeshctlError('E_USAGE', 'No proxy is named.', {
    hint: `Name a pod or a workload, as in "meshctl proxy-config ${part} deploy/web", or a saved dump with --file.`,
  });
}

interface Asking {
  readonly filters: Filters;
  readonly format: string;
  readonly options: Options;
  readonly context: Context;
}

async function answer(part: string, source: ProxySource, asking: Asking): Promise<string> {
  const { format, options, context, filters } = asking;
  if (part === 'stats') {
    const filter = textOf(options, 'filter');
    const query = filter === undefined ? '' : `filter=${encodeURIComponent(filter)}`;
    return format === 'json' || format === 'yaml'
      ? written({ stats: await source.json(`/stats?format=json${query && `&${query}`}`) }, source, format)
      : source.text(`/stats${query && `?${query}`}`);
  }
  if (part === 'log') return levelsText(source, asking);
  const isZtunnel = part in ZTUNNEL_PARTS || (part === 'all' && source.proxy?.kind === 'ztunnel');
  assertFits(part, source, isZtunnel);
  const known = isZtunnel ? ZTUNNEL_PARTS : ENVOY_PARTS;
  const names = part === 'all' ? Object.keys(known) : [part];
  if (format === 'raw') return `${JSON.stringify(await source.json(part === 'all' ? WHOLE_DUMP : pathOf(part)), undefined, 2)}\n`;
  const values = await valuesOf(names, part, source, isZtunnel);
  const now = context.host.clock.now();
  if (format === 'json' || format === 'yaml') {
    const entries = names.map((name) => [
      name,
      name === 'bootstrap' ? bootstrapSummary(values(name)) : rowsOf(name, values(name), filters),
    ]);
    const head = part === 'all' && !isZtunnel ? { bootstrap: bootstrapSummary(values('bootstrap')) } : {};
    return written({ ...head, ...Object.fromEntries(entries) }, source, format);
  }
  const style = styleFor(context.color.out);
  const isSeveral = part === 'all';
  const sections = (isSeveral && !isZtunnel ? ['bootstrap', ...names] : names).map((name) => {
    const body = name === 'bootstrap' ? table(bootstrapRows(bootstrapSummary(values(name)))) : tableOf(name, values(name), asking, now);
    return isSeveral ? `${style.bold(name)}\n${body}` : body;
  });
  return `${sections.join('\n\n')}\n`;
}

const PARTS: Readonly<Record<string, Part>> = { ...ENVOY_PARTS, ...ZTUNNEL_PARTS };

const pathOf = (part: string): string => (part === 'bootstrap' ? '/config_dump?mask=bootstrap' : (PARTS[part]?.path ?? '/config_dump'));

function assertFits(part: string, { proxy, title }: ProxySource, isZtunnel: boolean): void {
  if (!proxy || part === 'all') return;
  if (proxy.kind === 'linkerd') {
    throw new MeshctlError('E_TARGET', `${title} has a proxy of Linkerd, which is no Envoy and has no ${part} to show.`, {
      hint: 'Only its stats can be read: "meshctl proxy-config stats".',
    });
  }
  if ((proxy.kind === 'ztunnel') === isZtunnel) return;
  const parts = Object.keys(proxy.kind === 'ztunnel' ? ZTUNNEL_PARTS : ENVOY_PARTS);
  throw new MeshctlError('E_TARGET', `${title} runs ${proxy.kind === 'ztunnel' ? 'a ztunnel' : 'an Envoy'}, which has no ${part}.`, {
    hint: `It has ${parts.join(', ')}.`,
  });
}

/** One dump serves all parts; endpoints know how they fare only where they are asked for on their own. */
async function valuesOf(
  names: readonly string[],
  part: string,
  source: ProxySource,
  isZtunnel: boolean,
): Promise<(name: string) => unknown> {
  if (part !== 'all') {
    const value = await source.json(pathOf(part));
    return () => value;
  }
  const whole = await source.json(isZtunnel ? '/config_dump' : WHOLE_DUMP);
  const fares = source.proxy && names.includes('endpoints') ? await source.json(pathOf('endpoints')) : whole;
  return (name) => (name === 'endpoints' ? fares : whole);
}

const rowsOf = (name: string, value: unknown, filters: Filters): readonly unknown[] => PARTS[name]?.rows(value, filters) ?? [];

function tableOf(name: string, value: unknown, { filters, format, context }: Asking, now: number): string {
  const part = PARTS[name];
  const wide = format === 'wide';
  const lines = part?.lines(value, filters, { wide, now }) ?? [];
  if (!part || lines.length === 0) return `No ${name}.`;
  const cells = lines.map((line) => line.map(printableLine));
  return table(cells, { head: part.head(wide), color: context.color.out, width: wide ? undefined : context.host.out.columns });
}

async function levelsText(source: ProxySource, { options, format, context }: Asking): Promise<string> {
  const report = await readLevels(source, { levels: textsOf(options, 'level'), reset: options['reset'] === true });
  if (report.back !== undefined && !context.quiet) context.host.err.write(`${report.back}\n`);
  if (format === 'json' || format === 'yaml') return written({ loggers: report.loggers }, source, format);
  return `${table(Object.entries(report.loggers), { head: ['LOGGER', 'LEVEL'], color: context.color.out })}\n`;
}

function written(content: object, { proxy, title }: ProxySource, format: string): string {
  const document = { apiVersion: 'meshctl.dev/v1', kind: 'ProxyConfig', ...(proxy ? { proxy } : { source: title }), ...content };
  const text = JSON.stringify(document, withTimes, 2);
  return format === 'yaml' ? writeYaml(JSON.parse(text)) : `${text}\n`;
}

/** Times are RFC 3339 in every document. */
const withTimes = (key: string, value: unknown): unknown =>
  (key === 'notBefore' || key === 'notAfter') && typeof value === 'number' ? new Date(value).toISOString() : value;

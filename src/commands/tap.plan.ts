/** Flags → which requests of whom are shown, how, and for how long. */
import { MeshctlError } from '../errors.ts';
import type { TapQuery } from '../model/tap.ts';
import { type TapSelection, tapSelection } from '../tap/filter.ts';
import { parseDuration } from '../text/duration.ts';
import { type Options, textOf, textsOf } from './define.ts';

export interface TapPlan {
  readonly selection: TapSelection;
  readonly query: TapQuery;
  readonly source: 'auto' | 'tap' | 'logs' | 'stats';
  /** Flags that ask for what statistics do not tell. */
  readonly beyondStats: readonly string[];
  readonly format: 'text' | 'wide' | 'json';
  readonly isTop: boolean;
  /** Whether the tap filter is added where it is not there. */
  readonly enables: boolean;
  readonly redacts: ReadonlySet<string>;
  readonly maxRps: number;
  readonly samplePercent: number;
  readonly durationMs: number | undefined;
  readonly limit: number | undefined;
}

const MAX_RPS = 100;

const BEYOND_STATS = ['method', 'path', 'authority', 'slowerThan', 'header'] as const;

/** @throws MeshctlError E_USAGE */
export function tapPlan(options: Options): TapPlan {
  const headers = textsOf(options, 'header');
  const format = (textOf(options, 'output') ?? 'text') as TapPlan['format'];
  const isTop = options['top'] === true;
  if (isTop && format !== 'text')
    throw new MeshctlError('E_USAGE', `--top is a table, and -o ${format} is none.`, { hint: 'Leave one of them out.' });
  const slowerThanMs = durationOf(options, 'slowerThan');
  const source = (textOf(options, 'source') ?? 'auto') as TapPlan['source'];
  const beyondStats = BEYOND_STATS.filter((name) => textOf(options, name) !== undefined || textsOf(options, name).length > 0).map(flagOf);
  if (source === 'stats' && beyondStats.length > 0)
    throw new MeshctlError('E_USAGE', `Statistics tell of no single requests, so that ${beyondStats[0]} cannot choose among them.`, {
      hint: 'Leave it out, or choose another --source.',
    });
  if (source === 'stats' && options['enable'] === true)
    throw new MeshctlError('E_USAGE', '--enable adds the tap filter, which --source stats does not need.', {
      hint: 'Leave one of them out.',
    });
  const selection = tapSelection({
    ...{ to: textOf(options, 'to'), from: textOf(options, 'from'), method: textOf(options, 'method'), path: textOf(options, 'path') },
    ...{
      authority: textOf(options, 'authority'),
      status: textsOf(options, 'status'),
      headers,
      slowerThanMs,
      direction: textOf(options, 'direction'),
    },
  });
  const maxRps = numberOf(options, 'maxRps', { least: 0.1, most: 1_000_000 }) ?? MAX_RPS;
  return {
    ...{ selection, format, isTop, maxRps, enables: options['enable'] === true },
    query: { ...selection.query, maxRps, wantsHeaders: format !== 'text' || headers.length > 0 },
    ...{ source, beyondStats },
    redacts: new Set(textsOf(options, 'redact').map((name) => name.toLowerCase())),
    samplePercent: numberOf(options, 'sample', { least: 0.01, most: 100 }) ?? 100,
    durationMs: durationOf(options, 'duration'),
    limit: numberOf(options, 'limit', { least: 1, most: Number.MAX_SAFE_INTEGER }),
  };
}

const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function numberOf(options: Options, name: string, { least, most }: { readonly least: number; readonly most: number }): number | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  const number = Number(text.replace(/%$/, ''));
  if (text !== '' && number >= least && number <= most) return number;
  throw new MeshctlError('E_USAGE', `${flagOf(name)} "${text}" is no number from ${least}${most < 1e6 ? ` to ${most}` : ' on'}.`);
}

function durationOf(options: Options, name: string): number | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 0) return ms;
  throw new MeshctlError('E_USAGE', `${flagOf(name)} "${text}" is no duration.`, { hint: 'Write it like "200ms", "30s" or "5m".' });
}

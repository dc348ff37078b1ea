/** Flags → which proxies are asked for, and how they are shown. */
import { MeshctlError } from '../errors.ts';
import { PROXY_STATES, type ProxyState } from '../model/proxy-status.ts';
import { parseDuration } from '../text/duration.ts';
import { type LabelMatch, parseLabelSelector } from '../text/label-selector.ts';
import { type Options, textOf, textsOf } from './define.ts';
import type { SORTS } from './proxy-status.names.ts';

export type Sort = (typeof SORTS)[number];
type Format = 'table' | 'wide' | 'json' | 'yaml';

export interface StatusPlan {
  readonly namespace: string | undefined;
  /** Undefined: those found in the cluster. */
  readonly mesh: string | undefined;
  readonly selects: LabelMatch | undefined;
  /** Empty: all. */
  readonly states: readonly ProxyState[];
  readonly sort: Sort;
  readonly staleAfterMs: number;
  readonly allCertificates: boolean;
  /** Pause between rounds; undefined for a single one. */
  readonly watchMs: number | undefined;
  readonly failOn: readonly ProxyState[];
  readonly format: Format;
}

const STALE_AFTER_MS = 30_000;
const INTERVAL_MS = 2000;
const LEAST_INTERVAL_MS = 200;

/** @throws MeshctlError E_USAGE */
export function statusPlan(options: Options): StatusPlan {
  const mesh = textOf(options, 'mesh');
  const interval = durationOf(options, 'interval');
  const isWatching = options['watch'] === true;
  if (interval !== undefined && !isWatching)
    throw new MeshctlError('E_USAGE', '--interval says how often --watch asks, which is not given.', { hint: 'Add --watch.' });
  const failOn = textsOf(options, 'failOn');
  const single =
    ['file', 'adminPort'].find((name) => options[name] !== undefined) ?? (failOn.includes('different') ? 'failOn different' : undefined);
  if (single !== undefined)
    throw new MeshctlError(
      'E_USAGE',
      `--${single.replace('adminPort', 'admin-port').replace('failOn', 'fail-on')} is about the comparison of one proxy, and none is named.`,
      {
        hint: 'Name one, as in "meshctl proxy-status deploy/web".',
      },
    );
  return {
    namespace: textOf(options, 'namespace'),
    mesh: mesh === 'auto' ? undefined : mesh,
    selects: selectorOf(textOf(options, 'selector')),
    states: textsOf(options, 'state') as readonly ProxyState[],
    sort: (textOf(options, 'sort') ?? 'state') as Sort,
    staleAfterMs: durationOf(options, 'staleAfter') ?? STALE_AFTER_MS,
    allCertificates: options['certificates'] === true,
    watchMs: isWatching ? Math.max(LEAST_INTERVAL_MS, interval ?? INTERVAL_MS) : undefined,
    failOn: PROXY_STATES.filter((state) => failOn.includes(state) || (failOn.includes('any') && state !== 'synced')),
    format: (textOf(options, 'output') ?? 'table') as Format,
  };
}

function selectorOf(text: string | undefined): LabelMatch | undefined {
  if (text === undefined) return undefined;
  const parsed = parseLabelSelector(text);
  if ('match' in parsed) return parsed.match;
  throw new MeshctlError('E_USAGE', `"${parsed.problem}" is no term of a label selector.`, {
    hint: 'Write it as for kubectl: "app=web", "tier!=cache", "env in (prod, stage)", "canary" or "!canary".',
  });
}

function durationOf(options: Options, name: string): number | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 0) return ms;
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new MeshctlError('E_USAGE', `--${flag} "${text}" is no duration.`, { hint: 'Write it like "30s" or "5m".' });
}

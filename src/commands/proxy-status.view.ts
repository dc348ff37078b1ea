/** Proxies in a table, what is wrong below it, and the summary last: the end is what a terminal shows. */

import { groupBy } from '../model/maps.ts';
import { PROXY_STATES, type ProxyState, type ProxyStatus } from '../model/proxy-status.ts';
import { countsOf, type ProxyStatusReport } from '../reporters/proxy-status-document.ts';
import { printableLine } from '../terminal/printable.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { wrap } from '../terminal/wrap.ts';
import { humanAge } from '../text/age.ts';
import { count } from '../text/words.ts';

export interface Look {
  readonly color: boolean;
  /** Of the terminal. */
  readonly width: number | undefined;
  readonly wide: boolean;
  readonly verbose: boolean;
  /** Proxies that have changed since the last round, by `keyOf`. */
  readonly changed?: ReadonlySet<string>;
}

/** Without the cluster, which is only known of a proxy that is connected. */
export const keyOf = ({ mesh, namespace, name }: ProxyStatus): string => `${mesh}/${namespace}/${name}`;

/** Objects of one trouble that are named without -v. */
const NAMED = 3;
const INDENT = '  ';

export function statusText(report: ProxyStatusReport, look: Look): string {
  const style = styleFor(look.color);
  const sections = [
    proxyTable(report, look, style),
    planeTable(report, look, style),
    ...troubles(report, look, style),
    ...notices(report, look, style),
  ];
  return `${[...sections.filter((section) => section !== ''), summary(report, style)].join('\n\n')}\n`;
}

function proxyTable({ proxies, now }: ProxyStatusReport, look: Look, style: Style): string {
  if (proxies.length === 0) return '';
  const shows = columnsFor(proxies, look.wide);
  const rows = proxies.map((proxy) => {
    const mark = look.changed?.has(keyOf(proxy)) ? '*' : '';
    const cells = shows.map(({ cell }) => printableLine(cell(proxy, now)));
    const [name = '', ...rest] = cells.map((text, index) => (shows[index]?.head === 'STATE' ? paint(proxy, style)(text) : text));
    return [mark === '' ? name : style.bold(`${name}${mark}`), ...rest];
  });
  const flexible = shows.flatMap(({ isFlexible }, index) => (isFlexible ? [index] : []));
  return table(rows, { head: shows.map(({ head }) => head), color: look.color, width: look.wide ? undefined : look.width, flexible });
}

interface Column {
  readonly head: string;
  readonly isFlexible?: boolean;
  readonly cell: (proxy: ProxyStatus, now: number) => string;
}

function columnsFor(proxies: readonly ProxyStatus[], wide: boolean): readonly Column[] {
  const several = (of: (proxy: ProxyStatus) => string | undefined): boolean => new Set(proxies.map(of)).size > 1;
  const has = (of: (proxy: ProxyStatus) => unknown): boolean => proxies.some((proxy) => of(proxy) !== undefined);
  const types = [...new Set(proxies.flatMap(({ types: own }) => Object.keys(own)))].sort();
  const optional = (isShown: boolean, column: Column): readonly Column[] => (isShown ? [column] : []);
  return [
    { head: 'PROXY', isFlexible: true, cell: ({ namespace, name }) => `${namespace}/${name}` },
    ...optional(wide || several(({ mesh }) => mesh), { head: 'MESH', cell: ({ mesh }) => mesh }),
    ...optional(wide, { head: 'CLUSTER', cell: ({ cluster }) => cluster || '-' }),
    { head: 'TYPE', cell: ({ type }) => type },
    { head: 'STATE', cell: ({ state, warnings }) => (state === 'synced' && warnings.length > 0 ? 'synced !' : state) },
    ...(wide
      ? types.map((type): Column => ({ head: type, cell: ({ types: own }, now) => typeCell(own[type], now) }))
      : optional(types.length > 0, { head: 'AGE', cell: (proxy, now) => ageCell(proxy, now) })),
    { head: 'VERSION', isFlexible: true, cell: ({ version = '-' }) => version },
    ...optional(wide || several(({ revision }) => revision), {
      head: 'REVISION',
      isFlexible: true,
      cell: ({ revision = '-' }) => revision,
    }),
    ...optional(
      has(({ certificate }) => certificate),
      {
        head: 'CERT',
        cell: ({ certificate }, now) =>
          certificate ? (certificate.notAfter > now ? humanAge(certificate.notAfter - now) : 'expired') : '-',
      },
    ),
    ...optional(wide, { head: 'CONTROL PLANE', cell: ({ controlPlane = '-' }) => controlPlane }),
  ];
}

function typeCell(status: ProxyStatus['types'][string] | undefined, now: number): string {
  if (!status) return '-';
  return status.sentAt === undefined ? status.state : `${status.state} (${humanAge(now - status.sentAt)})`;
}

/** How long ago the last of its configuration was sent, or what is wrong with it. */
function ageCell({ types, state }: ProxyStatus, now: number): string {
  const all = Object.values(types);
  const own = all.filter((type) => type.state === state);
  const times = (own.length > 0 ? own : all).flatMap(({ sentAt }) => sentAt ?? []);
  if (times.length === 0) return '-';
  return humanAge(now - (state === 'synced' ? Math.max(...times) : Math.min(...times)));
}

function paint({ state, warnings }: ProxyStatus, style: Style): (text: string) => string {
  if (state === 'synced') return warnings.length > 0 ? style.warning : style.added;
  return painted(state, style);
}

function painted(state: ProxyState, style: Style): (text: string) => string {
  if (state === 'error' || state === 'disconnected') return style.error;
  return state === 'synced' ? style.added : style.warning;
}

/** Control planes that are all well are told in the summary, unless it matters how they share the proxies. */
function planeTable({ controlPlanes, proxies }: ProxyStatusReport, look: Look, style: Style): string {
  const of = ({ mesh, name }: ProxyStatusReport['controlPlanes'][number]): number =>
    proxies.filter((proxy) => proxy.mesh === mesh && proxy.controlPlane === name).length;
  const counted = controlPlanes.filter((plane) =>
    proxies.some(({ mesh, controlPlane }) => mesh === plane.mesh && controlPlane !== undefined),
  );
  const isTold = controlPlanes.some(({ reachable }) => !reachable) || counted.length > 1;
  if (controlPlanes.length === 0 || !(look.wide || isTold)) return '';
  const several = new Set(controlPlanes.map(({ mesh }) => mesh)).size > 1;
  const revised = controlPlanes.some(({ revision }) => revision !== undefined);
  const rows = controlPlanes.map((plane) => [
    `${plane.namespace}/${plane.name}`,
    ...(several ? [plane.mesh] : []),
    ...(revised ? [plane.revision ?? '-'] : []),
    plane.version ?? '-',
    ...(counted.length > 0 ? [counted.includes(plane) ? String(of(plane)) : '-'] : []),
    plane.reachable ? style.added('ok') : `${style.error('failed')} ${printableLine(plane.error ?? '')}`,
  ]);
  const head = [
    'CONTROL PLANE',
    ...(several ? ['MESH'] : []),
    ...(revised ? ['REVISION'] : []),
    'VERSION',
    ...(counted.length > 0 ? ['PROXIES'] : []),
    'STATE',
  ];
  return table(rows, { head, color: look.color, width: look.wide ? undefined : look.width, flexible: [0, head.length - 1] });
}

/** What is wrong, once for all proxies that it is true of; the worst last, next to the summary. */
function troubles({ proxies }: ProxyStatusReport, look: Look, style: Style): readonly string[] {
  const told = proxies.flatMap((proxy) => [
    ...(proxy.state === 'synced' ? [] : [{ proxy, word: proxy.state as string, text: proxy.reason ?? '' }]),
    ...proxy.warnings.map((text) => ({ proxy, word: 'warning', text })),
  ]);
  const groups = [...groupBy(told, ({ word, text }) => `${word} ${text}`).values()];
  const place = (word: string | undefined): number => {
    const index = PROXY_STATES.indexOf(word as ProxyState);
    return index < 0 ? PROXY_STATES.length : index;
  };
  return groups
    .sort((left, right) => place(right[0]?.word) - place(left[0]?.word))
    .flatMap((group) => {
      const [first] = group;
      if (!first) return [];
      const names = group.map(({ proxy: { namespace, name } }) => `${namespace}/${name}`);
      const most = look.verbose ? names.length : NAMED;
      const more = names.length > most ? ` and ${names.length - most} more` : '';
      const color = first.word === 'warning' ? style.warning : painted(first.word as ProxyState, style);
      const lines = [
        `${color(`${first.word}:`)} ${names.slice(0, most).join(', ')}${more}`,
        `${INDENT}${printableLine(first.text)}`,
        ...(first.word !== 'warning' && first.proxy.hint ? [`${INDENT}${style.info('hint:')} ${printableLine(first.proxy.hint)}`] : []),
      ];
      return [lines.map((line) => wrap(line, look.width, `${INDENT}${INDENT}`)).join('\n')];
    });
}

const notices = ({ notices: all }: ProxyStatusReport, { width }: Look, style: Style): readonly string[] =>
  all.map((notice) => wrap(`${style.warning('notice:')} ${printableLine(notice)}`, width, INDENT));

function summary({ proxies, controlPlanes, hidden }: ProxyStatusReport, style: Style): string {
  const counts = countsOf(proxies);
  const states = [...PROXY_STATES].reverse().filter((state) => counts[state] > 0);
  const of = states.map((state) => painted(state, style)(`${counts[state]} ${state}`)).join(', ');
  const warned = proxies.filter(({ state, warnings }) => state === 'synced' && warnings.length > 0).length;
  const planes = controlPlanes.length === 0 ? '' : `, ${count(controlPlanes.length, 'control plane')}${planesDown(controlPlanes)}`;
  const more = hidden === 0 ? '' : ` ${hidden} in other states are not shown.`;
  const number = `${proxies.length} ${proxies.length === 1 ? 'proxy' : 'proxies'}`;
  return `${number}${of === '' ? '' : `: ${of}`}${warned === 0 ? '' : ` (${count(warned, 'warning')})`}${planes}.${more}`;
}

function planesDown(controlPlanes: ProxyStatusReport['controlPlanes']): string {
  const down = controlPlanes.filter(({ reachable }) => !reachable).length;
  const versions = [...new Set(controlPlanes.flatMap(({ mesh, version }) => (version === undefined ? [] : [`${mesh} ${version}`])))];
  const words = [...(versions.length === 0 ? [] : [versions.join(', ')]), ...(down === 0 ? [] : [`${down} not reachable`])];
  return words.length === 0 ? '' : ` (${words.join('; ')})`;
}

/** The list again and again: redrawn on a terminal, elsewhere one line for each change. */
import { EXIT, MeshctlError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import type { ProxyStatus } from '../model/proxy-status.ts';
import { type ProxyStatusReport, proxyStatusDocument } from '../reporters/proxy-status-document.ts';
import { printableLine } from '../terminal/printable.ts';
import { redrawn } from '../terminal/screen.ts';
import type { Context, Outcome } from './define.ts';
import { gatherStatus } from './proxy-status.gather.ts';
import type { StatusPlan } from './proxy-status.plan.ts';
import { keyOf, statusText } from './proxy-status.view.ts';

/** Ends with Ctrl-C, or when a proxy comes into a state that --fail-on names. */
export async function watchStatus(cluster: Cluster, plan: StatusPlan, pauseMs: number, context: Context): Promise<Outcome> {
  const { host } = context;
  const signal = host.ending();
  let before: ReadonlyMap<string, ProxyStatus> | undefined;
  try {
    for (;;) {
      const report = await round(cluster, plan, context, signal);
      if (report) {
        const now = new Map(report.proxies.map((proxy) => [keyOf(proxy), proxy]));
        host.out.write(shown(report, changesOf(before, now), plan, context));
        if (report.proxies.some(({ state }) => plan.failOn.includes(state))) return { text: '', exit: EXIT.bad };
        before = now;
        if (!(await host.out.ready())) return { text: '', exit: EXIT.fine };
      }
      await host.clock.sleep(pauseMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return { text: '', exit: EXIT.interrupted };
  }
}

/** A round that fails because the cluster cannot be reached is told, and the next one follows. */
async function round(cluster: Cluster, plan: StatusPlan, { host }: Context, signal: AbortSignal): Promise<ProxyStatusReport | undefined> {
  try {
    return await gatherStatus(cluster, plan, host.clock.now(), signal);
  } catch (error) {
    if (!(error instanceof MeshctlError) || error.exit !== EXIT.unreachable || signal.aborted) throw error;
    host.err.write(`${printableLine(error.message)}\n`);
    return undefined;
  }
}

interface Change {
  readonly key: string;
  readonly from: ProxyStatus | undefined;
  readonly to: ProxyStatus | undefined;
}

/** Nothing before the first round has changed. */
function changesOf(
  before: ReadonlyMap<string, ProxyStatus> | undefined,
  now: ReadonlyMap<string, ProxyStatus>,
): readonly Change[] | undefined {
  if (!before) return undefined;
  const keys = [...new Set([...before.keys(), ...now.keys()])].sort();
  return keys
    .map((key) => ({ key, from: before.get(key), to: now.get(key) }))
    .filter(
      ({ from, to }) => !from || !to || from.state !== to.state || from.version !== to.version || from.controlPlane !== to.controlPlane,
    );
}

function shown(
  report: ProxyStatusReport,
  changes: readonly Change[] | undefined,
  { format }: StatusPlan,
  { host, color, verbose }: Context,
): string {
  if (format === 'json' || format === 'yaml') return changes?.length === 0 ? '' : `${JSON.stringify(proxyStatusDocument(report))}\n`;
  const look = { color: color.out, width: host.out.columns, wide: format === 'wide', verbose };
  const changed = new Set(changes?.map(({ key }) => key));
  if (host.out.isTTY) return redrawn(statusText(report, { ...look, changed }));
  if (!changes) return statusText(report, look);
  const time = new Date(report.now).toISOString();
  return changes.map((change) => `${time}  ${changeText(change)}\n`).join('');
}

function changeText({ from, to }: Change): string {
  const about = to ?? from;
  const words = (proxy: ProxyStatus): string => `${proxy.state}${proxy.version ? ` ${proxy.version}` : ''}`;
  const move = from && to && from.controlPlane !== to.controlPlane ? ` at ${to.controlPlane ?? 'no control plane'}` : '';
  const news = !to ? 'gone' : from ? `${words(from)} → ${words(to)}${move}` : `new, ${words(to)}`;
  return [`${about?.namespace}/${about?.name}`, news, to?.reason ?? ''].map(printableLine).join('  ').trimEnd();
}

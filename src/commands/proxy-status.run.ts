/** proxy-status: meshes found → control planes and proxies asked → joined → report, once or again and again. */
import { EXIT, type ExitCode, MeshctlError } from '../errors.ts';
import { type ProxyStatusReport, proxyStatusDocument } from '../reporters/proxy-status-document.ts';
import { progressOn } from '../terminal/progress.ts';
import { writeYaml } from '../text/yaml-write.ts';
import type { Context, Options, Run } from './define.ts';
import { diffProxy } from './proxy-status.diff.ts';
import { gatherStatus } from './proxy-status.gather.ts';
import { type StatusPlan, statusPlan } from './proxy-status.plan.ts';
import { statusText } from './proxy-status.view.ts';
import { watchStatus } from './proxy-status.watch.ts';

export const run: Run = async ([target], options, context) => {
  if (target !== undefined) return diffProxy(assertComparable(target, options), options, context);
  const plan = statusPlan(options);
  const cluster = await context.cluster(options);
  const stop = new AbortController();
  if (plan.watchMs !== undefined) return watchStatus(cluster, plan, plan.watchMs, context);
  const line = await progressOn(context.host.err, { color: context.color.err, quiet: context.quiet });
  try {
    line.tell(`asking the control planes of context ${cluster.context}`);
    const report = await gatherStatus(cluster, plan, context.host.clock.now(), stop.signal);
    return { text: rendered(report, plan, context), exit: exitCode(report, plan) };
  } catch (error) {
    stop.abort(error);
    throw error;
  } finally {
    line.stop();
  }
};

/** Flags of the list say nothing of a comparison. */
function assertComparable(target: string, options: Options): string {
  const other = ['selector', 'state', 'sort', 'staleAfter', 'certificates', 'watch', 'interval'].find(
    (name) => options[name] !== undefined,
  );
  if (other === undefined) return target;
  const flag = other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new MeshctlError('E_USAGE', `--${flag} is about the list of proxies, and "${target}" names one.`, {
    hint: 'Leave one of them out.',
  });
}

function rendered(report: ProxyStatusReport, { format }: StatusPlan, { color, host, verbose }: Context): string {
  if (format === 'json') return `${JSON.stringify(proxyStatusDocument(report), undefined, 2)}\n`;
  if (format === 'yaml') return writeYaml(proxyStatusDocument(report));
  return statusText(report, { color: color.out, width: host.out.columns, wide: format === 'wide', verbose });
}

function exitCode({ proxies, controlPlanes }: ProxyStatusReport, { failOn }: StatusPlan): ExitCode {
  if (proxies.some(({ state }) => failOn.includes(state))) return EXIT.bad;
  const isBlind =
    controlPlanes.length > 0 ? controlPlanes.every(({ reachable }) => !reachable) : proxies.some(({ state }) => state === 'unknown');
  return isBlind ? EXIT.unreachable : EXIT.fine;
}

/** Sources → changed sources, report and exit code: what `inject` and `uninject` have in common. */
import { EXIT, MeshctlError } from '../errors.ts';
import { sourceTexts, type WalkLog } from '../gather/files.ts';
import type { Host } from '../host/host.ts';
import { partsOf } from '../inject/documents.ts';
import { injectDocument, type StreamReport } from '../inject/report.ts';
import { type Source, type Transformation, type Transformed, transformed } from '../inject/transform.ts';
import { writeYaml } from '../text/yaml-write.ts';
import type { Context, Outcome } from './define.ts';
import { writeOutput } from './files.ts';
import type { StreamPlan } from './inject.plan.ts';
import { diffText, failureText, noticeText, reportText } from './inject.view.ts';

export interface Sources {
  readonly sources: readonly Source[];
  readonly log: WalkLog;
}

/** @throws MeshctlError E_INPUT when an input cannot be read, or none of them holds anything */
export async function readSources(
  { inputs, namespace }: StreamPlan,
  contextNamespace: string | undefined,
  { host }: Context,
): Promise<Sources> {
  if (inputs.includes('-') && host.stdin.isTTY) host.err.write('Reading manifests from the terminal. Ctrl-D ends them.\n');
  const log: WalkLog = { notices: [], errors: [] };
  const sources: Source[] = [];
  const given = namespace ?? contextNamespace;
  for await (const { source, text, namespace: local } of sourceTexts(inputs, { include: [], exclude: [] }, host, log)) {
    const within = namespace ?? local ?? contextNamespace;
    sources.push({
      source,
      text,
      namespace: within ?? 'default',
      namespaceGiven: (namespace ?? local) !== undefined || given !== undefined,
    });
  }
  const [unread] = log.errors;
  if (unread)
    throw new MeshctlError('E_INPUT', `${[unread.source, unread.line, unread.column].filter(Boolean).join(':')}: ${unread.message}`);
  if (!sources.some(({ text }) => [...partsOf(text)].some((part) => part.is !== 'between'))) throw nothingIn(inputs, sources);
  return { sources, log };
}

function nothingIn(inputs: readonly string[], sources: readonly Source[]): MeshctlError {
  const [only] = sources;
  const named = inputs.map((input) => `"${input}"`).join(', ');
  const empty = only?.source === 'stdin' ? 'Standard input is empty' : `"${only?.source}" holds no manifest`;
  const what = sources.length === 1 ? empty : `The input holds no manifest: ${named}`;
  return new MeshctlError('E_INPUT', `${what}.`, { hint: 'When it comes from another command, see whether that has failed.' });
}

export async function streamed(
  { sources, log }: Sources,
  transformation: Transformation,
  plan: StreamPlan,
  mesh: string | undefined,
  context: Context,
): Promise<Outcome> {
  const { host } = context;
  const done: Transformed[] = [];
  for (const source of sources) done.push(await transformed(source, transformation));
  const report: StreamReport = { workloads: done.flatMap(({ workloads }) => workloads), errors: done.flatMap(({ errors }) => errors) };
  await writeReport(report, plan, mesh, context);
  // A document on standard error stands there alone, for whoever parses it.
  const tell = (text: string): void => {
    if (plan.report.format === 'text' || plan.report.file !== undefined) host.err.write(text);
  };
  tell(noticeText(report, log, context));
  const failed = report.workloads.filter(({ action }) => action === 'failed').length;
  const isBroken = failed > 0 || report.errors.length > 0;
  const isStopped = isBroken && plan.onError === 'fail';
  tell(failureText(report, isStopped, context));
  const exit = report.errors.length > 0 ? EXIT.question : EXIT.bad;
  if (isStopped) return { text: '', exit };
  // Who asks to skip what is broken has been told of it; that nothing is left is another matter.
  const isVain = isBroken && report.workloads.every(({ action }) => action === 'failed');
  return { text: plan.diff ? diffText(done, context) : joined(done), exit: isVain ? exit : EXIT.fine };
}

export async function writeReport(
  report: StreamReport,
  { report: { format, file } }: StreamPlan,
  mesh: string | undefined,
  context: Context,
): Promise<void> {
  const { host } = context;
  if (format === 'text') return writeTo(file, reportText(report, context), host, context.quiet);
  const document = injectDocument(mesh, report);
  await writeTo(file, format === 'json' ? `${JSON.stringify(document, undefined, 2)}\n` : writeYaml(document), host, false);
}

async function writeTo(file: string | undefined, text: string, host: Host, isHidden: boolean): Promise<void> {
  if (file !== undefined) await writeOutput(file, text, host);
  else if (!isHidden) host.err.write(text);
}

/** One source as it is; several as documents of one stream. */
function joined(done: readonly Transformed[]): string {
  const isJson = done.every(({ after }) => /^\s*[[{]/.test(after));
  return done
    .map(({ after }, index) => {
      const begins = index === 0 || isJson || /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*---/.test(after) ? '' : '---\n';
      const ends = index === done.length - 1 || after.endsWith('\n') ? '' : '\n';
      return begins + after + ends;
    })
    .join('');
}

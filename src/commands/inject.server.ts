/** What the webhooks of a live cluster would make of workloads, by creating their pods in a dry run. */
import { EXIT, type ExitCode } from '../errors.ts';
import { podFrom, previewOf, previewReasons } from '../inject/pod-preview.ts';
import { transformed } from '../inject/transform.ts';
import { stringAt } from '../model/body.ts';
import type { InjectOutcome, InjectRequest } from '../model/inject.ts';
import type { Body } from '../model/resource.ts';
import { writeYaml } from '../text/yaml-write.ts';
import type { Context, Options, Outcome } from './define.ts';
import type { StreamPlan } from './inject.plan.ts';
import { readSources, writeReport } from './inject.stream.ts';
import { diffText, failureText, noticeText } from './inject.view.ts';

interface Preview {
  readonly sent: Body;
  readonly pod: Body;
}

export async function serverPreview(plan: StreamPlan, options: Options, context: Context): Promise<Outcome> {
  const { host } = context;
  const cluster = await context.cluster(options);
  const sources = await readSources(plan, cluster.namespace, context);
  const previews: Preview[] = [];
  const change = async ({ object, template, namespace }: InjectRequest): Promise<InjectOutcome> => {
    const workload = stringAt(object, 'metadata', 'name') ?? stringAt(object, 'metadata', 'generateName') ?? 'pod';
    const name = `${workload.slice(0, 40).replace(/[^a-z0-9]+$/, '')}-meshctl-preview`;
    const sent = podFrom(object, template, namespace, name);
    const { body } = await cluster.apply({ kind: 'core/Pod', namespace, name, body: sent }, { dryRun: true });
    const pod = previewOf(sent, body);
    previews.push({ sent, pod });
    const reasons = previewReasons(sent, pod);
    if (reasons.length > 0) return { action: 'injected', reasons };
    return { action: 'unchanged', reasons: [{ code: 'no-webhook', message: 'No webhook has added anything to its pods.' }] };
  };
  const done = [];
  for (const source of sources.sources) done.push(await transformed(source, { change, alsoConcerns: [], home: async () => undefined }));
  const report = { workloads: done.flatMap(({ workloads }) => workloads), errors: done.flatMap(({ errors }) => errors) };
  await writeReport(report, plan, undefined, context);
  host.err.write(noticeText(report, sources.log, context) + failureText(report, false, context));
  return {
    text: plan.diff ? differences(previews, context) : previews.map(({ pod }) => `---\n${writeYaml(pod)}`).join(''),
    exit: exitOf(report),
  };
}

function differences(previews: readonly Preview[], context: Context): string {
  const pairs = previews.map(({ sent, pod }) => {
    const [before, after] = [writeYaml(previewOf(sent, sent)), writeYaml(pod)];
    return {
      source: `Pod ${stringAt(pod, 'metadata', 'namespace')}/${stringAt(pod, 'metadata', 'name')}`,
      changes: [{ before, after, line: 0 }],
    };
  });
  return diffText(pairs, context);
}

function exitOf({ workloads, errors }: Parameters<typeof failureText>[0]): ExitCode {
  if (errors.length > 0) return EXIT.question;
  return workloads.some(({ action }) => action === 'failed') ? EXIT.bad : EXIT.fine;
}

/** template: chart found → values → rendered → manifests in order → text or files. */

import { cacheFolder } from '../charts/cache.ts';
import { openCharts } from '../charts/open.ts';
import { EXIT, MeshctlError } from '../errors.ts';
import { assertInstallable } from '../install/installable.ts';
import { sortManifests } from '../install/manifests.ts';
import { STANDARD_API_VERSIONS } from '../template/chart/api-versions.ts';
import { renderChecked } from '../template/chart/render-checked.ts';
import { progressOn } from '../terminal/progress.ts';
import { wrap } from '../terminal/wrap.ts';
import { type Context, type Options, type Run, textOf } from './define.ts';
import { readInput } from './files.ts';
import { type TemplatePlan, templatePlan } from './template.plan.ts';
import { type Document, joined, onlyShown, writeDocuments } from './template.print.ts';
import { valuesFrom } from './template.values.ts';

export const run: Run = async (args, options, context) => {
  const plan = templatePlan(args, options);
  const chart = await chartOf(plan, options, context);
  assertInstallable(chart, plan.kubeVersion);
  if (chart.metadata.get('deprecated') === true) notify(`Chart "${chart.name}" is deprecated.`, context);
  const rendered = await renderChecked({
    chart,
    values: await valuesFrom(options, context.host),
    release: { name: plan.release, namespace: plan.namespace, revision: 1, isUpgrade: plan.isUpgrade },
    cluster: { kubeVersion: plan.kubeVersion, apiVersions: [...STANDARD_API_VERSIONS, ...plan.apiVersions] },
  });
  const { manifests, hooks } = sortManifests(rendered.manifests);
  const crds: readonly Document[] = plan.includesCrds ? [...rendered.crds].map(([source, text]) => ({ source, text })) : [];
  const ofHooks = hooks.filter(({ events }) => plan.includesHooks && !(plan.skipsTests && events.includes('test')));
  if (plan.outputFolder !== undefined) {
    return { text: await writeDocuments([...crds, ...manifests, ...ofHooks], plan.outputFolder, context.host), exit: EXIT.fine };
  }
  const text = joined([...crds, ...manifests], ofHooks);
  return { text: plan.showOnly.length === 0 ? text : onlyShown(text, plan.showOnly), exit: EXIT.fine };
};

const TIMEOUT_MS = 120_000;

async function chartOf(plan: TemplatePlan, options: Options, { host, color, quiet }: Context) {
  const caFile = textOf(options, 'caFile');
  const [username, password] = [textOf(options, 'username'), textOf(options, 'password')];
  const charts = openCharts(
    {
      ca: caFile === undefined ? undefined : await readAuthority(caFile, host),
      skipTlsVerify: options['insecureSkipTlsVerify'] === true,
      plainHttp: options['plainHttp'] === true,
      timeoutMs: TIMEOUT_MS,
      offlineHint:
        'Check the network. Without one, name a folder or an archive of the chart, or with --repo a repository that can be reached.',
      cacheFolder: cacheFolder(host.env),
      login: username === undefined || password === undefined ? undefined : { username, password },
    },
    host,
    new AbortController().signal,
  );
  const line = await progressOn(host.err, { color: color.err, quiet });
  try {
    if (!('path' in plan.source)) line.tell('reading the chart');
    return (await charts.get(plan.source)).chart;
  } finally {
    line.stop();
    await charts.close();
  }
}

async function readAuthority(path: string, host: Context['host']): Promise<string> {
  const text = await readInput(path, host);
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new MeshctlError('E_INPUT', `"${path}" holds no certificate.`, { hint: 'Name a PEM file with --ca-file.' });
}

function notify(text: string, { host, quiet }: Context): void {
  if (!quiet) host.err.write(`${wrap(text, host.err.columns, '  ')}\n`);
}

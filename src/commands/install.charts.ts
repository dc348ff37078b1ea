/** The charts of a plan, from where the flags say that they are. */
import { cacheFolder } from '../charts/cache.ts';
import { type Charts, openCharts } from '../charts/open.ts';
import { MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { Component } from '../model/install.ts';
import { inParallel } from '../model/parallel.ts';
import type { Chart } from '../template/chart/chart.ts';
import { readInput } from './files.ts';
import type { InstallFlags } from './install.flags.ts';

const TIMEOUT_MS = 120_000;
const AT_ONCE = 4;

export interface FoundChart {
  readonly component: Component;
  readonly chart: Chart;
}

/**
 * @param local what `--chart` gives, by component
 * @throws MeshctlError of src/charts for what cannot be found, reached or trusted
 */
export async function chartsOf(
  components: readonly Component[],
  local: Readonly<Record<string, string>>,
  flags: Pick<InstallFlags, 'repository' | 'caFile'>,
  host: Host,
  signal: AbortSignal,
): Promise<readonly FoundChart[]> {
  const ca = flags.caFile === undefined ? undefined : await readInput(flags.caFile, host);
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new MeshctlError('E_INPUT', `"${flags.caFile}" holds no certificate.`, { hint: 'Name a PEM file with --ca-file.' });
  }
  const charts = openCharts(
    {
      ...{ ca, skipTlsVerify: false, plainHttp: false, timeoutMs: TIMEOUT_MS, cacheFolder: cacheFolder(host.env) },
      offlineHint:
        'Check the network. Without one, take charts from disk with --chart COMPONENT=DIR|TGZ, or from a repository that can be reached with --repo.',
    },
    host,
    signal,
  );
  try {
    return await inParallel(components, AT_ONCE, async (component) => ({
      component,
      chart: (await sourceOf(charts, component, local, flags.repository)).chart,
    }));
  } finally {
    await charts.close();
  }
}

function sourceOf(charts: Charts, { id, chart }: Component, local: Readonly<Record<string, string>>, repository: string | undefined) {
  const own = local[id];
  if (own === undefined) return charts.get(repository === undefined ? chart : { ...chart, repository });
  return charts.get(/^(?:oci|https?):\/\//.test(own) ? { url: own, version: undefined } : { path: own });
}

/** Whether a chart can be rendered as a release at all. */
import { MeshctlError } from '../errors.ts';
import type { Chart } from '../template/chart/chart.ts';
import { isCompatible } from '../template/semver.ts';

/**
 * @param kubeVersion of the cluster, `v1.33.0`
 * @throws MeshctlError E_CHART for libraries, missing dependencies and another Kubernetes
 */
export function assertInstallable(chart: Chart, kubeVersion: string): void {
  if (chart.isLibrary)
    throw new MeshctlError('E_CHART', `Chart "${chart.name}" is a library for other charts, and gives nothing by itself.`);
  const missing = chart.dependencies.filter(({ name }) => !chart.subcharts.some((own) => own.name === name));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => `"${name}"`).join(', ');
    throw new MeshctlError('E_CHART', `Chart "${chart.name}" lacks charts that it depends on: ${names}.`, {
      hint: 'Put them into its folder charts/, for instance with "helm dependency build".',
    });
  }
  const range = chart.metadata.get('kubeVersion');
  // Suffixes of vendors, as in v1.33.4-gke.1, are no pre-releases.
  const [version = kubeVersion] = /^v?\d+\.\d+(?:\.\d+)?/.exec(kubeVersion) ?? [];
  if (typeof range === 'string' && range !== '' && !isCompatible(range, version)) {
    throw new MeshctlError('E_CHART', `Chart "${chart.name}" is for Kubernetes ${range}, and this is ${kubeVersion}.`, {
      hint: 'Choose another version of the chart.',
    });
  }
}

/** Which releases of a mesh a user means. */
import { MeshctlError } from '../errors.ts';
import { chartName, type Release } from '../install/release.ts';
import { releases as allReleases } from '../install/releases.ts';
import type { Cluster } from '../model/cluster.ts';
import { type Options, textOf } from './define.ts';
import type { InstallableMesh } from './install.mesh.ts';

/** Whoever made them; those that need others first. */
export async function releasesOf(
  { adapter, install }: InstallableMesh,
  cluster: Cluster,
  options: Options,
  signal: AbortSignal,
): Promise<{ readonly chosen: readonly Release[]; readonly others: readonly Release[] }> {
  const everything = {
    with: install.components.map(({ id }) => id),
    without: [],
    values: { all: {}, of: {} },
    before: {},
    now: new Date(0),
    complete: false,
  };
  const charts = (await install.plan(everything)).components.map(({ chart }) => chart.name);
  const isOfMesh = (release: Release): boolean =>
    charts.includes(chartName(release)) &&
    (JSON.stringify(release.chart.metadata).toLowerCase().includes(adapter.id) || JSON.stringify(release.values).includes(adapter.id));
  const revision = textOf(options, 'revision');
  const ofMesh = (await allReleases(cluster, textOf(options, 'namespace'), signal)).filter(
    (release) => release.status !== 'uninstalled' && isOfMesh(release),
  );
  const chosen =
    revision === undefined
      ? ofMesh
      : ofMesh.filter(
          (release) => revisionOf(release) === revision && release.name.startsWith(chartName(release)) && chartName(release) !== charts[0],
        );
  if (chosen.length === 0) {
    const where = revision === undefined ? '' : ` of revision "${revision}"`;
    const others =
      revision === undefined || ofMesh.length === 0
        ? ''
        : ` Its releases are ${ofMesh.map(({ namespace, name }) => `${namespace}/${name}`).join(', ')}.`;
    throw new MeshctlError(
      'E_NOT_INSTALLED',
      `There is no release of ${adapter.title}${where} here, neither by meshctl nor by helm.${others}`,
      {
        hint: 'What another tool has installed is removed by that tool, such as "istioctl uninstall" or "linkerd uninstall".',
      },
    );
  }
  return {
    chosen: [...chosen].sort((left, right) => charts.indexOf(chartName(right)) - charts.indexOf(chartName(left))),
    others: ofMesh.filter((release) => !chosen.includes(release)),
  };
}

/** A control plane without a revision is called `default`. */
const revisionOf = ({ values }: Release): string => {
  const { revision } = values as { readonly revision?: unknown };
  return typeof revision === 'string' && revision !== '' ? revision : 'default';
};

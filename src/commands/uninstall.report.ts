/** What an uninstallation takes, as a report. */
import { chartName, chartVersion, type Release } from '../install/release.ts';
import type { Inventory } from '../install/uninstall.ts';
import type { Cluster } from '../model/cluster.ts';
import type { InstallReport, ReportedObject } from '../model/install-report.ts';
import { type Resource, shortKind } from '../model/resource.ts';
import type { InstallableMesh } from './install.mesh.ts';

interface Going {
  readonly release: Release;
  readonly holds: Inventory;
}

export function reportOf(
  { adapter }: InstallableMesh,
  { context }: Cluster,
  going: readonly Going[],
  { removesCrds, namespaces }: { readonly removesCrds: boolean; readonly namespaces: readonly string[] },
): InstallReport {
  const deleted = (component: string, objects: Inventory['objects']): readonly ReportedObject[] =>
    objects.map((object) => ({
      action: 'delete',
      component,
      resource: {
        apiVersion: object.apiVersion,
        kind: String(object.body['kind']),
        namespace: object.namespace || undefined,
        name: object.name,
      },
    }));
  const [first] = going;
  return {
    ...{ command: 'uninstall', mesh: adapter.id, context, applied: false, notices: [] },
    components: going.map(({ release }) => ({
      ...{
        name: release.name,
        chart: chartName(release),
        version: chartVersion(release),
        release: release.name,
        namespace: release.namespace,
        action: 'uninstall',
      },
    })),
    objects: [
      ...going.flatMap(({ release, holds }) => [
        ...deleted(release.name, holds.objects),
        ...(removesCrds ? deleted(release.name, holds.crds) : []),
      ]),
      ...namespaces.map(
        (name): ReportedObject => ({
          action: 'delete',
          component: first?.release.name ?? '',
          resource: { apiVersion: 'v1', kind: 'Namespace', name },
        }),
      ),
    ],
    leftOver: going.flatMap(({ holds }) => [
      ...holds.kept.map((object) => ({
        resource: {
          apiVersion: object.apiVersion,
          kind: String(object.body['kind']),
          namespace: object.namespace || undefined,
          name: object.name,
        },
        reason: 'its chart says that it is kept',
      })),
      ...(removesCrds
        ? []
        : holds.crds.map((object) => ({
            resource: { apiVersion: object.apiVersion, kind: String(object.body['kind']), name: object.name },
            reason: 'definitions stay unless --crds is given',
          }))),
    ]),
  };
}

export const reference = ({ apiVersion, kind, namespace, name }: Resource): ReportedObject['resource'] => ({
  apiVersion,
  kind: shortKind(kind),
  namespace: namespace || undefined,
  name,
});

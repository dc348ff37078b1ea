/** An InstallReport as one document; its schema is `schemas/output/install-plan.json`. */
import type { InstallReport, ReportedObject } from '../model/install-report.ts';

export function installDocument({
  command,
  mesh,
  profile,
  context,
  applied,
  components,
  objects,
  leftOver,
  notices,
}: InstallReport): object {
  return {
    apiVersion: 'meshctl.dev/v1',
    kind: 'InstallPlan',
    command,
    mesh,
    ...(profile === undefined ? {} : { profile }),
    context,
    applied,
    components: components.map(({ name, chart, version, release, namespace, action, from }) => ({
      ...{ name, chart, version, release, namespace, action },
      ...(from === undefined ? {} : { from }),
    })),
    objects: objects.map(({ action, component, resource, diff }) => ({
      ...{ action, component, resource: reference(resource) },
      ...(diff === undefined ? {} : { diff }),
    })),
    ...(command === 'uninstall' ? { leftOver: leftOver.map(({ resource, reason }) => ({ resource: reference(resource), reason })) } : {}),
    notices,
  };
}

const reference = ({ apiVersion, kind, namespace, name }: ReportedObject['resource']): object => ({
  ...{ apiVersion, kind },
  ...(namespace ? { namespace } : {}),
  name,
});

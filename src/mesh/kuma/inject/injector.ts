/** What becomes of one object. */
import { objectAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { InjectOutcome, Injector, InjectReason, InjectRequest } from '../../../model/inject.ts';
import { withMarks } from '../../injection/marks.ts';
import { became, failed, isNamespace, skipped, specOf, unsuited } from '../../injection/outcome.ts';
import { switchOf } from './annotations.ts';
import type { Configuration } from './configuration.ts';
import { proxyUser } from './containers.ts';
import { INJECTION, MESH } from './keys.ts';
import { containersAs, withProxy } from './pod-patch.ts';
import { withoutProxy } from './uninject.ts';

/** @param manual whether the proxy itself is added, and not the label that makes the cluster's webhook add it */
export function injector(configuration: Configuration, manual: boolean): Injector {
  const { mesh } = configuration;
  const labels = { [INJECTION]: 'enabled', ...(mesh !== undefined && { [MESH]: mesh }) };
  return {
    inject: (request) => {
      if (isNamespace(request)) {
        if (manual) return skipped('manual', 'Its pods get the proxy manually, and the webhook need not add it.');
        return became('annotated', request, withMarks(request.object, [], 'labels', labels), installation(configuration));
      }
      const refusal = unsuited(request) ?? refused(request, configuration);
      if (refusal) return refusal;
      const bare = { ...request, object: withoutProxy(request) };
      const notices = [...misplaced(request), ...installation(configuration)];
      if (manual) return injected(request, bare, configuration, notices);
      const after = withMarks(bare.object, request.template, 'labels', labels);
      return became('annotated', request, after, [...unasked(request), ...notices]);
    },
  };
}

function refused(request: InjectRequest, configuration: Configuration): InjectOutcome | undefined {
  const { object, template } = request;
  const labels = stringMapAt(object, ...template, 'metadata', 'labels');
  const wish = labels[INJECTION];
  const wants = wish === undefined ? undefined : switchOf(wish, true);
  if (wants === false) return skipped('disabled-by-label', `Its label "${INJECTION}" says "${wish}".`);
  if (wish !== undefined && wants === undefined) {
    return failed('invalid-label', `The value "${wish}" of label "${INJECTION}" is not "enabled" or "disabled".`);
  }
  const exceptions = Object.entries(objectAt(configuration.injector, 'exceptions', 'labels'));
  const exception = exceptions.find(([key, value]) => labels[key] !== undefined && (value === '*' || value === labels[key]));
  if (exception) return skipped('exception', `Kuma passes over pods with label "${exception[0]}".`);
  const clashing = containersAs(proxyUser(configuration), specOf(request), 'containers').filter((name) => name !== 'kuma-sidecar');
  if (clashing.length > 0) {
    const names = clashing.map((name) => `"${name}"`).join(', ');
    return failed('proxy-user', `Containers ${names} run as user ${proxyUser(configuration)}, whose traffic is taken for the proxy's own.`);
  }
  const mesh = meshOf(request, configuration);
  if (configuration.meshes && configuration.isInstalled && !configuration.meshes.has(mesh)) {
    return failed('mesh-missing', `There is no Mesh "${mesh}", and Kuma refuses pods of it.`);
  }
  return undefined;
}

/** Of the user, of the workload, of the namespace, or the one that every installation has. */
function meshOf({ object, template, home }: InjectRequest, { mesh }: Configuration): string {
  return mesh ?? (stringAt(object, ...template, 'metadata', 'labels', MESH) || home?.labels[MESH] || 'default');
}

function injected(
  request: InjectRequest,
  bare: InjectRequest,
  configuration: Configuration,
  notices: readonly InjectReason[],
): InjectOutcome {
  const result = withProxy(bare, configuration, meshOf(request, configuration));
  if ('faults' in result) return { action: 'failed', reasons: result.faults };
  const early = containersAs(proxyUser(configuration), specOf(bare), 'initContainers').map((name) => ({
    code: 'proxy-user',
    message: `Init container "${name}" runs as user ${proxyUser(configuration)}: its traffic goes around the mesh.`,
  }));
  return became('injected', request, result.object, [...early, ...notices]);
}

/** The injector reads a label. The annotation of that name is from times before. */
function misplaced({ object, template }: InjectRequest): readonly InjectReason[] {
  if (stringAt(object, ...template, 'metadata', 'annotations', INJECTION) === undefined) return [];
  return [{ code: 'annotation-ignored', message: `Kuma reads no annotation "${INJECTION}": it is a label.` }];
}

/** The webhook for labelled pods is asked in namespaces that have the label too, whatever its value. */
function unasked({ home }: InjectRequest): readonly InjectReason[] {
  if (!home || home.labels[INJECTION] !== undefined) return [];
  return [
    {
      code: 'namespace-not-marked',
      message: `Namespace "${home.name}" has no label "${INJECTION}": the webhook is asked about its pods when it has one, of any value.`,
    },
  ];
}

function installation({ isInstalled, controlPlane: { namespace } }: Configuration): readonly InjectReason[] {
  if (isInstalled) return [];
  return [
    {
      code: 'no-control-plane',
      message: `Namespace "${namespace}" has no control plane of Kuma: nothing adds the proxy before it is installed.`,
    },
  ];
}

/**
 * Changes to the containers of the proxy that an operator keeps as ContainerPatches: JSON patches whose values are
 * themselves written as JSON.
 * @see https://kuma.io/docs/latest/production/dp-config/dpp-on-kubernetes/#custom-container-configuration
 */
import { has, isBody, itemsAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Body, FieldPath } from '../../../model/resource.ts';
import { applyJsonPatch, PatchProblem } from '../../../text/json-patch.ts';
import { withValue } from '../../injection/edit.ts';
import type { Annotations } from './annotations.ts';
import type { Configuration } from './configuration.ts';

const CONTAINER_PATCHES = 'kuma.io/container-patches';

/** Of the control plane's configuration, then of the workload. */
export function patchNames({ injector }: Configuration, annotations: Annotations): readonly string[] {
  return [...stringsAt(injector, 'containerPatches').map(({ value }) => value), ...annotations.list(CONTAINER_PATCHES)];
}

/** @returns the container, or in words why a patch does not apply */
export function patched(
  container: Body,
  field: 'sidecarPatch' | 'initPatch',
  names: readonly string[],
  { patches }: Configuration,
): Body | string {
  let result = container;
  for (const name of names) {
    for (const { item } of itemsAt(patches.get(name), 'spec', field)) {
      const next = applied(result, item);
      if (typeof next === 'string') return `ContainerPatch "${name}" does not apply: ${next}.`;
      result = next;
    }
  }
  return result;
}

function applied(container: Body, operation: Body): Body | string {
  try {
    const value = operation['value'];
    const spoken = typeof value === 'string' ? { ...operation, value: JSON.parse(value) as unknown } : operation;
    const next = applyJsonPatch(operation['op'] === 'add' ? withParents(container, operation) : container, [spoken]);
    return isBody(next) ? next : 'it leaves no container';
  } catch (error) {
    if (error instanceof PatchProblem) return error.message;
    if (error instanceof SyntaxError) return `the value of "${stringAt(operation, 'path')}" is no JSON`;
    throw error;
  }
}

/** What is added may stand in objects that are not there yet. */
function withParents(container: Body, operation: Body): Body {
  const steps = (stringAt(operation, 'path') ?? '').split('/').slice(1, -1);
  const isList = /\/(?:-|\d+)$/.test(stringAt(operation, 'path') ?? '');
  return steps.reduce((result: Body, _, index) => {
    const path: FieldPath = steps.slice(0, index + 1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    // Elements of lists are not made up.
    if (has(result, ...path) || path.some((step) => /^(?:-|\d+|__proto__|constructor|prototype)$/.test(String(step)))) return result;
    return withValue(result, path, isList && index === steps.length - 1 ? [] : {});
  }, container);
}

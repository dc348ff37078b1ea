/** Reading values of the chart as its templates write them. */
import { at, objectAt } from '../../../model/body.ts';
import type { Body, FieldPath } from '../../../model/resource.ts';

/** As text; empty for what is absent. */
export function textAt(values: Body, ...path: FieldPath): string {
  const found = at(values, path);
  return found === undefined || found === null ? '' : String(found);
}

/** Whether a template takes it for true: neither absent, empty, zero nor false. */
export function isSet(values: Body, ...path: FieldPath): boolean {
  const found = at(values, path);
  if (typeof found === 'object' && found !== null) return Object.keys(found).length > 0;
  return Boolean(found);
}

/** @returns undefined when there is nothing to say, which leaves the field out */
export function resourcesOf(values: Body): Body | undefined {
  const given = objectAt(values, 'proxy', 'resources');
  const side = (name: string): Body | undefined => {
    const entries = ['cpu', 'memory', 'ephemeral-storage'].flatMap((resource) => {
      const amount = textAt(given, resource, name);
      return amount === '' ? [] : [[resource, amount] as const];
    });
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  };
  const [limits, requests] = [side('limit'), side('request')];
  if (!limits && !requests) return undefined;
  return { ...(limits && { limits }), ...(requests && { requests }) };
}

/** The image of the proxy, which runs all containers but the one for debugging. */
export const proxyImage = (values: Body): Body => imageOf(values, 'proxy');

export function imageOf(values: Body, part: 'proxy' | 'debugContainer'): Body {
  return {
    image: `${textAt(values, part, 'image', 'name')}:${textAt(values, part, 'image', 'version') || textAt(values, 'linkerdVersion')}`,
    imagePullPolicy: textAt(values, part, 'image', 'pullPolicy') || textAt(values, 'imagePullPolicy'),
  };
}

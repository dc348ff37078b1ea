import { at, isBody } from '../../../model/body.ts';
import type { InjectRequest } from '../../../model/inject.ts';
import type { Body, FieldPath } from '../../../model/resource.ts';
import type { Pod } from './pod.ts';
import { keepSame } from './same.ts';

/** @returns the object with another pod in it, everything unchanged as it was; the object itself when nothing changes */
export function withPodTemplate({ object, template }: InjectRequest, pod: Pod): Body {
  const before = at(object, template);
  const own = isBody(before) ? before : {};
  const metadata = keepSame(own['metadata'] ?? {}, pod.metadata, 'ObjectMeta');
  const spec = keepSame(own['spec'] ?? {}, pod.spec, 'PodSpec');
  const isEmpty = own['metadata'] === undefined && Object.keys(pod.metadata).length === 0;
  if (spec === own['spec'] && (metadata === own['metadata'] || isEmpty)) return object;
  return replaced(object, template, { ...own, ...(isEmpty ? {} : { metadata }), spec });
}

function replaced(value: unknown, path: FieldPath, by: Body): Body {
  const [step, ...rest] = path;
  const own = isBody(value) ? value : {};
  return step === undefined ? by : { ...own, [step]: replaced(own[step], rest, by) };
}

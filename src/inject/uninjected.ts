/** An object without the traces of any of several meshes. */
import { at, isBody } from '../model/body.ts';
import type { Inject, InjectOutcome, InjectReason, InjectRequest } from '../model/inject.ts';
import type { Body, FieldPath } from '../model/resource.ts';

/** A workload may carry traces of several meshes, as after a move from one to another. */
export function uninjected(meshes: readonly Pick<Inject, 'uninject'>[], request: InjectRequest): InjectOutcome {
  let { object } = request;
  const reasons: InjectReason[] = [];
  for (const { uninject } of meshes) {
    const outcome = uninject({ ...request, object });
    if (outcome.action === 'failed') return outcome;
    if (outcome.object === undefined) continue;
    object = outcome.object;
    reasons.push(...outcome.reasons);
  }
  if (object === request.object)
    return { action: 'unchanged', reasons: [{ code: 'not-injected', message: 'It carries no trace of a mesh.' }] };
  return { action: 'uninjected', reasons, object: withoutEmptied(object, request.object, [...request.template, 'metadata']) };
}

/** A template that has nothing left in its `metadata` had none before it was injected. */
function withoutEmptied(after: Body, before: Body, [step = '', ...rest]: FieldPath): Body {
  const value = after[step];
  if (!isBody(value)) return after;
  if (rest.length > 0) return { ...after, [step]: withoutEmptied(value, isBody(before[step]) ? (before[step] as Body) : {}, rest) };
  const was = at(before, [step]);
  if (Object.keys(value).length > 0 || !isBody(was) || Object.keys(was).length === 0) return after;
  return Object.fromEntries(Object.entries(after).filter(([key]) => key !== step));
}

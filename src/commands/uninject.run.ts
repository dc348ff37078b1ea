/** uninject: documents → every mesh takes its traces out → edited text → report. */

import { homesIn } from '../inject/homes.ts';
import type { InjectOutcome, InjectReason, InjectRequest } from '../model/inject.ts';
import { type Run, textOf } from './define.ts';
import { type InjectableMesh, injectables, meshNamed } from './inject.mesh.ts';
import { assertInputs, streamPlan } from './inject.plan.ts';
import { readSources, streamed } from './inject.stream.ts';

export const run: Run = async (args, options, context) => {
  const plan = streamPlan(args, options);
  assertInputs(plan, 'uninject');
  const named = textOf(options, 'mesh') ?? 'auto';
  const chosen = named === 'auto' ? injectables : [meshNamed(named)];
  const sources = await readSources(plan, undefined, context);
  const homes = homesIn(sources.sources);
  const transformation = {
    change: (request: InjectRequest) => uninjected(chosen, request),
    alsoConcerns: chosen.flatMap(({ inject }) => inject.alsoConcerns ?? []),
    home: async (name: string) => homes.get(name),
  };
  return streamed(sources, transformation, plan, named === 'auto' ? undefined : named, context);
};

/** A workload may carry traces of several meshes, as after a move from one to another. */
function uninjected(chosen: readonly InjectableMesh[], request: InjectRequest): InjectOutcome {
  let { object } = request;
  const reasons: InjectReason[] = [];
  for (const { inject } of chosen) {
    const outcome = inject.uninject({ ...request, object });
    if (outcome.action === 'failed') return outcome;
    if (outcome.object === undefined) continue;
    object = outcome.object;
    reasons.push(...outcome.reasons);
  }
  if (object !== request.object) return { action: 'uninjected', reasons, object };
  return { action: 'unchanged', reasons: [{ code: 'not-injected', message: 'It carries no trace of a mesh.' }] };
}

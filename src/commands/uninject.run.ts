/** uninject: documents → every mesh takes its traces out → edited text → report. */

import { homesAfter, homesIn } from '../inject/homes.ts';
import { uninjected } from '../inject/uninjected.ts';
import type { InjectRequest } from '../model/inject.ts';
import { type Run, textOf } from './define.ts';
import { injectables, meshNamed } from './inject.mesh.ts';
import { streamPlan } from './inject.plan.ts';
import { readSources, streamed } from './inject.stream.ts';
import { assertInputs } from './named-inputs.ts';

export const run: Run = async (args, options, context) => {
  const plan = streamPlan(args, options);
  assertInputs(plan.inputs, 'uninject');
  const named = textOf(options, 'mesh') ?? 'auto';
  const chosen = named === 'auto' ? injectables : [meshNamed(named)];
  const sources = await readSources(plan, undefined, context);
  const work = {
    change: (request: InjectRequest) =>
      uninjected(
        chosen.map(({ inject }) => inject),
        request,
      ),
    alsoConcerns: chosen.flatMap(({ inject }) => inject.alsoConcerns ?? []),
  };
  const homes = await homesAfter(homesIn(sources.sources), work);
  const transformation = { ...work, home: async (name: string) => homes.get(name) };
  return streamed(sources, transformation, plan, named === 'auto' ? undefined : named, context);
};

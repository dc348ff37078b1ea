/** inject: documents → mesh → injector → plan per workload → edited text → report. */

import { MeshctlError } from '../errors.ts';
import { homesAfter, homesIn } from '../inject/homes.ts';
import type { Source, Transformation } from '../inject/transform.ts';
import { getOrInsert } from '../model/maps.ts';
import type { Resource } from '../model/resource.ts';
import type { Run } from './define.ts';
import { explainInjection } from './inject.explain.ts';
import { chooseMesh, injectParameters, type LazyCluster, lazyCluster } from './inject.mesh.ts';
import { injectNamespaces, namespaceNamed } from './inject.namespace.ts';
import { streamPlan } from './inject.plan.ts';
import { serverPreview } from './inject.server.ts';
import { readSources, streamed } from './inject.stream.ts';
import { assertInputs } from './named-inputs.ts';

export const run: Run = async (args, options, context) => {
  const plan = streamPlan(args, options);
  if (options['explain'] === true) return explainInjection(plan.inputs, options, context);
  assertInputs(plan.inputs, 'inject');
  const namespaces = plan.inputs.map(namespaceNamed);
  if (namespaces.some((name) => name !== undefined)) return injectNamespaces(plan.inputs, options, context);
  if (options['server'] === true) return serverPreview(plan, options, context);

  const cluster = lazyCluster(options, context);
  const sources = await readSources(plan, undefined, context);
  const mesh = await chooseMesh(options, sources.sources, cluster);
  const injector = await mesh.inject.open(await injectParameters(mesh, options, cluster, context.host));
  const placed = sources.sources.map((source) => inContext(source, cluster?.opened()?.namespace));
  const work: Pick<Transformation, 'change' | 'alsoConcerns'> = {
    change: (request) => injector.inject(request),
    alsoConcerns: mesh.inject.alsoConcerns ?? [],
  };
  const transformation = { ...work, home: homes(await homesAfter(homesIn(sources.sources), work), cluster) };
  return streamed({ ...sources, sources: placed }, transformation, plan, mesh.id, context);
};

/** Where kubectl would put what names no namespace, when a cluster was asked. */
function inContext(source: Source, namespace: string | undefined): Source {
  return source.namespaceGiven || namespace === undefined ? source : { ...source, namespace, namespaceGiven: true };
}

/** From the input, else from a cluster that was asked something already. */
function homes(given: ReadonlyMap<string, Resource>, cluster: LazyCluster | undefined): Transformation['home'] {
  const known = new Map<string, Promise<Resource | undefined>>([...given].map(([name, home]) => [name, Promise.resolve(home)]));
  return (name) => getOrInsert(known, name, () => liveHome(name, cluster));
}

async function liveHome(name: string, cluster: LazyCluster | undefined): Promise<Resource | undefined> {
  try {
    return await cluster?.opened()?.get({ kind: 'core/Namespace', namespace: '', name });
  } catch (error) {
    // Whoever may not read namespaces injects by what the input says.
    if (error instanceof MeshctlError) return undefined;
    throw error;
  }
}

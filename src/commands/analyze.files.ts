/** The files of an analysis: inputs, those of other clusters, and the mesh's own configuration. */
import { type Gathered, gatherFiles } from '../gather/gather.ts';
import { readDocument } from '../gather/read.ts';
import type { Host } from '../host/host.ts';
import { MESH_CONFIG, MESH_NETWORKS } from '../mesh/istio/kinds.ts';
import type { Resource } from '../model/resource.ts';
import type { AnalyzePlan } from './analyze.plan.ts';
import { readInput } from './files.ts';

/** @param contextNamespace where the cluster would put objects of files that name no namespace */
export async function gatherInputs(plan: AnalyzePlan, host: Host, contextNamespace: string | undefined): Promise<Gathered> {
  const given = plan.namespace ?? contextNamespace;
  const read = { namespace: given ?? 'default', namespaceGiven: given !== undefined };
  const parts = [await gatherFiles(plan.inputs, host, plan.walk, read)];
  for (const { cluster, path } of plan.remotes) parts.push(await gatherFiles([path], host, plan.walk, { ...read, cluster }));
  const documents: Resource[] = [];
  if (plan.meshConfig !== undefined) documents.push(readDocument(await readInput(plan.meshConfig, host), plan.meshConfig, MESH_CONFIG));
  if (plan.meshNetworks !== undefined)
    documents.push(readDocument(await readInput(plan.meshNetworks, host), plan.meshNetworks, MESH_NETWORKS));
  return {
    resources: [...parts.flatMap((part) => part.resources), ...documents],
    errors: parts.flatMap((part) => part.errors),
    notices: parts.flatMap((part) => part.notices),
    files: parts.reduce((sum, part) => sum + part.files, documents.length),
  };
}

/** Inputs → the resources of an analysis. Called by commands; asks files only, a cluster is another door. */
import type { Host } from '../host/host.ts';
import type { InputError } from '../model/finding.ts';
import type { Resource } from '../model/resource.ts';
import { sourceTexts, type WalkLog, type WalkOptions } from './files.ts';
import { type Notice, type ReadOptions, readText } from './read.ts';

export interface Gathered {
  readonly resources: readonly Resource[];
  readonly errors: readonly InputError[];
  readonly notices: readonly Notice[];
  /** How many files, standard input included, were read. */
  readonly files: number;
}

export async function gatherFiles(inputs: readonly string[], host: Host, walk: WalkOptions, read: ReadOptions): Promise<Gathered> {
  const log: WalkLog = { notices: [], errors: [] };
  const resources: Resource[] = [];
  let files = 0;
  for await (const { source, text, found, namespace } of sourceTexts(inputs, walk, host, log)) {
    files++;
    // What the user asks for goes before what a kustomization says.
    const local = namespace === undefined || read.namespaceGiven ? read : { ...read, namespace, namespaceGiven: true };
    const result = readText(text, source, { ...local, found });
    // `push(...list)` would put a huge list on the stack.
    for (const resource of result.resources) resources.push(resource);
    for (const error of result.errors) log.errors.push(error);
    for (const notice of result.notices) log.notices.push(notice);
  }
  return { resources, errors: log.errors, notices: log.notices, files };
}

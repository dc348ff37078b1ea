/** Where things are, in the words of the different formats. */
import type { InputError } from '../model/finding.ts';
import { friendlyName, type Position, type Resource } from '../model/resource.ts';

/** `VirtualService shop/reviews`, and of which cluster when it is not the primary one. */
export function nameOf(resource: Resource): string {
  const where = resource.cluster === undefined ? '' : ` in cluster "${resource.cluster}"`;
  return `${friendlyName(resource)}${where}${resource.assumed ? ' (assumed)' : ''}`;
}

/** `file:line:column`, as far as it is known. */
export function placeText({ source, line, column }: Pick<InputError, 'source' | 'line' | 'column'>): string {
  return [source, ...(line === undefined ? [] : [line]), ...(line === undefined || column === undefined ? [] : [column])].join(':');
}

/** First character of an object in its file; undefined for one from a cluster. */
export function startOf({ origin }: Resource): Position | undefined {
  return origin && { source: origin.source, line: origin.line, column: 1 };
}

/** A path as CI systems compare it with those of the repository: forward slashes, no `./`, no inner `..`. */
export function repositoryPath(source: string): string {
  const steps: string[] = [];
  for (const step of source.replaceAll('\\', '/').split('/')) {
    if (step === '.' || (step === '' && steps.length > 0)) continue;
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..' && steps.at(-1) !== '') steps.pop();
    else steps.push(step);
  }
  return steps.join('/');
}

/** Stands in for a file where a format demands one and the object came from a cluster. */
export function clusterPath({ cluster, kind, namespace, name }: Resource): string {
  return ['cluster', ...(cluster === undefined ? [] : [cluster]), kind, ...(namespace === '' ? [] : [namespace]), name].join('/');
}

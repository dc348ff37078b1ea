/** What injection notes on a pod about itself, so that it can be done again, and undone. */
import { isBody, itemsAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { jsonValue } from '../../../text/json-value.ts';
import { annotationsOf, type ContainerList, type Pod } from './pod.ts';
import { InjectProblem } from './problem.ts';

export const STATUS = 'sidecar.istio.io/status';
export const OVERRIDES = 'proxy.istio.io/overrides';

/** Names of what the templates brought. */
export interface Status {
  readonly initContainers: readonly string[];
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly imagePullSecrets: readonly string[];
}

/** Undefined for a pod that was not injected, or whose note cannot be read. */
export function statusOf(pod: Pod): Status | undefined {
  const text = annotationsOf(pod)[STATUS];
  if (text === undefined) return undefined;
  const parsed = jsonValue(text);
  if (!isBody(parsed)) return undefined;
  const names = (field: string): readonly string[] => stringsAt(parsed, field).map(({ value }) => value);
  return {
    initContainers: names('initContainers'),
    containers: names('containers'),
    volumes: names('volumes'),
    imagePullSecrets: names('imagePullSecrets'),
  };
}

/** @param template the pod that the templates make by themselves */
export function statusText({ spec }: Pod, revision: string): string {
  const names = (field: string): readonly unknown[] | null => {
    const found = itemsAt(spec, field).map(({ item }) => item['name'] ?? '');
    return found.length === 0 ? null : found;
  };
  return JSON.stringify({
    initContainers: names('initContainers'),
    containers: names('containers'),
    volumes: names('volumes'),
    imagePullSecrets: names('imagePullSecrets'),
    revision: revision || 'default',
  });
}

export type Overrides = Readonly<Record<ContainerList, readonly Body[]>>;

/** The user's own containers of the names that the templates use, as they were before. */
export function overridesOf(pod: Pod): Overrides {
  const text = annotationsOf(pod)[OVERRIDES];
  const parsed = text === undefined ? {} : jsonValue(text);
  if (!isBody(parsed)) throw new InjectProblem('invalid-annotation', `The annotation "${OVERRIDES}" is no JSON object.`);
  const list = (field: ContainerList): readonly Body[] =>
    itemsAt(parsed, field).flatMap(({ item }) => (stringAt(item, 'name') ? [item] : []));
  return { containers: list('containers'), initContainers: list('initContainers') };
}

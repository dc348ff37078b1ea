/** What a kustomization says of the files beside it. */
import { isBody, itemsAt, stringAt, stringsAt } from '../model/body.ts';
import { parseYamlValue } from '../text/yaml.ts';

export const KUSTOMIZATION: ReadonlySet<string> = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);

export interface Kustomization {
  /** Files that hold parts of objects, relative to the kustomization; patches written inline are no files. */
  readonly patches: readonly string[];
  /** What it gives the objects of its files. */
  readonly namespace: string | undefined;
}

/** @returns nothing of use for a text that is no kustomization; reading it in its turn tells what is wrong with it */
export function parseKustomization(text: string): Kustomization {
  const body = parseYamlValue(text);
  if (!isBody(body)) return { patches: [], namespace: undefined };
  const paths = [...itemsAt(body, 'patches'), ...itemsAt(body, 'patchesJson6902')].flatMap(({ item }) => stringAt(item, 'path') ?? []);
  const merged = stringsAt(body, 'patchesStrategicMerge').flatMap(({ value }) => (value.includes('\n') ? [] : [value]));
  const patches = [...paths, ...merged].map((path) => path.replace(/^(?:\.\/)+/, ''));
  return { patches, namespace: stringAt(body, 'namespace') || undefined };
}

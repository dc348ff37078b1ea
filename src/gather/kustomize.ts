/** What a kustomization says of the files beside it. */
import { isBody, itemsAt, stringAt, stringsAt } from '../model/body.ts';
import { parseYamlValue } from '../text/yaml.ts';

export const KUSTOMIZATION: ReadonlySet<string> = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);

/** Files that hold parts of objects, relative to the kustomization; patches written inline are no files. */
export function kustomizePatches(text: string): readonly string[] {
  const body = parseYamlValue(text);
  if (!isBody(body)) return [];
  const paths = [...itemsAt(body, 'patches'), ...itemsAt(body, 'patchesJson6902')].flatMap(({ item }) => stringAt(item, 'path') ?? []);
  const merged = stringsAt(body, 'patchesStrategicMerge').flatMap(({ value }) => (value.includes('\n') ? [] : [value]));
  return [...paths, ...merged].map((path) => path.replace(/^(?:\.\/)+/, ''));
}

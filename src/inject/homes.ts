/** Namespaces that the input itself brings: what they say counts for the workloads in them, wherever they stand. */
import { isBody, stringAt } from '../model/body.ts';
import type { Resource } from '../model/resource.ts';
import { resourceOf } from '../model/resource-of.ts';
import { parseYamlValue } from '../text/yaml.ts';
import { partsOf } from './documents.ts';
import type { Source } from './transform.ts';

export function homesIn(sources: readonly Source[]): ReadonlyMap<string, Resource> {
  const homes = new Map<string, Resource>();
  for (const source of sources) {
    for (const { text, is } of partsOf(source.text)) {
      // Most documents are not worth a second parse.
      if (is === 'between' || !/kind["']?\s*:\s*["']?Namespace\b/.test(text)) continue;
      for (const object of objectsIn(parseYamlValue(text))) {
        const name = stringAt(object, 'metadata', 'name');
        if (!isBody(object) || object['kind'] !== 'Namespace' || object['apiVersion'] !== 'v1' || name === undefined) continue;
        homes.set(name, resourceOf(object, name, { ...source, clusterScoped: true }));
      }
    }
  }
  return homes;
}

function objectsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isBody(value) && Array.isArray(value['items']) ? value['items'] : [value];
}

/** Namespaces that the input itself brings: what they say counts for the workloads in them, wherever they stand. */
import { MeshctlError } from '../errors.ts';
import { isBody, stringAt, stringMapAt } from '../model/body.ts';
import type { Kind, Resource } from '../model/resource.ts';
import { resourceOf } from '../model/resource-of.ts';
import { parseYamlValue } from '../text/yaml.ts';
import { partsOf } from './documents.ts';
import type { Source, Transformation } from './transform.ts';

const NAMESPACE: Kind = 'core/Namespace';

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

/** Namespaces as they become: what is said of their workloads holds for what comes out, not for what went in. */
export async function homesAfter(
  homes: ReadonlyMap<string, Resource>,
  { change, alsoConcerns }: Pick<Transformation, 'change' | 'alsoConcerns'>,
): Promise<ReadonlyMap<string, Resource>> {
  if (!alsoConcerns.includes(NAMESPACE)) return homes;
  const after = new Map<string, Resource>();
  for (const [name, home] of homes) after.set(name, await homeAfter(home, change));
  return after;
}

async function homeAfter(home: Resource, change: Transformation['change']): Promise<Resource> {
  try {
    const { object } = await change({ object: home.body, template: [], namespace: home.name, home });
    if (!object) return home;
    const labels = stringMapAt(object, 'metadata', 'labels');
    return { ...home, body: object, labels, annotations: stringMapAt(object, 'metadata', 'annotations') };
  } catch (error) {
    // It is told where the Namespace itself stands in the stream.
    if (error instanceof MeshctlError) return home;
    throw error;
  }
}

function objectsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isBody(value) && Array.isArray(value['items']) ? value['items'] : [value];
}

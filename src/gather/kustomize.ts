/** What a kustomization says of the files beside it. */
import { isBody, itemsAt, stringAt, stringsAt } from '../model/body.ts';
import { parseYamlValue } from '../text/yaml.ts';

export const KUSTOMIZATION: ReadonlySet<string> = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);

export interface Kustomization {
  /** Files that hold parts of objects, relative to the kustomization; patches written inline are no files. */
  readonly patches: readonly string[];
  /** What it gives the objects of its files. */
  readonly namespace: string | undefined;
  /** Its fields that change objects in a way that reading the files does not show. */
  readonly changes: readonly string[];
}

/** Fields by which the objects get other names, labels or values than are written. */
const CHANGING = ['components', 'namePrefix', 'nameSuffix', 'commonLabels', 'labels', 'replacements', 'vars', 'helmCharts'] as const;

/** @returns nothing of use for a text that is no kustomization; reading it in its turn tells what is wrong with it */
export function parseKustomization(text: string): Kustomization {
  const body = parseYamlValue(text);
  if (!isBody(body)) return { patches: [], namespace: undefined, changes: [] };
  const paths = [...itemsAt(body, 'patches'), ...itemsAt(body, 'patchesJson6902')].flatMap(({ item }) => stringAt(item, 'path') ?? []);
  const merged = stringsAt(body, 'patchesStrategicMerge').flatMap(({ value }) => (value.includes('\n') ? [] : [value]));
  const patches = [...paths, ...merged].map((path) => path.replace(/^(?:\.\/)+/, ''));
  const namespace = stringAt(body, 'namespace') || undefined;
  // Files beside and below get the namespace as they are read.
  const reachesOut = stringsAt(body, 'resources').some(({ value }) => value.startsWith('..'));
  const changes = [...(namespace && reachesOut ? ['namespace'] : []), ...CHANGING.filter((field) => isGiven(body[field]))];
  return { patches, namespace, changes };
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && Object.keys(value).length > 0;

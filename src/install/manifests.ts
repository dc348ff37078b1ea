/** What templates gave → single manifests: cut apart, hooks told from the rest, in the order in which Helm applies them. */
import { MeshctlError } from '../errors.ts';
import { compareText } from '../template/value.ts';
import { parseYaml, YamlProblem } from '../text/yaml.ts';
import { inInstallOrder } from './order.ts';

export interface Manifest {
  /** The template that it comes from: `istiod/templates/deployment.yaml`. */
  readonly source: string;
  /** As it was rendered, without the marker between documents. */
  readonly text: string;
  readonly apiVersion: string;
  /** Empty for what is no object, such as a template that gives a comment only. */
  readonly kind: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** @see https://helm.sh/docs/topics/charts_hooks/ */
export interface Hook extends Manifest {
  readonly events: readonly HookEvent[];
  /** Hooks of one event run in ascending order. */
  readonly weight: number;
  readonly deletePolicies: readonly string[];
}

export type HookEvent = (typeof EVENTS)[number];

const EVENTS = [
  'pre-install',
  'post-install',
  'pre-delete',
  'post-delete',
  'pre-upgrade',
  'post-upgrade',
  'pre-rollback',
  'post-rollback',
  'test',
] as const;

export interface Sorted {
  readonly manifests: readonly Manifest[];
  readonly hooks: readonly Hook[];
}

/**
 * @param rendered what each template gave, by its name
 * @throws MeshctlError E_MANIFEST for what is no YAML, or no object
 */
export function sortManifests(rendered: ReadonlyMap<string, string>): Sorted {
  const all = [...rendered]
    .filter(([source, text]) => !/(?:^|\/)_[^/]*$/.test(source) && text.trim() !== '')
    .sort(([left], [right]) => compareText(left, right))
    .flatMap(([source, text]) => splitManifests(text).map((each) => manifestOf(source, each)));
  return {
    manifests: inInstallOrder(all.filter(({ annotations }) => annotations[HOOK] === undefined)),
    hooks: inInstallOrder(all.flatMap(hookOf)),
  };
}

const HOOK = 'helm.sh/hook';

/**
 * Helm cuts at every line that begins with three dashes, even where text follows on the line: charts rely on
 * `---apiVersion: v1` being a new document.
 */
export function splitManifests(text: string): readonly string[] {
  return text
    .split(/^---[ \t]*/m)
    .filter((part) => part.trim() !== '')
    .map((part) => part.trimStart());
}

function manifestOf(source: string, text: string): Manifest {
  let body: unknown;
  try {
    body = parseYaml(text, 'last');
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    throw new MeshctlError(
      'E_MANIFEST',
      `What "${source}" renders to is no YAML: ${error.message} It is in this line: ${lineAt(text, error.line)}`,
      {
        hint: 'Look at the template, and at the values that it uses.',
        cause: error,
      },
    );
  }
  const object = mapAt(body, source, 'an object');
  const metadata = mapAt(object['metadata'], source, 'metadata of an object');
  const annotations = mapAt(metadata['annotations'], source, 'annotations');
  return {
    source,
    text,
    apiVersion: scalar(object['apiVersion']),
    kind: scalar(object['kind']),
    name: scalar(metadata['name']),
    annotations: Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key, scalar(value)])),
  };
}

const lineAt = (text: string, line: number): string => JSON.stringify(text.split('\n')[line - 1]?.trim() ?? '');

function mapAt(value: unknown, source: string, what: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new MeshctlError('E_MANIFEST', `"${source}" renders to something that is no Kubernetes object: ${what} is a mapping.`, {
    hint: 'Look at the template, and at the values that it uses.',
  });
}

const scalar = (value: unknown): string => (value === undefined || value === null || typeof value === 'object' ? '' : String(value));

/** A hook of an event that Helm does not know is left out, as one written for a Helm of long ago. */
function hookOf(manifest: Manifest): readonly Hook[] {
  const given = manifest.annotations[HOOK];
  if (given === undefined) return [];
  const events = given.split(',').map((event) => eventOf(event.trim().toLowerCase()));
  if (events.includes(undefined)) return [];
  const weight = manifest.annotations['helm.sh/hook-weight'] ?? '';
  const policies = manifest.annotations['helm.sh/hook-delete-policy'];
  return [
    {
      ...manifest,
      events: events.filter((event) => event !== undefined),
      weight: /^[-+]?\d+$/.test(weight) ? Number(weight) : 0,
      deletePolicies: policies === undefined ? [] : policies.split(',').map((policy) => policy.trim().toLowerCase()),
    },
  ];
}

/** `test-success` is how charts for Helm 2 say `test`. */
const eventOf = (name: string): HookEvent | undefined => EVENTS.find((event) => event === (name === 'test-success' ? 'test' : name));

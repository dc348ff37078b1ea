/** What every object has: metadata of known fields, with labels and annotations that are texts. */
import { isBody, objectAt } from '../model/body.ts';
import type { Body, FieldPath } from '../model/resource.ts';
import { nearest } from '../text/nearest.ts';
import { isPlaceholder } from '../text/placeholder.ts';
import type { Found } from './found.ts';
import { valueInWords } from './wording.ts';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
const FIELDS: ReadonlySet<string> = new Set([
  'annotations',
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'labels',
  'managedFields',
  'name',
  'namespace',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
]);

export function judgeMetadata(body: Body): readonly Found[] {
  return Object.keys(objectAt(body, 'metadata')).flatMap((name): readonly Found[] => {
    if (FIELDS.has(name) || isPlaceholder(name)) return [];
    const close = nearest(name, FIELDS);
    return [
      {
        is: 'unknown-field',
        path: ['metadata', name],
        part: 'key',
        message: `Field "${name}" does not exist in "metadata" (Kubernetes).`,
        fix: close === undefined ? undefined : `Did you mean "${close}"?`,
      },
    ];
  });
}

/** Where workloads keep the metadata of the pods that they make. */
const METADATA: readonly FieldPath[] = [
  ['metadata'],
  ['spec', 'template', 'metadata'],
  ['spec', 'jobTemplate', 'spec', 'template', 'metadata'],
];

/** `sidecar.istio.io/inject: true` is the usual mistake. The API server refuses the whole object for it. */
export function judgeLabels(body: Body): readonly Found[] {
  return METADATA.flatMap((metadata) =>
    (['labels', 'annotations'] as const).flatMap((field) => {
      const entries = objectAt(body, ...metadata)[field];
      return isBody(entries) ? Object.entries(entries).flatMap(([name, value]) => judgeEntry([...metadata, field, name], value)) : [];
    }),
  );
}

function judgeEntry(path: FieldPath, value: unknown): readonly Found[] {
  if (typeof value === 'string' || value === null) return [];
  const what = path.at(-2) === 'labels' ? 'Label' : 'Annotation';
  const isScalar = typeof value !== 'object';
  return [
    {
      is: 'type',
      path,
      message: `${what} "${path.at(-1)}" is ${valueInWords(value)}, but must be a text.`,
      fix: isScalar ? `Put it in quotes: "${value}".` : undefined,
    },
  ];
}

/** Lists as a `Table`, which is how kubectl asks for them. */
import { resourceName, type ServedType } from '../kinds/served-type.ts';
import type { KubeObject } from '../store/object.ts';
import { ageSince } from './age.ts';
import { COLUMNS, type Column, DEFAULT_COLUMNS } from './columns.ts';
import { valuesAtJsonPath } from './json-path.ts';

function columnsOf(type: ServedType): readonly Column[] {
  if (!type.custom) return COLUMNS[resourceName(type)] ?? DEFAULT_COLUMNS;
  const [name] = DEFAULT_COLUMNS;
  const age: Column = {
    name: 'Age',
    type: 'date',
    format: '',
    priority: 0,
    cell: ({ metadata }, now) => ageSince(metadata.creationTimestamp, now),
  };
  const own = (type.columns ?? []).map(
    (column): Column => ({
      name: column.name,
      type: column.type,
      format: column.format ?? '',
      priority: column.priority ?? 0,
      cell: (object, now) => {
        const values = valuesAtJsonPath(object, column.jsonPath);
        const [first] = values;
        if (first === undefined) return column.type === 'string' ? '' : null;
        if (column.type === 'date') return ageSince(first, now);
        if (column.type === 'integer' || column.type === 'number' || column.type === 'boolean') return first;
        return values.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))).join(',');
      },
    }),
  );
  return [...(name ? [name] : []), ...(type.columns ? own : [age])];
}

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export function partialMetadata(object: KubeObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

export function tableOf(
  type: ServedType,
  objects: readonly KubeObject[],
  metadata: object,
  options: { readonly now: number; readonly include: IncludeObject; readonly headers: boolean },
): object {
  const columns = columnsOf(type);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: options.headers
      ? columns.map(({ name, type: kind, format, priority }) => ({ name, type: kind, format, description: name, priority }))
      : [],
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object, options.now)),
      ...(options.include === 'None' ? {} : { object: options.include === 'Object' ? object : partialMetadata(object) }),
    })),
  };
}

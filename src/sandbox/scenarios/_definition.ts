/** CustomResourceDefinitions with names, versions and columns as published, and schemas that take anything. */
import { type Labels, object, type Written } from './_objects.ts';

export type Column = readonly [name: string, jsonPath: string];

export interface DefinitionRow {
  readonly kind: string;
  readonly plural: string;
  readonly short?: readonly string[];
  /** The first is the stored one. */
  readonly versions: readonly string[];
  readonly columns?: readonly Column[];
  readonly scope?: 'Cluster' | 'Namespaced';
}

/** What the definitions of one publisher have in common. */
export interface Publisher {
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly categories?: (group: string) => readonly string[];
}

/** @param groups rows by API group */
export function definitionsOf(groups: Readonly<Record<string, readonly DefinitionRow[]>>, publisher: Publisher): readonly Written[] {
  return Object.entries(groups).flatMap(([group, rows]) => rows.map((row) => definition(group, row, publisher)));
}

function definition(group: string, row: DefinitionRow, { categories, ...marks }: Publisher): Written {
  const { kind, plural, short, versions, columns = [], scope = 'Namespaced' } = row;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const shown = [...columns, ['Age', '.metadata.creationTimestamp'] as const];
  const version = (name: string, index: number): object => ({
    name,
    served: true,
    storage: index === 0,
    schema,
    subresources: { status: {} },
    additionalPrinterColumns: shown.map(([column, jsonPath]) => ({ name: column, type: column === 'Age' ? 'date' : 'string', jsonPath })),
  });
  const names = {
    kind,
    plural,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    ...(short === undefined ? {} : { shortNames: short }),
    ...(categories === undefined ? {} : { categories: categories(group) }),
  };
  const spec = { group, scope, names, versions: versions.map(version) };
  return object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', '', `${plural}.${group}`, { spec }, marks);
}

/** CustomResourceDefinitions → served types. */
import { at, itemsAt, listAt, objectAt, stringAt } from '../../model/body.ts';
import type { KubeObject } from '../store/object.ts';
import type { Schema } from './schema.ts';
import type { PrinterColumn, ScalePaths, ServedType } from './served-type.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const strings = (values: readonly unknown[]): readonly string[] => values.filter((value): value is string => typeof value === 'string');

function columnsOf(version: unknown): readonly PrinterColumn[] | undefined {
  const rows = itemsAt(version, 'additionalPrinterColumns');
  if (rows.length === 0) return undefined;
  return rows.map(({ item }) => ({
    name: stringAt(item, 'name') ?? '',
    type: stringAt(item, 'type') ?? 'string',
    jsonPath: stringAt(item, 'jsonPath') ?? '',
    description: stringAt(item, 'description') ?? '',
    priority: typeof item['priority'] === 'number' ? item['priority'] : 0,
  }));
}

/** One served type for each served version. */
export function typesOfDefinition(definition: KubeObject): readonly ServedType[] {
  const names = objectAt(definition, 'spec', 'names');
  const kind = stringAt(names, 'kind') ?? '';
  const storedVersion = storageVersionOf(definition);
  return itemsAt(definition, 'spec', 'versions')
    .filter(({ item }) => item['served'] === true)
    .map(({ item }) => {
      const schema = at(item, ['schema', 'openAPIV3Schema']);
      return {
        group: stringAt(definition, 'spec', 'group') ?? '',
        version: stringAt(item, 'name') ?? '',
        kind,
        plural: stringAt(names, 'plural') ?? '',
        singular: stringAt(names, 'singular') ?? kind.toLowerCase(),
        shortNames: strings(listAt(names, 'shortNames')),
        categories: strings(listAt(names, 'categories')),
        namespaced: stringAt(definition, 'spec', 'scope') !== 'Cluster',
        verbs: VERBS,
        subresources: ['scale', 'status'].filter((name) => at(item, ['subresources', name]) !== undefined),
        counted: true,
        custom: true,
        schema: typeof schema === 'object' && schema !== null ? (schema as Schema) : undefined,
        columns: columnsOf(item),
        storedVersion,
        scale: scaleOf(item),
      };
    });
}

const storageVersionOf = (definition: unknown): string | undefined =>
  stringAt(itemsAt(definition, 'spec', 'versions').find(({ item }) => item['storage'] === true)?.item, 'name');

function scaleOf(version: unknown): ScalePaths | undefined {
  const scale = objectAt(version, 'subresources', 'scale');
  const [spec, status] = [stringAt(scale, 'specReplicasPath'), stringAt(scale, 'statusReplicasPath')];
  return spec === undefined || status === undefined ? undefined : { spec, status, selector: stringAt(scale, 'labelSelectorPath') };
}

/**
 * A definition with the status that the API server's own controllers give it: its names are accepted, it is served,
 * and the versions that objects were ever stored in are remembered.
 */
export function establishedStatus(definition: KubeObject, now: string): KubeObject {
  const names = objectAt(definition, 'spec', 'names');
  const kind = stringAt(names, 'kind') ?? '';
  const full = { listKind: `${kind}List`, singular: kind.toLowerCase(), ...names };
  const known = itemsAt(definition, 'status', 'conditions').map(({ item }) => item);
  const condition = (type: string, reason: string, message: string): object =>
    known.find((each) => each['type'] === type) ?? { type, status: 'True', lastTransitionTime: now, reason, message };
  const stored = new Set([...strings(listAt(definition, 'status', 'storedVersions')), storageVersionOf(definition) ?? 'v1']);
  return {
    ...definition,
    spec: { ...objectAt(definition, 'spec'), names: full, conversion: at(definition, ['spec', 'conversion']) ?? { strategy: 'None' } },
    status: {
      ...objectAt(definition, 'status'),
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      acceptedNames: full,
      storedVersions: [...stored],
    },
  };
}

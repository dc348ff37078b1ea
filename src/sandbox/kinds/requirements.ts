/** What the API server refuses in built-in kinds: the few rules that people meet. */
import { at, has, itemsAt, listAt, objectAt, stringAt, stringMapAt } from '../../model/body.ts';
import { isSame, type KubeObject } from '../store/object.ts';
import type { Cause } from './schema.ts';
import { resourceName, type ServedType } from './served-type.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const SUBDOMAIN_HELP =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

const required = (field: string, message = 'Required value'): Cause => ({ reason: 'FieldValueRequired', message, field });
const wrong = (field: string, value: unknown, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
});

function metadataCauses(type: ServedType, { metadata }: KubeObject): readonly Cause[] {
  const found: Cause[] = [];
  const free = type.group === 'rbac.authorization.k8s.io';
  const rule = type.plural === 'namespaces' || type.plural === 'services' ? LABEL : SUBDOMAIN;
  if (metadata.name === '') found.push(required('metadata.name', 'Required value: name or generateName is required'));
  else if (free ? /[/%]/.test(metadata.name) : !rule.test(metadata.name) || metadata.name.length > 253)
    found.push(wrong('metadata.name', metadata.name, SUBDOMAIN_HELP));
  for (const value of Object.values(metadata.labels ?? {})) {
    if (typeof value !== 'string' || value.length > 63 || !LABEL_VALUE.test(value)) {
      found.push(
        wrong(
          'metadata.labels',
          value,
          "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        ),
      );
    }
  }
  return found;
}

function podCauses(spec: unknown, field: string): readonly Cause[] {
  const containers = itemsAt(spec, 'containers');
  if (containers.length === 0) return [required(`${field}.containers`)];
  return containers.flatMap(({ item }, index) => [
    ...(stringAt(item, 'name') ? [] : [required(`${field}.containers[${index}].name`)]),
    ...(stringAt(item, 'image') ? [] : [required(`${field}.containers[${index}].image`)]),
  ]);
}

function workloadCauses(object: KubeObject, previous: KubeObject | undefined): readonly Cause[] {
  const selector = stringMapAt(object, 'spec', 'selector', 'matchLabels');
  const labels = stringMapAt(object, 'spec', 'template', 'metadata', 'labels');
  const found = [...podCauses(at(object, ['spec', 'template', 'spec']), 'spec.template.spec')];
  if (!has(object, 'spec', 'selector')) found.push(required('spec.selector'));
  if (Object.entries(selector).some(([key, value]) => labels[key] !== value)) {
    found.push(wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  if (previous && !isSame(at(previous, ['spec', 'selector']), at(object, ['spec', 'selector']))) {
    found.push(wrong('spec.selector', objectAt(object, 'spec', 'selector'), 'field is immutable'));
  }
  return found;
}

function definitionCauses(object: KubeObject, previous: KubeObject | undefined): readonly Cause[] {
  const group = stringAt(object, 'spec', 'group') ?? '';
  const plural = stringAt(object, 'spec', 'names', 'plural') ?? '';
  const versions = itemsAt(object, 'spec', 'versions');
  return [
    ...(object.metadata.name === `${plural}.${group}`
      ? []
      : [wrong('metadata.name', object.metadata.name, `must be spec.names.plural+"."+spec.group`)]),
    ...(stringAt(object, 'spec', 'names', 'kind') ? [] : [required('spec.names.kind')]),
    ...(versions.filter(({ item }) => item['storage'] === true).length === 1
      ? []
      : [wrong('spec.versions', null, 'must have exactly one version marked as storage version')]),
    // Objects may still be stored in a version that is to go.
    ...listAt(previous, 'status', 'storedVersions').flatMap((version, index) =>
      versions.some(({ item }) => item['name'] === version)
        ? []
        : [wrong(`status.storedVersions[${index}]`, version, 'must appear in spec.versions')],
    ),
    ...(stringAt(object, 'spec', 'conversion', 'strategy') === 'Webhook'
      ? [wrong('spec.conversion.strategy', 'Webhook', 'the sandbox converts between versions by strategy "None" only')]
      : []),
    ...versions.flatMap(({ item }, index) =>
      has(item, 'schema', 'openAPIV3Schema')
        ? []
        : [required(`spec.versions[${index}].schema.openAPIV3Schema`, 'Required value: schemas are required')],
    ),
  ];
}

const RULES: Readonly<Record<string, (object: KubeObject, previous: KubeObject | undefined) => readonly Cause[]>> = {
  pods: (object) => podCauses(at(object, ['spec']), 'spec'),
  'deployments.apps': workloadCauses,
  'replicasets.apps': workloadCauses,
  'statefulsets.apps': workloadCauses,
  'daemonsets.apps': workloadCauses,
  'jobs.batch': (object) => podCauses(at(object, ['spec', 'template', 'spec']), 'spec.template.spec'),
  services: (object, previous) => [
    ...(listAt(object, 'spec', 'ports').length > 0 ||
    stringAt(object, 'spec', 'type') === 'ExternalName' ||
    stringAt(object, 'spec', 'clusterIP') === 'None'
      ? []
      : [required('spec.ports')]),
    ...(previous &&
    stringAt(previous, 'spec', 'clusterIP') &&
    stringAt(object, 'spec', 'clusterIP') !== stringAt(previous, 'spec', 'clusterIP') &&
    stringAt(object, 'spec', 'type') !== 'ExternalName'
      ? [wrong('spec.clusterIPs[0]', stringAt(object, 'spec', 'clusterIP') ?? '', 'may not change once set')]
      : []),
  ],
  'customresourcedefinitions.apiextensions.k8s.io': definitionCauses,
};

export function requirementsOf(type: ServedType, object: KubeObject, previous?: KubeObject): readonly Cause[] {
  return [...metadataCauses(type, object), ...(type.custom ? [] : (RULES[resourceName(type)]?.(object, previous) ?? []))];
}

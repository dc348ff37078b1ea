/** Which webhooks, of the configurations that the store holds at this moment, a request goes to. */
import { itemsAt, listAt, objectAt, stringAt } from '../../model/body.ts';
import { labelSelectorMatches } from '../../model/labels.ts';
import type { Kind } from '../../model/resource.ts';
import type { Backend } from '../api/backend.ts';
import { apiVersionOf, type ServedType, storageKind } from '../kinds/served-type.ts';
import type { Fields, KubeObject } from '../store/object.ts';
import type { AdmissionRequest } from './admit.ts';

const GROUP = 'admissionregistration.k8s.io';
export const MUTATING: Kind = `${GROUP}/MutatingWebhookConfiguration`;
export const VALIDATING: Kind = `${GROUP}/ValidatingWebhookConfiguration`;

export interface Webhook {
  readonly configuration: string;
  readonly name: string;
  /** The entry of the configuration. */
  readonly entry: Fields;
  /** The type in the version that a rule of the webhook names, which may be another than that of the request. */
  readonly type: ServedType;
}

/** In the order of the names of their configurations, then as they are listed there. */
export function webhooksFor(backend: Backend, kind: typeof MUTATING | typeof VALIDATING, request: AdmissionRequest): readonly Webhook[] {
  // A webhook that could refuse webhook configurations could not be mended any more.
  if (request.type.group === GROUP && !request.type.custom) return [];
  return backend.store.list(kind).flatMap((configuration) =>
    itemsAt(configuration, 'webhooks').flatMap(({ item }) => {
      const type = selectsObject(backend, item, request) ? typeFor(backend, item, request) : undefined;
      return type ? [{ configuration: configuration.metadata.name, name: stringAt(item, 'name') ?? '', entry: item, type }] : [];
    }),
  );
}

function selectsObject({ store }: Backend, entry: Fields, { type, object, previous }: AdmissionRequest): boolean {
  const labelsOf = (each: KubeObject | undefined): Readonly<Record<string, string>> => each?.metadata.labels ?? {};
  const subject = object ?? previous;
  const home = storageKind(type) === 'core/Namespace' ? subject : store.get('core/Namespace', '', subject?.metadata.namespace ?? '');
  const isInside = type.namespaced || storageKind(type) === 'core/Namespace';
  if (isInside && !labelSelectorMatches(entry['namespaceSelector'], labelsOf(home))) return false;
  return [object, previous].some((each) => each !== undefined && labelSelectorMatches(entry['objectSelector'], labelsOf(each)));
}

/** By `matchPolicy: Equivalent` a rule for another version of the kind takes the request too, in that version. */
function typeFor({ registry }: Backend, entry: Fields, { type, operation, subresource }: AdmissionRequest): ServedType | undefined {
  const others = registry.types().filter((each) => storageKind(each) === storageKind(type) && each.version !== type.version);
  const candidates = entry['matchPolicy'] === 'Exact' ? [type] : [type, ...others];
  return candidates.find((candidate) => itemsAt(entry, 'rules').some(({ item }) => covers(item, candidate, operation, subresource)));
}

function covers(rule: Fields, type: ServedType, operation: string, subresource: string): boolean {
  const names = (field: string, value: string): boolean => listAt(rule, field).some((each) => each === '*' || each === value);
  const scope = stringAt(rule, 'scope') ?? '*';
  const resources = listAt(rule, 'resources');
  const wanted =
    subresource === '' ? ['*', '*/*', type.plural] : ['*/*', `${type.plural}/*`, `*/${subresource}`, `${type.plural}/${subresource}`];
  return (
    names('operations', operation) &&
    names('apiGroups', type.group) &&
    names('apiVersions', type.version) &&
    resources.some((each) => wanted.includes(String(each))) &&
    (scope === '*' || (scope === 'Namespaced') === type.namespaced)
  );
}

export const inVersion = (object: KubeObject | undefined, type: ServedType): KubeObject | null =>
  object ? { ...object, apiVersion: apiVersionOf(type) } : null;

export const serviceOf = (
  entry: Fields,
): { readonly namespace: string; readonly name: string; readonly port: number; readonly path: string } | undefined => {
  const { service } = objectAt(entry, 'clientConfig');
  if (service === undefined) return undefined;
  const port = objectAt(entry, 'clientConfig', 'service')['port'];
  return {
    namespace: stringAt(service, 'namespace') ?? '',
    name: stringAt(service, 'name') ?? '',
    port: typeof port === 'number' ? port : 443,
    path: stringAt(service, 'path') ?? '/',
  };
};

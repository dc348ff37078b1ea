/** The `labelSelector` and `fieldSelector` parameters of lists and watches. */
import { at } from '../../model/body.ts';
import { parseLabelSelector as read, termsOf } from '../../text/label-selector.ts';
import type { ServedType } from '../kinds/served-type.ts';
import type { KubeObject } from '../store/object.ts';
import { badRequest } from './status.ts';

export type Match = (object: KubeObject) => boolean;

/** @throws ApiProblem for what is no selector */
export function parseLabelSelector(text: string): Match {
  const parsed = read(text);
  if ('problem' in parsed) throw badRequest(`unable to parse requirement: found '${parsed.problem}', expected: a label selector`);
  return ({ metadata }) => parsed.match(metadata.labels ?? {});
}

const METADATA = ['metadata.name', 'metadata.namespace'];

/** Fields that a list of a kind can be selected by, besides name and namespace. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  namespaces: ['status.phase'],
  nodes: ['spec.unschedulable'],
  secrets: ['type'],
  services: ['spec.clusterIP', 'spec.type'],
  jobs: ['status.successful'],
  replicasets: ['status.replicas'],
};

function parseFieldSelector(text: string, type: ServedType): Match {
  const known = [...METADATA, ...(type.custom ? [] : (FIELDS[type.plural] ?? []))];
  const terms = termsOf(text).map((term) => {
    const parts = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/.exec(term);
    if (!parts) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field = '', operator, value = ''] = parts;
    if (!known.includes(field)) throw badRequest(`field label not supported: ${field}`);
    const path = field.split('.');
    return (object: KubeObject): boolean => (String(at(object, path) ?? '') === value) === (operator !== '!=');
  });
  return (object) => terms.every((term) => term(object));
}

export function parseSelectors(query: URLSearchParams, type: ServedType): Match {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', type);
  return (object) => labels(object) && fields(object);
}

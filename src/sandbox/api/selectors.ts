/** The `labelSelector` and `fieldSelector` parameters of lists and watches. */
import { at } from '../../model/body.ts';
import type { ServedType } from '../kinds/served-type.ts';
import type { KubeObject } from '../store/object.ts';
import { badRequest } from './status.ts';

export type Match = (object: KubeObject) => boolean;

type Labels = Readonly<Record<string, string>>;

const SET_TERM = /^([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)$/;
const VALUE_TERM = /^([\w./-]+)\s*(==|=|!=|>|<)\s*([\w./-]*)$/;
const PRESENCE_TERM = /^(!?)\s*([\w./-]+)$/;

function labelTerm(term: string): (labels: Labels) => boolean {
  const set = SET_TERM.exec(term);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) => (labels[key] !== undefined && values.includes(labels[key])) === (operator === 'in');
  }
  const compared = VALUE_TERM.exec(term);
  if (compared) {
    const [, key = '', operator, value = ''] = compared;
    if (operator === '>') return (labels) => Number(labels[key]) > Number(value);
    if (operator === '<') return (labels) => Number(labels[key]) < Number(value);
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const presence = PRESENCE_TERM.exec(term);
  if (!presence) throw badRequest(`unable to parse requirement: found '${term}', expected: a label selector`);
  const [, negated = '', key = ''] = presence;
  return (labels) => Object.hasOwn(labels, key) === (negated === '');
}

/** Splits at commas outside parentheses. */
const termsOf = (text: string): readonly string[] =>
  text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');

/** @throws ApiProblem for what is no selector */
export function parseLabelSelector(text: string): Match {
  const terms = termsOf(text).map(labelTerm);
  return ({ metadata }) => terms.every((term) => term(metadata.labels ?? {}));
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

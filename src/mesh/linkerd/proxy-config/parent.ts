/** What routes and balancers belong to, as metrics name it. */
import type { Sample } from '../../../text/prometheus.ts';

export interface Parent {
  /** `Service`, `EgressNetwork`, `Server`; `default` for addresses that are none of these. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly port?: number | undefined;
}

/** @param scope the beginning of the labels: `parent`, `backend` */
export function parentIn(labels: Sample['labels'], scope: string): Parent {
  const of = (field: string): string => labels[`${scope}_${field}`] ?? '';
  const port = Number(of('port'));
  return { kind: of('kind'), namespace: of('namespace'), name: of('name'), ...(port > 0 ? { port } : {}) };
}

/** Whether somebody who writes part of a host means it. */
export function isParent({ namespace, name }: Pick<Parent, 'namespace' | 'name'>, host: string | undefined): boolean {
  return host === undefined || `${name}.${namespace}.svc`.includes(host.replace(/(\.svc)\..*$/, '$1'));
}

export const parentText = ({ kind, namespace, name, port }: Parent): string => {
  const place = `${namespace === '' ? '' : `${namespace}/`}${name}${port === undefined ? '' : `:${port}`}`;
  return kind === 'Service' ? place : `${kind} ${place}`;
};

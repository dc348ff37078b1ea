/** An API object, from a file or a cluster, as a resource. */
import { stringAt, stringMapAt } from './body.ts';
import { type Body, kindOf, type Origin, type Resource } from './resource.ts';

export interface ResourceContext {
  readonly clusterScoped: boolean;
  /** Namespace of an object that names none. */
  readonly namespace: string;
  /** True when that namespace was asked for, so that reports may print it. */
  readonly namespaceGiven: boolean;
  readonly cluster?: string | undefined;
  /** Absent for objects of a cluster. */
  readonly origin?: Origin | undefined;
}

/** @param body has `apiVersion` and `kind` */
export function resourceOf(body: Body, name: string, context: ResourceContext): Resource {
  const apiVersion = String(body['apiVersion']);
  const namespace = stringAt(body, 'metadata', 'namespace') || undefined;
  const { clusterScoped } = context;
  return {
    kind: kindOf(apiVersion, String(body['kind'])),
    apiVersion,
    namespace: clusterScoped ? '' : (namespace ?? context.namespace),
    namespaceGiven: !clusterScoped && (namespace !== undefined || context.namespaceGiven),
    name,
    cluster: context.cluster,
    labels: stringMapAt(body, 'metadata', 'labels'),
    annotations: stringMapAt(body, 'metadata', 'annotations'),
    body,
    origin: context.origin,
  };
}

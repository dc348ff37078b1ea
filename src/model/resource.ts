/** API group and kind, without the version: `networking.istio.io/VirtualService`; the core group is written `core`. */
export type Kind = `${string}/${string}`;

/** Steps from the root of an object to one of its fields: `['spec', 'http', 0, 'route']`. */
export type FieldPath = readonly (string | number)[];

export interface Ref {
  readonly kind: Kind;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

/** A place in an input. Lines and columns count from 1; columns count UTF-16 units, as editors and SARIF do. */
export interface Position {
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

/** The characters from a position up to, not including, `endLine:endColumn`. */
export interface Span extends Position {
  readonly endLine: number;
  readonly endColumn: number;
}

/** The text an object was read from; absent for objects read from a cluster. */
export interface Origin {
  readonly source: string;
  /** First line of the object. */
  readonly line: number;
  /**
   * Finds a field of the object. A missing field gives its nearest existing ancestor.
   * @param part which part of a mapping entry to point at; the key when the value is a collection
   */
  locate(path: FieldPath, part: 'key' | 'value'): Span;
  /** Lines of the source from `from` to `to`, both counted from 1 and included, for code frames. */
  lines(from: number, to: number): readonly string[];
  /** Comments that carry a directive such as `meshctl-ignore`, anywhere in the object. */
  directives(): readonly { readonly line: number; readonly alone: boolean; readonly text: string }[];
  readonly document: DocumentPlace;
}

/** Where an object stands in a text, for whoever changes the text. */
export interface DocumentPlace {
  /** The whole source. */
  readonly text: string;
  /** The characters of the document in it; the end is exclusive. */
  readonly start: number;
  readonly end: number;
  /** From the root of the document to the object; empty unless it is an item of a list. */
  readonly path: FieldPath;
}

export interface Resource extends Ref {
  readonly apiVersion: string;
  /** False when the input names no namespace and a default was assumed. */
  readonly namespaceGiven: boolean;
  /** Name of the cluster the object belongs to; undefined for the only, or the primary, cluster. */
  readonly cluster?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The whole object as parsed; never mutated. */
  readonly body: Body;
  readonly origin?: Origin | undefined;
  /** Not part of the input: stands for what a usual installation has, such as the default ingress gateway. */
  readonly assumed?: boolean;
  /** Version in which it was last applied, where a cluster gives the object in another: the one that its author wrote. */
  readonly appliedVersion?: string;
  /** Only `metadata` was read, so that nothing can be said about the rest. */
  readonly partial?: boolean;
}

/** A parsed object of unknown shape. Rules read it with the functions of `model/body.ts`. */
export type Body = Readonly<Record<string, unknown>>;

/** `apps/v1` and `Deployment` → `apps/Deployment`; `v1` and `Pod` → `core/Pod`. */
export function kindOf(apiVersion: string, kind: string): Kind {
  const slash = apiVersion.indexOf('/');
  return `${slash < 0 ? 'core' : apiVersion.slice(0, slash)}/${kind}`;
}

/** The last part of a kind: `networking.istio.io/VirtualService` → `VirtualService`. */
export function shortKind(kind: Kind): string {
  return kind.slice(kind.lastIndexOf('/') + 1);
}

/** `VirtualService shop/reviews`; without a namespace `Namespace shop`. Istio's tools print resources in this form. */
export function friendlyName(resource: NamedRef): string {
  return `${shortKind(resource.kind)} ${qualifiedName(resource)}`;
}

/** `shop/reviews`; the name alone when there is no namespace, or the input gives none. */
export function qualifiedName({ namespace, namespaceGiven, name }: NamedRef): string {
  return namespace && namespaceGiven !== false ? `${namespace}/${name}` : name;
}

/** `Deployment "cart"`, as messages speak of an object of a namespace that is known. */
export function quotedName({ kind, name }: Ref): string {
  return `${shortKind(kind)} "${name}"`;
}

/** `VirtualService "shop/reviews"`, as messages speak of an object of any namespace. */
export function quotedRef(resource: NamedRef): string {
  return `${shortKind(resource.kind)} "${qualifiedName(resource)}"`;
}

type NamedRef = Ref & { readonly namespaceGiven?: boolean };

/** Kinds without a namespace. A kind that is not listed is taken to be namespaced. */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  'core/Namespace',
  'core/Node',
  'core/PersistentVolume',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apiregistration.k8s.io/APIService',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'scheduling.k8s.io/PriorityClass',
  'storage.k8s.io/StorageClass',
  'networking.k8s.io/IngressClass',
  'gateway.networking.k8s.io/GatewayClass',
  'kuma.io/Mesh',
  'kuma.io/Zone',
]);

export function isClusterScoped(kind: Kind): boolean {
  return CLUSTER_SCOPED.has(kind);
}

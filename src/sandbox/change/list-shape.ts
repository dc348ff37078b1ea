/** How lists and maps merge: by key, as a set, or whole. The facts of the built-in kinds, and those of a CRD's schema. */
import type { Schema } from '../kinds/schema.ts';

type ListShape = { readonly is: 'atomic' } | { readonly is: 'set' } | { readonly is: 'map'; readonly keys: readonly string[] };

/** A place in an object of some kind. */
export interface Shape {
  readonly list: ListShape;
  /** A map that is owned and replaced whole. */
  readonly atomic: boolean;
  field(name: string): Shape;
  item(): Shape;
}

const ATOMIC: ListShape = { is: 'atomic' };
const SET: ListShape = { is: 'set' };
const by = (...keys: readonly string[]): ListShape => ({ is: 'map', keys });

/** Lists of the built-in kinds by the name of their field; `parent.field` goes before `field`. */
const LISTS: Readonly<Record<string, ListShape>> = {
  containers: by('name'),
  initContainers: by('name'),
  ephemeralContainers: by('name'),
  env: by('name'),
  'item:containers.ports': by('containerPort', 'protocol'),
  'item:initContainers.ports': by('containerPort', 'protocol'),
  'spec.ports': by('port', 'protocol'),
  volumes: by('name'),
  volumeMounts: by('mountPath'),
  volumeDevices: by('devicePath'),
  imagePullSecrets: by('name'),
  hostAliases: by('ip'),
  topologySpreadConstraints: by('topologyKey', 'whenUnsatisfiable'),
  resourceClaims: by('name'),
  schedulingGates: by('name'),
  conditions: by('type'),
  ownerReferences: by('uid'),
  finalizers: SET,
  secrets: by('name'),
  webhooks: by('name'),
  validations: ATOMIC,
  matchConditions: by('name'),
  podIPs: by('ip'),
  hostIPs: by('ip'),
};

/** Maps of the built-in kinds that have one owner. */
const ATOMIC_MAPS = new Set([
  'selector',
  'nodeSelector',
  'valueFrom.secretKeyRef',
  'valueFrom.configMapKeyRef',
  'labelSelector',
  'scaleTargetRef',
  'claimRef',
]);

class BuiltInShape implements Shape {
  readonly #parent: string;
  readonly #name: string;

  constructor(parent: string, name: string) {
    this.#parent = parent;
    this.#name = name;
  }

  get list(): ListShape {
    return LISTS[`${this.#parent}.${this.#name}`] ?? LISTS[this.#name] ?? ATOMIC;
  }

  get atomic(): boolean {
    return ATOMIC_MAPS.has(this.#name) || ATOMIC_MAPS.has(`${this.#parent}.${this.#name}`);
  }

  field(name: string): Shape {
    return new BuiltInShape(this.#name, name);
  }

  item(): Shape {
    return new BuiltInShape(this.#parent, `item:${this.#name}`);
  }
}

class SchemaShape implements Shape {
  readonly #schema: Schema;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  get list(): ListShape {
    const type = this.#schema['x-kubernetes-list-type'];
    if (type === 'map') return { is: 'map', keys: this.#schema['x-kubernetes-list-map-keys'] ?? ['name'] };
    return type === 'set' ? SET : ATOMIC;
  }

  get atomic(): boolean {
    return this.#schema['x-kubernetes-map-type'] === 'atomic';
  }

  field(name: string): Shape {
    const { properties, additionalProperties } = this.#schema;
    return new SchemaShape(properties?.[name] ?? (typeof additionalProperties === 'object' ? additionalProperties : {}));
  }

  item(): Shape {
    return new SchemaShape(this.#schema.items ?? {});
  }
}

/** The shape of an object's root; metadata is the same in every kind. */
export function shapeOf(schema: Schema | undefined): Shape {
  const builtIn = new BuiltInShape('', '');
  if (!schema) return builtIn;
  const custom = new SchemaShape(schema);
  return {
    list: ATOMIC,
    atomic: false,
    item: () => builtIn,
    field: (name) => (name === 'metadata' ? builtIn.field(name) : custom.field(name)),
  };
}

/** The one key of a list that a strategic merge patch uses. */
export function strategicKey(shape: Shape): string | undefined {
  return shape.list.is === 'map' ? shape.list.keys[0] : undefined;
}

/** What the API server assumes for a key that an item leaves out. */
export function keyDefault(name: string): unknown {
  return name === 'protocol' ? 'TCP' : undefined;
}

/** The part of OpenAPI that CustomResourceDefinitions are written in: structural schemas, as Kubernetes calls them. */
import { isBody } from '../model/body.ts';

export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly CelRule[];
}

/** An expression that must hold for the value it stands at, which it calls `self`. */
export interface CelRule {
  readonly rule: string;
  readonly message?: string;
  /** Another expression, for a message that speaks of the value. */
  readonly messageExpression?: string;
  /** Relative to `self`: `.spec.a`, `['a']`. */
  readonly fieldPath?: string;
}

export interface Version {
  readonly name: string;
  /** Index into the schemas of the kind. */
  readonly schema: number;
  /** Index of the schema that the experimental channel has instead. */
  readonly experimental?: number;
  /** Set when this channel alone serves the version. */
  readonly channel?: 'experimental';
  /** False when the API server refuses objects of the version. */
  readonly served?: boolean;
  readonly deprecated?: boolean;
}

export interface KindDefinition {
  /** The newest stable one first. */
  readonly versions: readonly Version[];
  readonly schemas: readonly Schema[];
}

/** Everything that is known of one API group. */
export interface GroupDefinition {
  /** The project that the definitions are of: `Gateway API`. */
  readonly source: string;
  /** When they were taken from there: `2026-08`. */
  readonly takenAt: string;
  readonly kinds: Readonly<Record<string, KindDefinition>>;
}

/** True where fields of any name may stand. */
export function isOpen(schema: Schema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
}

/** What the schema says of a field; undefined for one that it does not know. */
export function fieldOf(schema: Schema, name: string): Schema | undefined {
  const own = schema.properties;
  if (own && Object.hasOwn(own, name)) return own[name];
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

export function hasType(schema: Schema, value: unknown): boolean {
  if (schema['x-kubernetes-int-or-string']) return typeof value === 'string' || Number.isInteger(value);
  switch (schema.type) {
    case undefined:
      return value !== null || schema['x-kubernetes-preserve-unknown-fields'] === true;
    case 'object':
      return isBody(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === schema.type;
  }
}

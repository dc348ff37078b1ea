import type { Problem } from './rule.ts';

/**
 * What a schema forbids, or what it tells to leave behind.
 * - `unknown-kind`, `unknown-version`, `unknown-field`: not in the definitions
 * - `type`, `missing`, `value`: a field of the wrong type, an absent one, one whose value is out of bounds
 * - `exclusive`: fields of which another number may be set
 * - `rule`: an expression of the definition that does not hold
 * - `superseded`: is there no more, or will not be for ever
 * - `leaving`: is there no more in the newest release, while the one before is all around
 * - `experimental`: in the experimental channel alone
 * - `message-type`, `message-value`, `message-field`, `message-choice`: in a message of protobuf, such as configuration of
 *   Envoy, a type that does not exist, a value of the wrong type, a field that does not exist, fields that exclude each other
 */
export type ViolationType =
  | 'unknown-kind'
  | 'unknown-version'
  | 'unknown-field'
  | 'type'
  | 'missing'
  | 'value'
  | 'exclusive'
  | 'rule'
  | 'superseded'
  | 'leaving'
  | 'experimental'
  | 'message-type'
  | 'message-value'
  | 'message-field'
  | 'message-choice';

/** One thing that an object has against its definition. Found for all objects before any rule runs; each rule reports one type. */
export interface Violation extends Problem {
  readonly is: ViolationType;
}

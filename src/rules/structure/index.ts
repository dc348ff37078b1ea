/**
 * What the API server would refuse or drop: each rule reports one type of violation of the definition of a kind. They
 * name no inputs, as they judge whatever objects there are.
 */
import type { Rule } from '../../model/rule.ts';
import { fieldCurrent } from './field-current.ts';
import { fieldKnown } from './field-known.ts';
import { fieldLasting } from './field-lasting.ts';
import { fieldRequired } from './field-required.ts';
import { fieldType } from './field-type.ts';
import { fieldValue } from './field-value.ts';
import { fieldsExclusive } from './fields-exclusive.ts';
import { kindKnown } from './kind-known.ts';
import { ruleHolds } from './rule-holds.ts';
import { standardChannel } from './standard-channel.ts';
import { versionServed } from './version-served.ts';

export const rules: readonly Rule[] = [
  fieldCurrent,
  fieldKnown,
  fieldLasting,
  fieldRequired,
  fieldType,
  fieldValue,
  fieldsExclusive,
  kindKnown,
  ruleHolds,
  standardChannel,
  versionServed,
];

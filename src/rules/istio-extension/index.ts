/** EnvoyFilters. */
import type { Rule } from '../../model/rule.ts';
import { addApplies } from './add-applies.ts';
import { relativeOperationHasPriority } from './relative-operation-has-priority.ts';
import { relativeOperationNotVersionBound } from './relative-operation-not-version-bound.ts';
import { removeApplies } from './remove-applies.ts';
import { replaceApplies } from './replace-applies.ts';

export const rules: readonly Rule[] = [
  addApplies,
  relativeOperationHasPriority,
  relativeOperationNotVersionBound,
  removeApplies,
  replaceApplies,
];

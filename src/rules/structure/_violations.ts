import type { Rule } from '../../model/rule.ts';
import type { ViolationType } from '../../model/violation.ts';

/** What was found of one type; finding it is the work of src/structure. */
export function violations(type: ViolationType): Rule['check'] {
  return (resources) => resources.violations.filter(({ is }) => is === type);
}

import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import type { ViolationType } from '../../model/violation.ts';

/** What was found of one type in patches of EnvoyFilters; finding it is the work of src/structure. */
export function patchViolations(type: ViolationType): Rule['check'] {
  return (resources) => (resources.all(ENVOY_FILTER).length === 0 ? [] : resources.violations.filter(({ is }) => is === type));
}

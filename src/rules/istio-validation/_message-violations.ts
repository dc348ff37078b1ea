import type { Kind } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import type { ViolationType } from '../../model/violation.ts';

/** What was found of one type in messages that objects of some kinds hold; finding it is the work of src/structure. */
export function messageViolations(type: ViolationType, kinds: readonly Kind[]): Rule['check'] {
  return (resources) => {
    const present = new Set(kinds.filter((kind) => resources.all(kind).length > 0));
    return present.size === 0 ? [] : resources.violations.filter(({ is, at }) => is === type && present.has(at.kind));
  };
}

/** Small builders for tests: YAML text to the sets and findings that rules work on. */

import { runRules } from '../src/analysis/engine.ts';
import { readText } from '../src/gather/read.ts';
import type { Finding } from '../src/model/finding.ts';
import type { Resource } from '../src/model/resource.ts';
import { type ResourceSet, resourceSet, type SetOptions } from '../src/model/resource-set.ts';
import type { Rule } from '../src/model/rule.ts';

/** Objects of a YAML text; fails when any of it cannot be read. */
export function resourcesFrom(yaml: string, source = 'input.yaml'): readonly Resource[] {
  const { resources, errors, notices } = readText(yaml, source, { namespace: 'default', namespaceGiven: false });
  if (errors.length > 0 || notices.length > 0) throw new Error(JSON.stringify({ errors, notices }));
  return resources;
}

/** A set that claims to be whole unless told otherwise. */
export function setFrom(yaml: string, options: SetOptions = {}): ResourceSet {
  return resourceSet(resourcesFrom(yaml), { complete: true, ...options });
}

/** What one rule finds in a YAML text. */
export function findingsOf(rule: Rule, yaml: string, options: SetOptions = {}): readonly Finding[] {
  return runRules([{ rule, severity: rule.meta.severity }], setFrom(yaml, options)).findings;
}

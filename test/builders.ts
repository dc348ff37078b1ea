/** Small builders for tests: YAML text to the sets and findings that rules work on. */

import { runRules } from '../src/analysis/engine.ts';
import { readText } from '../src/gather/read.ts';
import type { Finding } from '../src/model/finding.ts';
import type { Resource } from '../src/model/resource.ts';
import { type ResourceSet, resourceSet, type SetOptions } from '../src/model/resource-set.ts';
import type { Rule } from '../src/model/rule.ts';

/**
 * Objects of a YAML text; fails when any of it cannot be read. A line `# cluster: west` makes the
 * documents after it, up to the next such line, objects of that cluster.
 */
export function resourcesFrom(yaml: string, source = 'input.yaml'): readonly Resource[] {
  return partsByCluster(yaml).flatMap(({ text, cluster }) => {
    const { resources, errors, notices } = readText(text, source, { namespace: 'default', namespaceGiven: false, cluster });
    if (errors.length > 0 || notices.length > 0) throw new Error(JSON.stringify({ errors, notices }));
    return resources;
  });
}

/** Each part is preceded by as many blank lines as make its line numbers those of the whole text. */
function partsByCluster(yaml: string): readonly { readonly text: string; readonly cluster: string | undefined }[] {
  const marks = [...yaml.matchAll(/^# cluster: (\S+)$/gm)];
  const starts = [0, ...marks.map((mark) => mark.index)];
  return starts.map((start, index) => ({
    text: '\n'.repeat(yaml.slice(0, start).split('\n').length - 1) + yaml.slice(start, starts[index + 1]),
    cluster: marks[index - 1]?.[1],
  }));
}

/** A set that claims to be whole unless told otherwise. */
export function setFrom(yaml: string, options: SetOptions = {}): ResourceSet {
  return resourceSet(resourcesFrom(yaml), { complete: true, ...options });
}

/** What one rule finds in a YAML text. */
export function findingsOf(rule: Rule, yaml: string, options: SetOptions = {}): readonly Finding[] {
  return runRules([{ rule, severity: rule.meta.severity }], setFrom(yaml, options)).findings;
}

/** Values → YAML. */
import { dump } from 'js-yaml';

/** One document in block style; text is never folded, and strings that YAML 1.1 would misread are quoted. */
export function writeYaml(value: unknown): string {
  return dump(value, { lineWidth: -1, noRefs: true });
}

/** The same on one line, for a place inside brackets. */
export function writeFlowYaml(value: unknown): string {
  return dump(value, { lineWidth: -1, noRefs: true, flowLevel: 0 }).trimEnd();
}

import type { FieldPath } from '../model/resource.ts';

/** `spec.http[0].route`; keys that are no plain names are quoted: `metadata.annotations["a.b/c"]`. */
export function pathText(path: FieldPath): string {
  return path.map(stepText).join('').replace(/^\./, '');
}

function stepText(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

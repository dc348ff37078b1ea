/**
 * Text that something else is going to replace before the object is applied: `${HOST}` of Flux and envsubst,
 * `$(HOST)` of kustomize, `{{ .Values.host }}` of templates. The paths of an AuthorizationPolicy
 * have braces of their own, `{*}`.
 */
const PLACEHOLDER = /\$\{[^{}]+\}|\$\([A-Za-z_][\w.-]*\)|\{\{-?\s*[\w.$("`][^{}]*\}\}/;

/** @returns the first one inside the text */
export function placeholderIn(value: unknown): string | undefined {
  // Most texts have none of the characters, and every value of the input comes by here.
  return typeof value === 'string' && /[{(]/.test(value) ? value.match(PLACEHOLDER)?.[0] : undefined;
}

/** Nothing can be said yet about a value that is not there yet. */
export function isPlaceholder(value: unknown): boolean {
  return placeholderIn(value) !== undefined;
}

/** True when there is one anywhere inside the value. */
export function holdsPlaceholder(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsPlaceholder);
  return isPlaceholder(value);
}

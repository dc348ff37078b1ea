/** Text that something else is going to replace before the object is applied: `${HOST}`, `{{ .Values.host }}`. */
const PLACEHOLDER = /\$\{[^{}]+\}|\{\{[^{}]+\}\}/;

/** Nothing can be said yet about a value that is not there yet. */
export function isPlaceholder(value: unknown): boolean {
  return typeof value === 'string' && value.includes('{') && PLACEHOLDER.test(value);
}

/** True when there is one anywhere inside the value. */
export function holdsPlaceholder(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsPlaceholder);
  return isPlaceholder(value);
}

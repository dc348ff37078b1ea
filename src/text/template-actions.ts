/** `{{ .Values.x }}`, `{{- if … }}`: what makes a manifest a template before it is YAML. */
export function hasTemplateActions(text: string): boolean {
  return /\{\{-?\s*(?:[.$"(/]|\w)[^}]*\}\}/.test(text);
}

/** Lists of an AuthorizationPolicy come in pairs: `paths`, and `notPaths` for values that must not be. */
export function withNegation(field: string): readonly [field: string, negation: string] {
  return [field, `not${field.charAt(0).toUpperCase()}${field.slice(1)}`];
}

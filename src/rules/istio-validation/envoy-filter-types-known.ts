import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import { isBody, stringAt } from '../../model/body.ts';
import type { FieldPath, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { completePatches } from './_envoy-patches.ts';
import { LUA_FILTER } from './_examples.ts';
import { type Flaw, judging, under } from './_flaws.ts';

export const envoyFilterTypesKnown: Rule = {
  meta: {
    id: 'istio-validation/envoy-filter-types-known',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.EnvoyFilter'],
    severity: 'error',
    summary: 'Typed configurations in an EnvoyFilter name their type, and none of the removed API v2.',
    why: 'Istiod refuses the EnvoyFilter, so that its patches are never applied.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://www.envoyproxy.io/docs/envoy/latest/api/api_supported_versions',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: HTTP_FILTER
      patch:
        operation: INSERT_BEFORE
        value:
          name: envoy.filters.http.lua
          typed_config:
            "@type": type.googleapis.com/envoy.config.filter.http.lua.v2.Lua
            inlineCode: function envoy_on_request(handle) end
`,
    good: LUA_FILTER,
    differs: 'Other unknown types, and unknown fields of known ones, are not found: meshctl does not hold the API of Envoy.',
  },
  check: judging(ENVOY_FILTER, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { path, value } of completePatches(body)) {
    if (value) yield* under([...path, 'patch', 'value'], typesIn(value, []));
  }
}

const TYPE = '@type';

function* typesIn(value: unknown, path: FieldPath): Iterable<Flaw> {
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) yield* typesIn(element, [...path, index]);
  }
  if (!isBody(value)) return;
  const type = stringAt(value, TYPE);
  if (type !== undefined && (type === '' || /\.v2(?:alpha\d*)?\./.test(type))) {
    yield {
      path: [...path, TYPE],
      message:
        type === '' ? 'The type of a configuration is empty.' : `Type "${type}" belongs to API v2, which Envoy and istiod no longer know.`,
      fix: 'Name the type of API v3, such as "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua".',
    };
  }
  for (const [field, inner] of Object.entries(value)) {
    const place = [...path, field];
    if (/^typed_?config$/i.test(field) && isBody(inner) && !(TYPE in inner)) {
      yield {
        path: place,
        part: 'key',
        message: `Field ${field} does not say of which type it is.`,
        fix: `Add "${TYPE}" with the full name of the type.`,
      };
    }
    yield* typesIn(inner, place);
  }
}

import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import { objectAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { completePatches } from './_envoy-patches.ts';
import { LUA_FILTER } from './_examples.ts';
import { type Flaw, isSet, judging, under } from './_flaws.ts';

export const envoyFilterMatchFits: Rule = {
  meta: {
    id: 'istio-validation/envoy-filter-match-fits',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.EnvoyFilter'],
    severity: 'error',
    summary: 'A patch of an EnvoyFilter matches objects of the kind that it applies to.',
    why: 'Istiod refuses the EnvoyFilter, so that its patches are never applied.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-EnvoyConfigObjectMatch',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: CLUSTER
      match: { listener: { portNumber: 80 } }
      patch: { operation: MERGE, value: { connect_timeout: 2s } }
`,
    good: LUA_FILTER,
  },
  check: judging(ENVOY_FILTER, flawsOf),
};

const LISTENERS: ReadonlySet<string> = new Set(['LISTENER', 'FILTER_CHAIN', 'NETWORK_FILTER', 'HTTP_FILTER']);
const ROUTES: ReadonlySet<string> = new Set(['ROUTE_CONFIGURATION', 'VIRTUAL_HOST', 'HTTP_ROUTE']);
const OBJECTS = ['listener', 'routeConfiguration', 'cluster'] as const;

/** Names of the filter whose filters are those of HTTP, the second of old. */
const CONNECTION_MANAGERS: ReadonlySet<string> = new Set([
  'envoy.filters.network.http_connection_manager',
  'envoy.http_connection_manager',
]);

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { patch, path, applyTo } of completePatches(body)) {
    const wanted = wantedObject(applyTo);
    const match = objectAt(patch, 'match');
    // Of two objects at once the schema speaks.
    const other = wanted && isSet(match, wanted) ? undefined : OBJECTS.find((object) => isSet(match, object));
    if (wanted && other) {
      yield {
        path: [...path, 'match', other],
        part: 'key',
        message: `A patch that applies to ${applyTo} cannot match by ${other}.`,
        fix: `Match by ${wanted}, or apply to something else.`,
      };
    } else if (wanted === 'listener') yield* under([...path, 'match', 'listener', 'filterChain', 'filter'], ofFilter(match, applyTo));
  }
}

function wantedObject(applyTo: string): (typeof OBJECTS)[number] | undefined {
  if (LISTENERS.has(applyTo)) return 'listener';
  if (ROUTES.has(applyTo)) return 'routeConfiguration';
  return applyTo === 'CLUSTER' ? 'cluster' : undefined;
}

function* ofFilter(match: Body, applyTo: string): Iterable<Flaw> {
  const chain = objectAt(match, 'listener', 'filterChain');
  if (!isSet(chain, 'filter')) return;
  const filter = objectAt(chain, 'filter');
  const name = stringAt(filter, 'name');
  if (!name) {
    yield { path: [], part: 'key', message: 'The match of a filter has no name.', fix: 'Add the name of the filter, or remove filter.' };
    return;
  }
  if (!isSet(filter, 'subFilter')) return;
  if (applyTo !== 'HTTP_FILTER') {
    yield {
      path: ['subFilter'],
      part: 'key',
      message: `A patch that applies to ${applyTo} cannot match by subFilter.`,
      fix: 'Apply to HTTP_FILTER, or remove subFilter.',
    };
  } else if (!CONNECTION_MANAGERS.has(name)) {
    yield {
      path: ['name'],
      message: `Filter "${name}" has no filters inside that subFilter could match.`,
      fix: 'Match "envoy.filters.network.http_connection_manager".',
    };
  } else if (!stringAt(filter, 'subFilter', 'name')) {
    yield {
      path: ['subFilter'],
      part: 'key',
      message: 'The match of a filter inside has no name.',
      fix: 'Add the name of the HTTP filter, or remove subFilter.',
    };
  }
}

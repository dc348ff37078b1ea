import { DESTINATION_RULE, SERVICE_ENTRY, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { objectAt, stringsAt } from '../../model/body.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';
import { isDnsLabel } from './_names.ts';

export const exportToValid: Rule = {
  meta: {
    id: 'istio-validation/export-to-valid',
    aliases: ['IST0106'],
    analyzers: [
      'schema.ValidationAnalyzer.VirtualService',
      'schema.ValidationAnalyzer.DestinationRule',
      'schema.ValidationAnalyzer.ServiceEntry',
    ],
    severity: 'error',
    summary: 'Objects are exported to namespaces, each named once, or to all.',
    why: 'Istiod refuses the object, so that it never takes effect.',
    inputs: [VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE_ENTRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-export_to',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  exportTo: ["*", bank]
  http:
    - route:
        - destination: { host: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  exportTo: [., bank]
  http:
    - route:
        - destination: { host: reviews }
`,
  },
  check: judging([VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE_ENTRY], flawsOf),
};

function* flawsOf(resource: Resource): Iterable<Flaw> {
  const entries = stringsAt(resource.body, 'spec', 'exportTo');
  const seen = new Map<string, string>();
  for (const { value, path } of entries) {
    const key = value === '.' ? resource.namespace : value;
    const earlier = seen.get(key);
    const problem =
      earlier === undefined
        ? entryProblem(value, resource.kind)
        : earlier === value
          ? 'it is listed twice'
          : `it means the same as "${earlier}"`;
    seen.set(key, earlier ?? value);
    if (problem)
      yield {
        path,
        message: `Entry "${value}" of exportTo is not valid: ${problem}.`,
        fix: 'Write ".", "*" or the name of a namespace, each once.',
      };
  }
  yield* ofSelection(resource, seen);
  if (entries.length < 2) return;
  for (const [value, whom] of [
    ['*', 'all namespaces'],
    ['~', 'nobody'],
  ] as const) {
    // Where it is not allowed at all, that is said already.
    const entry = value === '~' && resource.kind !== SERVICE_ENTRY ? undefined : entries.find((each) => each.value === value);
    if (entry)
      yield {
        path: entry.path,
        message: `The list exportTo has "${value}", ${whom}, beside other entries.`,
        fix: 'Keep one or the other.',
      };
  }
}

function entryProblem(value: string, kind: Kind): string | undefined {
  if (value === '*' || value === '.') return undefined;
  if (value === '~') return kind === SERVICE_ENTRY ? undefined : 'only a ServiceEntry may be for nobody';
  return isDnsLabel(value) ? undefined : 'it is no namespace';
}

/** A DestinationRule for some workloads is one of its namespace. */
function* ofSelection({ kind, body, namespace }: Resource, exported: ReadonlyMap<string, string>): Iterable<Flaw> {
  if (kind !== DESTINATION_RULE || !isSet(objectAt(body, 'spec'), 'workloadSelector') || exported.size === 0) return;
  if (exported.size === 1 && exported.has(namespace)) return;
  yield {
    path: ['spec', 'exportTo'],
    part: 'key',
    message: 'A DestinationRule with workloadSelector is for workloads of its own namespace, and exported to others.',
    fix: 'Write exportTo ["."], or remove it.',
  };
}

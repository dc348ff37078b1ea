import {
  AUTHORIZATION_POLICY,
  GRPC_ROUTE,
  HTTP_ROUTE,
  KUBERNETES_GATEWAY,
  SERVICE,
  SERVICE_ENTRY,
  WORKLOAD_ENTRY,
} from '../../mesh/istio/kinds.ts';
import { itemsAt, numberAt, stringAt } from '../../model/body.ts';
import type { Body, FieldPath, Kind, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';

const TCP_ROUTE: Kind = 'gateway.networking.k8s.io/TCPRoute';
const TLS_ROUTE: Kind = 'gateway.networking.k8s.io/TLSRoute';
const BACKEND_TLS_POLICY: Kind = 'gateway.networking.k8s.io/BackendTLSPolicy';

/** Condition → the status that tells of trouble. */
type Watched = Readonly<Record<string, 'False' | 'True'>>;

const WAYPOINT: Watched = { 'istio.io/WaypointBound': 'False' };
const POLICY: Watched = { ZtunnelAccepted: 'False', WaypointAccepted: 'False' };
const GATEWAY_API: Watched = {
  Accepted: 'False',
  Programmed: 'False',
  ResolvedRefs: 'False',
  Conflicted: 'True',
  PartiallyInvalid: 'True',
};

const WATCHED: ReadonlyMap<Kind, Watched> = new Map([
  [SERVICE, WAYPOINT],
  [SERVICE_ENTRY, WAYPOINT],
  [WORKLOAD_ENTRY, WAYPOINT],
  [AUTHORIZATION_POLICY, POLICY],
  [KUBERNETES_GATEWAY, GATEWAY_API],
  [HTTP_ROUTE, GATEWAY_API],
  [GRPC_ROUTE, GATEWAY_API],
  [TCP_ROUTE, GATEWAY_API],
  [TLS_ROUTE, GATEWAY_API],
  [BACKEND_TLS_POLICY, GATEWAY_API],
]);

/** Controllers write into the status what they refuse, and why; nothing else tells the author of the object. */
export const conditionsPositive: Rule = {
  meta: {
    id: 'gateway-api/conditions-positive',
    aliases: ['IST0171'],
    analyzers: ['conditions.ConditionAnalyzer'],
    severity: 'warning',
    summary: 'No controller reports trouble with the object in its status.',
    why: 'The controller ignores the object, or the part of it that the condition names.',
    inputs: [...WATCHED.keys()],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0171/',
    since: '0.1.0',
    bad: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: reviews, namespace: shop, generation: 3 }
spec:
  parentRefs: [{ name: storefront }]
  rules: [{ backendRefs: [{ name: reviewz, port: 9080 }] }]
status:
  parents:
    - parentRef: { name: storefront }
      controllerName: istio.io/gateway-controller
      conditions:
        - { type: Accepted, status: "True", reason: Accepted, observedGeneration: 3 }
        - type: ResolvedRefs
          status: "False"
          reason: BackendNotFound
          message: backend(reviewz.shop.svc.cluster.local) not found
          observedGeneration: 3
`,
    good: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: reviews, namespace: shop, generation: 3 }
spec:
  parentRefs: [{ name: storefront }]
  rules: [{ backendRefs: [{ name: reviews, port: 9080 }] }]
status:
  parents:
    - parentRef: { name: storefront }
      controllerName: istio.io/gateway-controller
      conditions:
        - { type: Accepted, status: "True", reason: Accepted, observedGeneration: 3 }
        - { type: ResolvedRefs, status: "True", reason: ResolvedRefs, observedGeneration: 3 }
`,
    differs:
      "Also reads listeners of Gateways, TCPRoute, TLSRoute and BackendTLSPolicy, and the conditions Conflicted and PartiallyInvalid. A condition older than the object's generation is passed over.",
  },
  *check(resources) {
    for (const [kind, watched] of WATCHED) {
      for (const resource of resources.all(kind)) {
        for (const { item, path, of } of conditionsOf(resource)) {
          if (!isTrouble(item, kind, watched) || isOutdated(item, resource)) continue;
          yield {
            at: resource,
            path: [...path, 'status'],
            message: wording(item, of),
            fix: 'Correct what the condition names; the controller then sets it anew.',
          };
        }
      }
    }
  },
};

interface Condition {
  readonly item: Body;
  readonly path: FieldPath;
  /** What it speaks of when not of the whole object: `listener "https"`. */
  readonly of: string | undefined;
}

/** Parts of an object with conditions of their own. */
const PARTS: readonly (readonly [list: string, word: string, name: FieldPath])[] = [
  ['listeners', 'listener', ['name']],
  ['parents', 'parent', ['parentRef', 'name']],
  ['ancestors', 'ancestor', ['ancestorRef', 'name']],
];

function conditionsOf({ body }: Resource): readonly Condition[] {
  const own = itemsAt(body, 'status', 'conditions').map(({ item, path }) => ({ item, path, of: undefined }));
  const parts = PARTS.flatMap(([list, word, name]) =>
    itemsAt(body, 'status', list).flatMap((part) =>
      itemsAt(part.item, 'conditions').map(({ item, path }) => ({
        item,
        path: [...part.path, ...path],
        of: `${word} "${stringAt(part.item, ...name) ?? ''}"`,
      })),
    ),
  );
  return [...own, ...parts];
}

function isTrouble(condition: Body, kind: Kind, watched: Watched): boolean {
  const type = stringAt(condition, 'type') ?? '';
  if (Object.hasOwn(watched, type) && stringAt(condition, 'status') === watched[type]) return true;
  // A waypoint that enforces only some of a policy's rules accepts it all the same.
  return kind === AUTHORIZATION_POLICY && type === 'WaypointAccepted' && stringAt(condition, 'reason') === 'PartiallyInvalid';
}

/** The controller has not yet seen the present form of the object. Istio writes the generation as a string. */
function isOutdated(condition: Body, { body }: Resource): boolean {
  const observed = Number(condition['observedGeneration']);
  return observed > 0 && observed < (numberAt(body, 'metadata', 'generation') ?? 0);
}

function wording(condition: Body, of: string | undefined): string {
  const type = stringAt(condition, 'type') ?? '';
  const status = stringAt(condition, 'status') ?? 'Unknown';
  const reason = stringAt(condition, 'reason') ?? '';
  const message = (stringAt(condition, 'message') ?? '').trim();
  const subject = `Condition "${type}"${of ? ` of ${of}` : ''} is "${status}"${reason ? ` (${reason})` : ''}`;
  if (!message) return `${subject}.`;
  return /[.?!]$/.test(message) ? `${subject}: ${message}` : `${subject}: ${message}.`;
}

import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { has, itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging, under } from './_flaws.ts';

export const retriesValid: Rule = {
  meta: {
    id: 'istio-validation/retries-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'Retries have attempts, and conditions that Envoy knows.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - retries: { attempts: 3, retryOn: "connect-failure, 503" }
      route:
        - destination: { host: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - retries: { attempts: 3, retryOn: "connect-failure,503", perTryTimeout: 2s }
      route:
        - destination: { host: reviews }
`,
  },
  check: judging(VIRTUAL_SERVICE, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { item, path } of itemsAt(body, 'spec', 'http')) yield* under([...path, 'retries'], ofRetries(objectAt(item, 'retries')));
}

function* ofRetries(retries: Body): Iterable<Flaw> {
  const attempts = numberAt(retries, 'attempts') ?? 0;
  if (attempts < 0)
    yield {
      path: ['attempts'],
      message: `Field attempts is ${attempts}, and must not be negative.`,
      fix: 'Write 0 to switch retries off, or a number above.',
    };
  const pointless = ['perTryTimeout', 'retryOn', 'retryRemoteLocalities'].find(
    (field) => has(retries, field) && retries[field] !== null && retries[field] !== '',
  );
  if (attempts === 0 && pointless) {
    yield {
      path: [pointless],
      part: 'key',
      message: `Field ${pointless} has no meaning, because attempts is ${has(retries, 'attempts') ? '0' : 'missing, which counts as 0'}: retries are off.`,
      fix: 'Set attempts, or remove the other fields.',
    };
  }
  for (const condition of (stringAt(retries, 'retryOn') || undefined)?.split(',') ?? []) {
    if (CONDITIONS.has(condition) || isStatus(condition)) continue;
    const trimmed = condition.trim();
    const isBlank = CONDITIONS.has(trimmed) || isStatus(trimmed);
    yield {
      path: ['retryOn'],
      message: `"${condition}" is not a condition of retries${isBlank ? ': it must not have blanks around it' : ''}.`,
      fix: isBlank
        ? 'Separate the conditions by commas alone.'
        : 'Write conditions of Envoy, such as "connect-failure", or statuses, separated by commas.',
    };
  }
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on */
const CONDITIONS: ReadonlySet<string> = new Set([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
]);

/** Statuses that have a name, from the first to the last of a range. */
const STATUSES: readonly (readonly [first: number, last: number])[] = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
];

function isStatus(text: string): boolean {
  return /^[+-]?\d+$/.test(text) && STATUSES.some(([first, last]) => Number(text) >= first && Number(text) <= last);
}

import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { has, itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { GRPC_CODES } from '../../text/grpc-codes.ts';
import { type Flaw, isSet, judging, under } from './_flaws.ts';
import { statusFlaws } from './_statuses.ts';

export const faultValid: Rule = {
  meta: {
    id: 'istio-validation/fault-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'Injected faults have a share, a delay and a status that Envoy can produce.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - fault:
        abort: { httpStatus: 50, percentage: { value: 10 } }
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
    - fault:
        abort: { httpStatus: 503, percentage: { value: 10 } }
        delay: { fixedDelay: 5s, percentage: { value: 0.5 } }
      route:
        - destination: { host: reviews }
`,
  },
  check: judging(VIRTUAL_SERVICE, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { item, path } of itemsAt(body, 'spec', 'http')) {
    if (!isSet(item, 'fault')) continue;
    const place = [...path, 'fault'];
    const fault = objectAt(item, 'fault');
    if (!isSet(fault, 'abort') && !isSet(fault, 'delay')) {
      yield { path: place, part: 'key', message: 'The fault has neither abort nor delay.', fix: 'Add one of them, or remove fault.' };
    }
    yield* under([...place, 'abort'], ofAbort(objectAt(fault, 'abort')));
    yield* under([...place, 'delay'], ofDelay(objectAt(fault, 'delay')));
  }
}

function* ofAbort(abort: Body): Iterable<Flaw> {
  yield* shareFlaws(abort);
  if (has(abort, 'http2Error')) {
    yield { path: ['http2Error'], part: 'key', message: 'Istio cannot abort with http2Error.', fix: 'Use httpStatus or grpcStatus.' };
  }
  yield* statusFlaws(abort, 'httpStatus');
  const grpc = stringAt(abort, 'grpcStatus');
  if (grpc !== undefined && !GRPC_CODES.includes(grpc)) {
    yield {
      path: ['grpcStatus'],
      message: `"${grpc}" is not a status of gRPC.`,
      fix: 'Write its name in capitals, such as "UNAVAILABLE".',
    };
  }
}

function* ofDelay(delay: Body): Iterable<Flaw> {
  yield* shareFlaws(delay);
  if (has(delay, 'exponentialDelay')) {
    yield { path: ['exponentialDelay'], part: 'key', message: 'Istio cannot delay by exponentialDelay.', fix: 'Use fixedDelay.' };
  }
}

/** Envoy counts in millionths, so that smaller shares would be none. */
const SMALLEST = 0.0001;

function* shareFlaws(owner: Body): Iterable<Flaw> {
  const share = numberAt(owner, 'percentage', 'value');
  if (share === undefined || share === 0 || (share >= SMALLEST && share <= 100)) return;
  yield {
    path: ['percentage', 'value'],
    message: `Percentage ${share} is neither 0 nor between ${SMALLEST} and 100.`,
    fix: 'Write a share of 100, such as 0.1 for one request of a thousand.',
  };
}

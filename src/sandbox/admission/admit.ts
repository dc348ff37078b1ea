/**
 * Admission: the webhooks that the store's configurations name are called over HTTPS, in the pods that serve them, as
 * the API server does it. Mend or delete a configuration with kubectl, and new objects fare accordingly.
 * matchConditions are not evaluated: they are CEL, and a webhook that has some is called as if it had none.
 */
import type { Backend } from '../api/backend.ts';
import { ApiProblem } from '../api/status.ts';
import type { ServedType } from '../kinds/served-type.ts';
import { isSame, type KubeObject } from '../store/object.ts';
import { CallFailure, callWebhook } from './webhook-call.ts';
import { MUTATING, VALIDATING, type Webhook, webhooksFor } from './webhook-match.ts';

export interface AdmissionRequest {
  readonly type: ServedType;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Undefined for a delete. */
  readonly object: KubeObject | undefined;
  readonly previous: KubeObject | undefined;
  readonly dryRun: boolean;
  readonly user: { readonly username: string; readonly groups: readonly string[] };
}

/** Whether any webhook is to be asked; without one, nothing has to be waited for. */
export function isAdmissionNeeded(backend: Backend, request: AdmissionRequest): boolean {
  return [MUTATING, VALIDATING].some((kind) => webhooksFor(backend, kind, request).length > 0);
}

/**
 * What mutating webhooks make of an object, with defaults filled in after them, once validating ones have agreed.
 * @param complete fills in defaults and checks the object, before it is shown to validating webhooks
 * @throws ApiProblem when a webhook refuses it, or fails and must not
 */
export async function admit(
  backend: Backend,
  request: AdmissionRequest,
  warnings: string[],
  complete: (object: KubeObject) => KubeObject = (object) => object,
): Promise<KubeObject | undefined> {
  const mutated = await mutate(backend, request, warnings);
  const object = mutated && complete(mutated);
  await validate(backend, { ...request, object }, warnings);
  return object;
}

/** During set-up nothing runs that could be asked: the scenario says what its webhooks made of a pod. */
export function admitBefore(backend: Backend, request: AdmissionRequest & { readonly object: KubeObject }): KubeObject {
  const { before } = backend.options;
  if (!before) return request.object;
  return webhooksFor(backend, MUTATING, request).reduce((pod, { name }) => before(pod, name), request.object);
}

async function mutate(backend: Backend, request: AdmissionRequest, warnings: string[]): Promise<KubeObject | undefined> {
  let { object } = request;
  const results = new Map<string, KubeObject | undefined>();
  for (const isSecondRound of [false, true]) {
    const seen = new Set<string>();
    const next = (): Webhook | undefined => webhooksFor(backend, MUTATING, { ...request, object }).find((each) => !seen.has(keyOf(each)));
    // Asked anew after each: a change of labels may bring the object into the selection of the next webhook.
    for (let webhook = next(); webhook; webhook = next()) {
      const key = keyOf(webhook);
      seen.add(key);
      const isDue = !isSecondRound || (webhook.entry['reinvocationPolicy'] === 'IfNeeded' && !isSame(results.get(key), object));
      if (!isDue || (isSecondRound && !results.has(key))) continue;
      object = await asked(backend, webhook, { ...request, object }, warnings);
      results.set(key, object);
    }
  }
  return object;
}

const keyOf = ({ configuration, name }: Webhook): string => `${configuration}/${name}`;

async function validate(backend: Backend, request: AdmissionRequest, warnings: string[]): Promise<void> {
  const asking = webhooksFor(backend, VALIDATING, request).map((webhook) => asked(backend, webhook, request, warnings));
  const results = await Promise.allSettled(asking);
  const refused = results.find((result) => result.status === 'rejected');
  if (refused) throw refused.reason;
}

async function asked(backend: Backend, webhook: Webhook, request: AdmissionRequest, warnings: string[]): Promise<KubeObject | undefined> {
  const { entry, name } = webhook;
  if (request.dryRun && entry['sideEffects'] !== 'None' && entry['sideEffects'] !== 'NoneOnDryRun')
    throw new ApiProblem('BadRequest', `admission webhook "${name}" does not support dry run`);
  try {
    const answer = await callWebhook(backend, webhook, request);
    warnings.push(...answer.warnings);
    return answer.object;
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    if (entry['failurePolicy'] === 'Ignore') return request.object;
    throw new ApiProblem('InternalError', `Internal error occurred: ${error.message}`);
  }
}

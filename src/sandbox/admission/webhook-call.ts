/** One call of one webhook: an AdmissionReview there and back. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { at, booleanAt, isBody, listAt, numberAt, stringAt } from '../../model/body.ts';
import { applyJsonPatch } from '../../text/json-patch.ts';
import type { Backend } from '../api/backend.ts';
import { ApiProblem } from '../api/status.ts';
import type { ServedType } from '../kinds/served-type.ts';
import { DialProblem } from '../pods/dial.ts';
import { requestService } from '../pods/service-request.ts';
import type { Fields, KubeObject } from '../store/object.ts';
import type { AdmissionRequest } from './admit.ts';
import { inVersion, serviceOf, type Webhook } from './webhook-match.ts';

/** The call failed, which is judged by the webhook's failurePolicy. */
export class CallFailure extends Error {}

export interface Answer {
  /** What the webhook wants the object to be; the object as it was sent when it wants no change. */
  readonly object: KubeObject | undefined;
  readonly warnings: readonly string[];
}

/**
 * @throws CallFailure when the webhook cannot be asked or answers nonsense
 * @throws ApiProblem when it refuses the request
 */
export async function callWebhook(backend: Backend, webhook: Webhook, request: AdmissionRequest): Promise<Answer> {
  const uid = randomUUID();
  const sent = inVersion(request.object, webhook.type);
  const review = await ask(backend, webhook, {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: requestOf(request, webhook.type, uid, sent),
  });
  const response = at(review, ['response']);
  if (stringAt(review, 'apiVersion') !== 'admission.k8s.io/v1' || stringAt(review, 'kind') !== 'AdmissionReview') {
    const [version = '', group = ''] = (stringAt(review, 'apiVersion') ?? '').split('/').reverse();
    throw failure(
      webhook,
      `received invalid webhook response: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${group}/${version}, Kind=${stringAt(review, 'kind') ?? ''}`,
    );
  }
  if (!isBody(response)) throw failure(webhook, 'webhook response was absent');
  if (response['uid'] !== uid)
    throw failure(webhook, `received invalid webhook response: expected response.uid="${uid}", got "${String(response['uid'] ?? '')}"`);
  if (booleanAt(response, 'allowed') !== true) throw denial(webhook, response);
  const warnings = listAt(response, 'warnings').map(String);
  return { object: patched(webhook, request.object, sent, response), warnings };
}

function patched(webhook: Webhook, object: KubeObject | undefined, sent: KubeObject | null, response: Fields): KubeObject | undefined {
  const patch = stringAt(response, 'patch') ?? '';
  if (patch === '' || !object || !sent) return object;
  if (response['patchType'] !== 'JSONPatch')
    throw failure(webhook, 'received invalid webhook response: webhook returned response.patch but not response.patchType');
  try {
    const changed = applyJsonPatch(sent, JSON.parse(Buffer.from(patch, 'base64').toString()));
    if (!isBody(changed) || !isBody(changed['metadata'])) throw new TypeError('the patched object has no metadata');
    // What an object is called and what it is are not for webhooks to change.
    const { apiVersion, kind, metadata } = object;
    const { name, namespace, uid } = metadata;
    const identity = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
    return { ...changed, apiVersion, kind, metadata: { ...changed['metadata'], ...identity } };
  } catch (error) {
    throw new ApiProblem('InternalError', `Internal error occurred: ${(error as Error).message}`);
  }
}

const failure = ({ name }: Webhook, why: string): CallFailure => new CallFailure(`failed calling webhook "${name}": ${why}`);

function denial({ name }: Webhook, response: Fields): ApiProblem {
  const denied = `admission webhook "${name}" denied the request`;
  const [message, reason] = [stringAt(response, 'status', 'message') ?? '', stringAt(response, 'status', 'reason') ?? ''];
  const words = message || reason;
  return ApiProblem.of(
    Math.max(400, numberAt(response, 'status', 'code') ?? 400),
    reason,
    words === '' ? `${denied} without explanation` : `${denied}: ${words}`,
  );
}

async function ask(backend: Backend, webhook: Webhook, review: object): Promise<unknown> {
  const { entry, name } = webhook;
  const seconds = numberAt(entry, 'timeoutSeconds') ?? 10;
  const service = serviceOf(entry);
  if (!service) {
    const url = stringAt(entry, 'clientConfig', 'url') ?? '';
    throw failure(
      webhook,
      `failed to call webhook: Post "${url}": the sandbox calls webhooks by clientConfig.service only, because it contacts nothing outside itself`,
    );
  }
  const url = `https://${service.name}.${service.namespace}.svc:${service.port}${service.path}?timeout=${seconds}s`;
  const unreachable = (why: string): CallFailure => failure(webhook, `failed to call webhook: Post "${url}": ${why}`);
  const authorities = Buffer.from(stringAt(entry, 'clientConfig', 'caBundle') ?? '', 'base64').toString();
  if (authorities !== '' && !authorities.includes('-----BEGIN CERTIFICATE-----'))
    throw new CallFailure(
      `failed calling webhook "${name}": could not get REST client: unable to load root certificates: unable to parse bytes as PEM block`,
    );
  const limit = new AbortController();
  const cancel = backend.after(seconds * 1000, () => limit.abort());
  try {
    const body = Buffer.from(JSON.stringify(review));
    const headers = { 'content-type': 'application/json', accept: 'application/json', 'content-length': body.length };
    const { sent, answer } = requestService(
      backend,
      service,
      { authorities },
      {
        method: 'POST',
        path: `${service.path}?timeout=${seconds}s`,
        headers,
        signal: AbortSignal.any([limit.signal, backend.closing]),
      },
    );
    sent.end(body);
    const message = await answer;
    const text = await textOf(message);
    if (message.statusCode !== 200) throw failure(webhook, `failed to call webhook: ${rejection(message.statusCode ?? 0, text)}`);
    return parsed(text);
  } catch (error) {
    if (error instanceof CallFailure) throw error;
    throw unreachable(limit.signal.aborted ? 'context deadline exceeded' : error instanceof DialProblem ? error.message : 'EOF');
  } finally {
    cancel();
  }
}

/** What Kubernetes' client says of a status that brings no Status object with it. */
function rejection(code: number, text: string): string {
  if (code === 404) return 'the server could not find the requested resource';
  if (code >= 500) return `an error on the server (${JSON.stringify(text.trim())}) has prevented the request from succeeding`;
  return 'the server rejected our request for an unknown reason';
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of message) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

function requestOf(request: AdmissionRequest, type: ServedType, uid: string, sent: KubeObject | null): object {
  const { object, previous, operation, subresource, user, dryRun } = request;
  const kindOf = ({ group, version, kind }: ServedType): object => ({ group, version, kind });
  const resourceOf = ({ group, version, plural }: ServedType): object => ({ group, version, resource: plural });
  const { name, namespace } = (object ?? previous)?.metadata ?? {};
  return {
    uid,
    kind: kindOf(type),
    resource: resourceOf(type),
    ...(subresource === '' ? {} : { subResource: subresource, requestSubResource: subresource }),
    requestKind: kindOf(request.type),
    requestResource: resourceOf(request.type),
    name,
    ...(namespace === undefined ? {} : { namespace }),
    operation,
    userInfo: user,
    object: sent,
    oldObject: inVersion(previous, type),
    dryRun,
    options: { kind: OPTIONS[operation], apiVersion: 'meta.k8s.io/v1' },
  };
}

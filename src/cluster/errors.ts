/**
 * Whatever goes wrong between meshctl and an API server, in words: what was asked of which server,
 * what came of it, what to do. Nothing of a header, a token or a stack gets through here.
 */
import { EXIT, MeshctlError } from '../errors.ts';
import { listAt, stringAt } from '../model/body.ts';

/** What a request is about. */
export interface About {
  /** As RBAC calls it: `list`, `get`, `patch`. */
  readonly verb: string;
  /** As messages call it: `VirtualServices`, `Pod shop/reviews`. */
  readonly what: string;
  /** As RBAC calls it: `virtualservices.networking.istio.io`, `pods/log`. */
  readonly resource?: string | undefined;
  /** Undefined: all namespaces, or none. */
  readonly namespace?: string | undefined;
  /** Namespace of the one object that `what` already names in full. */
  readonly within?: string | undefined;
}

export interface Place {
  readonly context: string;
  readonly server: string;
  readonly user: string;
  /** Texts that must never be printed. */
  readonly secrets: readonly string[];
}

/** Replaces what is or looks like a credential. */
export function redact(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.length >= 4).reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
  return known
    .replace(/\beyJ[\w-]+\.[\w.-]+/g, '[redacted]')
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, '$1 [redacted]')
    .replace(/\b((?:access_|id_|refresh_)?token|password|secret)("?\s*[=:]\s*"?)[^\s"&,]{4,}/gi, '$1$2[redacted]')
    .replace(/-----BEGIN [\s\S]*?(?:-----END [^-]*-----|$)/g, '[redacted]');
}

/** The first lines of a foreign text, short and clean. */
export function excerpt(text: string, secrets: readonly string[]): string {
  const clean = redact(text, secrets).replace(/\s+/g, ' ').trim();
  return clean.length > 300 ? `${clean.slice(0, 300)}…` : clean;
}

/** `Cannot list Pods: the connection was refused (context "kind-dev", server https://127.0.0.1:6443).` */
export function failure(
  code: string,
  about: About,
  place: Place,
  reason: string,
  more: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
): MeshctlError {
  const where = about.namespace === undefined ? '' : ` in namespace "${about.namespace}"`;
  const message = `Cannot ${about.verb} ${about.what}${where}: ${reason} (context "${place.context}", server ${place.server}).`;
  // The cause is for debuggers only, and still must not carry headers.
  return new MeshctlError(code, message, { ...more, exit: EXIT.unreachable });
}

/** The answer of an API server that is no success. */
export function statusFailure(status: number, body: unknown, about: About, place: Place): MeshctlError {
  const said = excerpt(stringAt(body, 'message') ?? '', place.secrets);
  const quoted = said === '' ? '' : `: ${said.replace(/\.$/, '')}`;
  const fail = (code: string, reason: string, hint?: string): MeshctlError => failure(code, about, place, reason, { hint });
  switch (status) {
    case 401:
      return fail(
        'E_CLUSTER_UNAUTHORIZED',
        `the server does not accept the credentials of user "${place.user}"`,
        'Log in again, or choose another context with --context.',
      );
    case 403:
      return forbidden(said, about, place);
    case 404:
      return about.resource !== undefined && stringAt(body, 'details', 'name') === undefined
        ? notServed(about, place)
        : fail('E_CLUSTER_NOT_FOUND', `it does not exist${quoted}`);
    case 409:
      return conflict(body, quoted, about, place);
    case 410:
      return fail('E_CLUSTER_EXPIRED', 'what was read changed meanwhile', 'Try again.');
    case 400:
    case 415:
    case 422:
      return fail('E_CLUSTER_INVALID', `the server refuses it${quoted}`);
    case 408:
    case 504:
      return fail('E_CLUSTER_TIMEOUT', `the server gave up waiting${quoted}`, TIMEOUT_HINT);
    case 429:
      return fail('E_CLUSTER_FAILED', 'the server is too busy, even after several tries', 'Try again in a while.');
    default:
      // Neither credentials nor questions are sent on to wherever a server points.
      if (status < 400) return fail('E_CLUSTER_FAILED', `the server sends meshctl elsewhere (${status})`, ELSEWHERE_HINT);
      return fail('E_CLUSTER_FAILED', `the server answered with ${status}${quoted}`);
  }
}

/** Something on the way answered for the server. */
export function webPage(status: number, about: About, place: Place): MeshctlError {
  return failure('E_CLUSTER_FAILED', about, place, `a web page came instead of an answer (${status})`, { hint: ELSEWHERE_HINT });
}

/** A success that says nothing that was asked for. */
export function strangeAnswer(wanted: string, about: About, place: Place): MeshctlError {
  return failure('E_CLUSTER_FAILED', about, place, `the answer is no ${wanted}`, { hint: ELSEWHERE_HINT });
}

function forbidden(said: string, about: About, place: Place): MeshctlError {
  if (about.resource === undefined) return failure('E_CLUSTER_FORBIDDEN', about, place, `permission is missing: ${said}`);
  const namespace = about.namespace ?? about.within;
  const scope = namespace === undefined ? '--all-namespaces' : `-n ${namespace}`;
  // A policy or a webhook may forbid what RBAC allows; its own words are the reason then.
  const byPolicy = said !== '' && !/cannot \w+ resource/.test(said);
  const reason = byPolicy ? said : `user "${place.user}" lacks the permission "${about.verb}" on "${about.resource}"`;
  return failure('E_CLUSTER_FORBIDDEN', about, place, reason, {
    hint: byPolicy
      ? undefined
      : `Ask for it, or see with: kubectl auth can-i ${about.verb} ${about.resource} ${scope} --context ${place.context}`,
  });
}

export function notServed(about: About, place: Place): MeshctlError {
  return failure('E_CLUSTER_NOT_SERVED', about, place, 'the server does not know this kind', {
    hint: about.resource?.includes('.') ? `Its CustomResourceDefinition "${about.resource}" is not installed.` : undefined,
  });
}

/** @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts */
function conflict(body: unknown, quoted: string, about: About, place: Place): MeshctlError {
  const owners = new Map<string, string[]>();
  for (const cause of listAt(body, 'details', 'causes')) {
    if (stringAt(cause, 'reason') !== 'FieldManagerConflict') continue;
    const manager = /conflict with "([^"]*)"/.exec(stringAt(cause, 'message') ?? '')?.[1] ?? 'another manager';
    owners.set(manager, [...(owners.get(manager) ?? []), stringAt(cause, 'field') ?? '?']);
  }
  if (owners.size === 0)
    return failure('E_CLUSTER_CONFLICT', about, place, `it was changed by somebody else${quoted}`, { hint: 'Try again.' });
  const claims = [...owners].map(
    ([manager, fields]) => `"${manager}" owns ${fields.slice(0, 8).join(', ')}${fields.length > 8 ? ', …' : ''}`,
  );
  return failure('E_CLUSTER_CONFLICT', about, place, `other field managers own fields of it: ${claims.join('; ')}`, {
    hint: 'Leave these fields to their managers, or take them over with --force-conflicts.',
  });
}

export const ELSEWHERE_HINT = 'Is this the address of a Kubernetes API server? A login page or a proxy may be in the way.';

const PROXY_HINT = 'Check proxy-url in the kubeconfig, HTTPS_PROXY and NO_PROXY.';

const TIMEOUT_HINT = 'Allow more with --request-timeout, such as --request-timeout 2m.';

/** A row of reasons: the code of Node or undici, what it means, what to do. */
const TRANSPORT: readonly (readonly [code: RegExp, reason: string, hint?: string])[] = [
  [/^ECONNREFUSED$/, 'the connection was refused', 'Is the cluster running, and does the kubeconfig name the right address and port?'],
  [/^(ENOTFOUND|EAI_\w+)$/, 'the name of the server cannot be resolved', 'Check the address in the kubeconfig, the network and the VPN.'],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN)$/, 'there is no route to the server', 'Check the network and the VPN.'],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT\w*)$/,
    'its certificate is signed by an authority that is not known',
    'Put the certificate of the authority into the kubeconfig as certificate-authority-data. A proxy that reads TLS may be in the way.',
  ],
  [
    /^CERT_HAS_EXPIRED$/,
    "the server's certificate has expired",
    'Renew the certificate of the API server, or check the clock of this machine.',
  ],
  [/^CERT_NOT_YET_VALID$/, "the server's certificate is not valid yet", 'Check the clock of this machine.'],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    "the server's certificate is for another name",
    'Correct the address in the kubeconfig, or set tls-server-name.',
  ],
  [/^ERR_SSL_\w*ALERT_CERTIFICATE_EXPIRED$/, 'the server refuses the client certificate: it has expired', 'Get a new kubeconfig.'],
  [
    /^ERR_SSL_\w*(ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+|HANDSHAKE_FAILURE)|CERTIFICATE_REQUIRED)$/,
    'the server refuses the client certificate',
    'Get a new kubeconfig, or choose another context with --context.',
  ],
  [
    /^ERR_(SSL_WRONG_VERSION_NUMBER|SSL_PACKET_LENGTH_TOO_LONG)$|^EPROTO$/,
    'it does not speak TLS',
    'Does the kubeconfig say https:// where the server speaks http?',
  ],
  [/^ERR_(OSSL|SSL|CRYPTO)_\w+$/, 'a certificate or key of the kubeconfig cannot be used', 'Get a new kubeconfig.'],
  [/^UND_ERR_BODY_TIMEOUT$/, 'the server fell silent', 'Check the network and the VPN.'],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'the server does not answer', 'Check the address in the kubeconfig, the network and the VPN.'],
  [
    /^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|HPE_\w+|UND_ERR_RES_\w+)$/,
    'the connection was lost',
    'Is the cluster running? Try again.',
  ],
];

export function codeOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown };
  return typeof code === 'string' ? code : cause ? codeOf(cause) : '';
}

/** The proxy on the way is at fault, not the server. The message is a clause without secrets. */
export class ProxyProblem extends Error {}

/** A connection that did not come about, or broke. */
export function transportFailure(error: unknown, about: About, place: Place): MeshctlError {
  if (error instanceof MeshctlError) return error;
  const hint = error instanceof ProxyProblem ? PROXY_HINT : rowFor(error)?.[2];
  return failure('E_CLUSTER_UNREACHABLE', about, place, transportReason(error, place.secrets), { hint });
}

/** The same as a clause. */
export function transportReason(error: unknown, secrets: readonly string[]): string {
  if (error instanceof ProxyProblem) return error.message;
  const said = error instanceof Error ? excerpt(error.message, secrets).replace(/\.$/, '') : '';
  return rowFor(error)?.[1] ?? `the connection failed: ${said || codeOf(error)}`;
}

function rowFor(error: unknown): (typeof TRANSPORT)[number] | undefined {
  const code = codeOf(error);
  return TRANSPORT.find(([pattern]) => pattern.test(code));
}

/** @param from who did not answer, when it is not the server */
export function timeoutFailure(ms: number, about: About, place: Place, from?: string): MeshctlError {
  const time = ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
  return failure('E_CLUSTER_TIMEOUT', about, place, `no answer${from ? ` from ${from}` : ''} within ${time}`, { hint: TIMEOUT_HINT });
}

/** What goes wrong on the way to a chart, in words that name the address without login and query. */
import { EXIT, MeshctlError } from '../errors.ts';

/** Logins and tokens stand in the parts that are left out. */
export const shownUrl = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`;

/** @param reason a clause */
export function unreachable(url: URL, reason: string, hint: string, cause?: unknown): MeshctlError {
  // The cause may carry headers, so that only its kind is kept.
  const kept = cause === undefined ? undefined : new Error(String((cause as { readonly code?: unknown }).code ?? 'unknown'));
  return new MeshctlError('E_CHART_UNREACHABLE', `"${shownUrl(url)}" cannot be read: ${reason}.`, {
    hint,
    exit: EXIT.unreachable,
    ...(kept && { cause: kept }),
  });
}

/** An answer that is no success. */
export function refused(url: URL, status: number, hint: string): MeshctlError {
  const login = status === 401 || status === 403;
  const reason = login ? `the server asks for another login (${status})` : `the server answered with ${status}`;
  return unreachable(url, reason, login ? LOGIN_HINT : hint);
}

export const LOGIN_HINT =
  'Pass --username and --password, or log in with "helm registry login" or "docker login" where the chart comes from a registry.';

export const notFound = (message: string, hint?: string): MeshctlError => new MeshctlError('E_CHART_NOT_FOUND', message, { hint });

/** An answer that says something else than was asked for. */
export const strange = (message: string, hint?: string): MeshctlError => new MeshctlError('E_CHART_SOURCE', message, { hint });

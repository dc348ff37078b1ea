/** Errors as Kubernetes words them: a `Status` object that kubectl prints as its own. */
import type { Cause } from '../kinds/schema.ts';
import { resourceName, type ServedType } from '../kinds/served-type.ts';

const CODES = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
} as const;

type Reason = keyof typeof CODES;

interface Details {
  readonly name?: string | undefined;
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly causes?: readonly Cause[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

type Named = Pick<ServedType, 'group' | 'plural'>;

export class ApiProblem extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Details;

  constructor(reason: Reason, message: string, details: Details = {}) {
    super(message);
    this.reason = reason;
    this.code = CODES[reason];
    this.details = details;
  }

  /** A problem with a code of its own, whose reason may be empty, as webhooks choose them. */
  static of(code: number, reason: string, message: string): ApiProblem {
    return Object.assign(new ApiProblem('InternalError', message), { code, reason });
  }

  toStatus(): object {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      details: this.details,
      code: this.code,
    };
  }
}

const about = (type: Named, name: string): Details => ({ name, ...(type.group === '' ? {} : { group: type.group }), kind: type.plural });

export const badRequest = (message: string): ApiProblem => new ApiProblem('BadRequest', message);

export const notFound = (type: Named, name: string): ApiProblem =>
  new ApiProblem('NotFound', `${resourceName(type)} "${name}" not found`, about(type, name));

export const noSuchPath = (): ApiProblem => new ApiProblem('NotFound', 'the server could not find the requested resource');

export const alreadyExists = (type: Named, name: string): ApiProblem =>
  new ApiProblem('AlreadyExists', `${resourceName(type)} "${name}" already exists`, about(type, name));

export const forbidden = (type: Named, name: string, why: string): ApiProblem =>
  new ApiProblem('Forbidden', `${resourceName(type)}${name === '' ? '' : ` "${name}"`} is forbidden: ${why}`, about(type, name));

export const conflict = (type: Named, name: string, why: string): ApiProblem =>
  new ApiProblem('Conflict', `Operation cannot be fulfilled on ${resourceName(type)} "${name}": ${why}`, about(type, name));

export const outdated = (type: Named, name: string): ApiProblem =>
  conflict(type, name, 'the object has been modified; please apply your changes to the latest version and try again');

export const expired = (message: string): ApiProblem => new ApiProblem('Expired', message);

export function invalid(type: Pick<ServedType, 'group' | 'kind'>, name: string, causes: readonly Cause[]): ApiProblem {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const text = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  const kind = type.group === '' ? type.kind : `${type.kind}.${type.group}`;
  return new ApiProblem('Invalid', `${kind} "${name}" is invalid: ${text}`, { name, group: type.group, kind: type.kind, causes });
}

/** The answer to a delete that is done. */
export function success(type: ServedType, name: string, uid: string | undefined): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { ...about(type, name), uid } };
}

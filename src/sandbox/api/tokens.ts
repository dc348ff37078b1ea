/** Tokens of service accounts, as TokenRequests ask for them and TokenReviews judge them: JSON Web Tokens under a key of the sandbox's own. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { numberAt, stringAt, stringsAt } from '../../model/body.ts';
import { type KubeObject, timestamp } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import { invalid } from './status.ts';

export interface Account {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface Judged extends Account {
  /** Those of the token that were asked for. */
  readonly audiences: readonly string[];
}

const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const DEFAULT_SECONDS = 3600;
const LEAST_SECONDS = 600;
const TYPE = { group: 'authentication.k8s.io', kind: 'TokenRequest' };

export class Tokens {
  readonly #key = randomBytes(32);
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** The TokenRequest with its answer. */
  issue({ metadata: { namespace = '', name, uid = '' } }: KubeObject, body: unknown): object {
    const stated = stringsAt(body, 'spec', 'audiences').map(({ value }) => value);
    const audiences = stated.length > 0 ? stated : [ISSUER];
    const seconds = numberAt(body, 'spec', 'expirationSeconds') ?? DEFAULT_SECONDS;
    if (seconds < LEAST_SECONDS) {
      const message = 'may not specify a duration less than 10 minutes';
      throw invalid(TYPE, '', [
        { reason: 'FieldValueInvalid', message: `Invalid value: ${seconds}: ${message}`, field: 'spec.expirationSeconds' },
      ]);
    }
    const now = this.#now();
    const end = now + seconds * 1000;
    const claims = {
      aud: audiences,
      exp: Math.floor(end / 1000),
      iat: Math.floor(now / 1000),
      iss: ISSUER,
      jti: randomBytes(8).toString('hex'),
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
      sub: `system:serviceaccount:${namespace}:${name}`,
    };
    const signed = `${encoded({ alg: 'HS256' })}.${encoded(claims)}`;
    return {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: timestamp(now) },
      spec: { audiences, expirationSeconds: seconds, boundObjectRef: null },
      status: { token: `${signed}.${this.#signature(signed)}`, expirationTimestamp: timestamp(end) },
    };
  }

  /** Whose token it is; undefined when it is none, has ended, is for others, or its account is gone. */
  judge(token: string, audiences: readonly string[] = [ISSUER]): Judged | undefined {
    const [head = '', body = '', signature = ''] = token.split('.');
    const [given, wanted] = [Buffer.from(signature), Buffer.from(this.#signature(`${head}.${body}`))];
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString());
    const own = new Set(stringsAt(claims, 'aud').map(({ value }) => value));
    const shared = audiences.filter((audience) => own.has(audience));
    if (shared.length === 0 || (numberAt(claims, 'exp') ?? 0) * 1000 <= this.#now()) return undefined;
    const namespace = stringAt(claims, 'kubernetes.io', 'namespace') ?? '';
    const name = stringAt(claims, 'kubernetes.io', 'serviceaccount', 'name') ?? '';
    const uid = stringAt(claims, 'kubernetes.io', 'serviceaccount', 'uid') ?? '';
    const isThere = this.#store.get('core/ServiceAccount', namespace, name)?.metadata.uid === uid;
    return isThere ? { namespace, name, uid, audiences: shared } : undefined;
  }

  #signature(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Access and identity reviews: the same predicate answers them that decides requests. */
import { objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { SandboxOptions } from '../options.ts';
import type { KubeObject } from '../store/object.ts';
import type { Backend } from './backend.ts';
import type { AccessRequest } from './request.ts';

export const USER = 'sandbox-admin';

const GROUPS = ['system:masters', 'system:authenticated'];

/** Who every request is from, as webhooks are told. */
export const ADMIN = { username: USER, groups: GROUPS };

type Judge = Pick<Backend, 'tokens' | 'token'> & Pick<SandboxOptions, 'forbid'>;

type Review = (object: KubeObject, judge: Judge) => object;

function asked(object: KubeObject): AccessRequest {
  const resource = objectAt(object, 'spec', 'resourceAttributes');
  const other = objectAt(object, 'spec', 'nonResourceAttributes');
  const text = (name: string): string => stringAt(resource, name) ?? '';
  return {
    verb: stringAt(resource, 'verb') ?? stringAt(other, 'verb') ?? '',
    group: text('group'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
    path: stringAt(other, 'path') ?? '',
  };
}

const access: Review = (object, { forbid }) => {
  const denied = forbid?.(asked(object)) ?? false;
  return denied
    ? { allowed: false, reason: 'the sandbox forbids it' }
    : { allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "sandbox-admin"' };
};

const identity: Review = (object, { tokens, token }) => {
  const given = stringAt(object, 'spec', 'token') ?? '';
  if (given === token) return { authenticated: true, user: { username: USER, groups: GROUPS } };
  const wanted = stringsAt(object, 'spec', 'audiences').map(({ value }) => value);
  const account = tokens.judge(given, wanted.length > 0 ? wanted : undefined);
  if (!account) return { authenticated: false, user: {}, error: '[invalid bearer token, token lookup failed]' };
  const { namespace, name, uid, audiences } = account;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { authenticated: true, user: { username: `system:serviceaccount:${namespace}:${name}`, uid, groups }, audiences };
};

const REVIEWS: Readonly<Record<string, Review>> = {
  SelfSubjectAccessReview: access,
  SubjectAccessReview: access,
  // A predicate cannot be listed.
  SelfSubjectRulesReview: (_object, { forbid }) => ({
    resourceRules: forbid ? [] : [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: forbid ? [] : [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: forbid !== undefined,
  }),
  SelfSubjectReview: () => ({ userInfo: { username: USER, groups: GROUPS } }),
  TokenReview: identity,
};

/** The object with its answer; undefined for kinds that are no reviews. */
export function answerReview(object: KubeObject, judge: Judge): KubeObject | undefined {
  const review = REVIEWS[object.kind];
  return review && { ...object, metadata: { ...object.metadata, creationTimestamp: null } as never, status: review(object, judge) };
}

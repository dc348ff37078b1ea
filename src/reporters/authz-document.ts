/** An AuthzReport as one document; its schema is `schemas/output/authz-report.json`. */
import type { Authorization, AuthzPolicy, AuthzRequest, AuthzRule, Condition, Verdict } from '../model/authz.ts';
import { type Resource, shortKind } from '../model/resource.ts';
import type { NotRead } from '../model/subject.ts';

export interface AuthzReport {
  readonly mesh: string;
  readonly target: Resource;
  readonly notRead: readonly NotRead[];
  readonly authorization: Authorization;
  readonly request: AuthzRequest | undefined;
}

export function authzDocument({ mesh, target, notRead, authorization, request }: AuthzReport): object {
  const { title, policies, otherwise, notes, differences, verdict } = authorization;
  return {
    apiVersion: 'meshctl.dev/v1',
    kind: 'AuthzReport',
    mesh,
    target: { kind: shortKind(target.kind), namespace: target.namespace, name: target.name },
    title,
    ...(request ? { request: requestOf(request) } : {}),
    ...(verdict ? { verdict: verdictOf(verdict) } : {}),
    policies: policies.map(policyOf),
    otherwise,
    differences,
    notes,
    notRead,
  };
}

function requestOf({ from, headers, claims, ...plain }: AuthzRequest): object {
  const { fromIp, remoteIp, port, method, path, host, sni, requestPrincipal } = plain;
  return defined({
    from: from === undefined || from === 'none' ? from : from.title,
    ...{ fromIp, remoteIp, port, method, path, host, sni },
    headers: headers.size === 0 ? undefined : Object.fromEntries([...headers].sort()),
    requestPrincipal,
    claims: claims.size === 0 ? undefined : Object.fromEntries([...claims].sort()),
  });
}

const verdictOf = ({ is, because, by, options, nearest }: Verdict): object =>
  defined({
    is,
    because,
    by: by && { ...by.policy, ...(by.rule === undefined ? {} : { rule: by.rule }) },
    dependsOn: options.length === 0 ? undefined : options,
    nearest:
      nearest.length === 0
        ? undefined
        : nearest.map(({ policy, rule, conditions }) => ({ ...policy, rule, conditions: conditions.map(conditionOf) })),
  });

const policyOf = ({ policy, action, scope, enforcedBy, isDryRun, isInProxy, remarks, rules }: AuthzPolicy): object =>
  defined({
    ...policy,
    action,
    scope,
    enforcedBy,
    dryRun: isDryRun,
    inProxy: isInProxy,
    rules: rules.map(ruleOf),
    remarks: remarks.length === 0 ? undefined : remarks,
  });

const ruleOf = ({ number, text, is, unmet }: AuthzRule): object =>
  defined({ number, text, matches: is, unmet: unmet.length === 0 ? undefined : unmet.map(conditionOf) });

const conditionOf = ({ field, is, because, options }: Condition): object =>
  defined({ field, is, because, dependsOn: options.length === 0 ? undefined : options });

const defined = (value: object): object => Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));

/** The user and the group that the proxy runs as. */
import { stringMapAt } from '../../../model/body.ts';
import type { Resource } from '../../../model/resource.ts';

const DEFAULT_ID = 1337;

/**
 * On OpenShift the last of the range that the namespace may use; elsewhere what Istio has chosen.
 * @param namespace undefined where it is not known or not asked
 * @see https://docs.redhat.com/en/documentation/openshift_container_platform/latest/html/authentication_and_authorization/managing-pod-security-policies
 */
export function proxyIds(namespace: Resource | undefined): { readonly user: number; readonly group: number } {
  const annotations = stringMapAt(namespace?.body, 'metadata', 'annotations');
  const users = annotations['openshift.io/sa.scc.uid-range'];
  const groups = annotations['openshift.io/sa.scc.supplemental-groups'] ?? users;
  return { user: lastOf(users) ?? DEFAULT_ID, group: lastOf(groups?.split(',')[0]) ?? DEFAULT_ID };
}

/** `1000620000/10000` or `1000620000-1000629999`. */
function lastOf(range: string | undefined): number | undefined {
  const [, start, separator, more] = /^(\d+)([/-])(\d+)/.exec(range ?? '') ?? [];
  if (start === undefined) return undefined;
  return separator === '-' ? Number(more) : Number(start) + Number(more) - 1;
}

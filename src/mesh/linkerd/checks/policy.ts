/** The default policy for requests that no Server is about. */
import type { Check, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { nearest } from '../../../text/nearest.ts';
import { quotedList } from '../../../text/words.ts';
import { configRef, configuredPlanes } from '../control-planes.ts';
import { ifPermitted } from '../if-permitted.ts';
import { INBOUND_POLICY, NAMESPACE, POD } from '../kinds.ts';
import { namespacesOf } from '../namespaces.ts';
import { dataPlaneProxies } from '../proxies.ts';
import { API } from './control-plane.ts';
import { type Trouble, verdict } from './verdict.ts';

const POLICIES = ['all-unauthenticated', 'all-authenticated', 'cluster-unauthenticated', 'cluster-authenticated', 'deny', 'audit'];

export const inboundPoliciesKnown: Check = {
  id: 'linkerd/inbound-policies-known',
  category: 'configuration',
  title: 'Every default inbound policy is one that Linkerd knows.',
  why: 'The injector ignores a policy that it does not know, and pods accept what the policy of the whole cluster accepts.',
  docs: 'https://linkerd.io/2/reference/authorization-policy/#default-policies',
  needs: [API],
  reads: [POD, NAMESPACE],
  run: async (facts) => {
    const annotated = [...(await namespacesOf(facts)).values(), ...(await dataPlaneProxies(facts)).map(({ pod }) => pod)];
    const troubles = [
      ...annotated.flatMap((resource) => judge(resource, resource.annotations[INBOUND_POLICY])),
      ...(await ofPlanes(facts)),
    ];
    return verdict(troubles, 'They are.', 'Default inbound policies are not known to Linkerd, and have no effect.');
  },
};

function judge(resource: Resource, policy: string | undefined): readonly Trouble[] {
  if (policy === undefined || POLICIES.includes(policy)) return [];
  const close = nearest(policy, POLICIES);
  const hint = `Set it to one of ${quotedList(POLICIES, 6)}${close ? `, perhaps "${close}"` : ''}, and restart the pods.`;
  return [{ is: 'failed', resource, detail: `Its default inbound policy is "${policy}".`, hint }];
}

/** Who reads one namespace only may not read the configuration of the control plane. */
async function ofPlanes(facts: Facts): Promise<readonly Trouble[]> {
  const judged = ((await ifPermitted(configuredPlanes(facts))) ?? []).map(async ({ plane, config }) => {
    const configMap = await facts.get(configRef(plane));
    return configMap ? judge(configMap, config.defaultInboundPolicy) : [];
  });
  return (await Promise.all(judged)).flat();
}

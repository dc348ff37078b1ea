import type { Trouble } from '../../../model/describe.ts';
import { quotedRef } from '../../../model/resource.ts';
import { policiesInListeners, policyDifferences } from '../authz/in-proxies.ts';
import { type Enforcer, policiesAt } from '../authz/policies.ts';
import { AUTHORIZATION_POLICY } from '../kinds.ts';
import type { AskedEnvoy } from './compare.ts';
import { named } from './scene.ts';

/** AuthorizationPolicies that apply and are not in the proxy, and the reverse. */
export function policyTroubles(asked: AskedEnvoy): readonly Trouble[] {
  const { pod, workload, config, resources, kind } = asked;
  // Until a service uses it, a waypoint has no place for policies.
  if (kind === 'waypoint' && !config.listeners.some(({ name }) => name === 'main_internal')) return [];
  const [gateway] = asked.gateways.filter((each) => each.kind.startsWith('gateway.networking.k8s.io/'));
  const enforcer: Enforcer =
    kind === 'waypoint'
      ? { kind, gateway: asked.waypoint, services: (asked.only ?? []).map(({ resource }) => resource) }
      : { kind, gateway, services: [] };
  const applied = policiesAt(enforcer, workload, AUTHORIZATION_POLICY, resources).map(({ policy }) => policy);
  const present = policiesInListeners(config.listeners);
  const { missing, strange } = policyDifferences(applied, present, { enforcer, workload, resources });
  return [
    ...missing.map(
      (policy): Trouble => ({
        id: 'istio/policy-missing',
        severity: 'error',
        isDifference: true,
        message: `AuthorizationPolicy ${policy.namespace}/${policy.name} applies to ${quotedRef(pod)}, but its proxy does not have it.`,
        hint: 'Requests are judged as if it were not there. Run "meshctl check --only data-plane" for whether the proxy takes what istiod sends.',
        objects: [named(policy), named(pod)],
      }),
    ),
    ...strange.map((name): Trouble => {
      const [namespace = '', own = ''] = name.split('/');
      return {
        id: 'istio/policy-gone',
        severity: 'error',
        isDifference: true,
        message: `The proxy of ${quotedRef(pod)} has AuthorizationPolicy ${name}, which is gone or does not apply to it any more.`,
        hint: 'Requests are judged by it all the same. Run "meshctl check --only data-plane" for whether the proxy takes what istiod sends.',
        objects: [{ kind: 'AuthorizationPolicy', namespace, name: own }, named(pod)],
      };
    }),
  ];
}

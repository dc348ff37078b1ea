import type { Trouble } from '../../../model/describe.ts';
import { quotedRef } from '../../../model/resource.ts';
import { policiesInListeners } from '../authz/in-proxies.ts';
import { type Enforcer, policiesAt } from '../authz/policies.ts';
import { clausesIn, isUnseen, partsOf, rulesOf } from '../authz/rule.ts';
import { AUTHORIZATION_POLICY } from '../kinds.ts';
import { handlingOfPort, servicesOf, workloadPorts } from '../workload-ports.ts';
import type { AskedEnvoy } from './compare.ts';
import { named } from './scene.ts';

/** AuthorizationPolicies that apply and are not in the proxy, and the reverse. */
export function policyTroubles(asked: AskedEnvoy): readonly Trouble[] {
  const { pod, workload, config, resources, kind } = asked;
  if (kind === 'waypoint') return [];
  const [gateway] = asked.gateways.filter((each) => each.kind.startsWith('gateway.networking.k8s.io/'));
  const enforcer: Enforcer = { kind, gateway, services: [] };
  const applied = policiesAt(enforcer, workload, AUTHORIZATION_POLICY, resources).map(({ policy }) => policy);
  const present = policiesInListeners(config.listeners);
  const names = new Set(applied.map(({ namespace, name }) => `${namespace}/${name}`));
  const missing = applied.filter((policy) => !present.has(`${policy.namespace}/${policy.name}`) && isExpected(policy, asked));
  const strange = resources.whole(AUTHORIZATION_POLICY) ? [...present].filter((name) => !names.has(name)).sort() : [];
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

/** Policies without rules leave no name behind, nor do those that audit, nor rules of HTTP where all ports are of TCP. */
function isExpected(policy: Parameters<typeof named>[0], { workload, resources, kind }: AskedEnvoy): boolean {
  const rules = rulesOf(policy.body);
  const spec = policy.body['spec'] as { readonly action?: unknown } | undefined;
  if (rules.length === 0 || spec?.action === 'AUDIT') return false;
  if (kind !== 'sidecar') return true;
  const ports = workloadPorts(workload, servicesOf(workload, resources)).filter(({ services }) => services.length > 0);
  // Without a Service there is no port with filters of its own.
  if (ports.length === 0) return false;
  if (ports.some((port) => handlingOfPort(port) !== 'TCP')) return true;
  return rules.some((rule) => !clausesIn(partsOf(rule)).some(({ attribute }) => isUnseen(attribute, 'tcp')));
}

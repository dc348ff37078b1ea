/** The AuthorizationPolicies that proxies have, to be held against those that they should have. */

import { stringAt } from '../../../model/body.ts';
import type { Facts } from '../../../model/check.ts';
import type { ListenerRow } from '../../../model/proxy-config.ts';
import { qualifiedName, type Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import type { Workload } from '../../../model/workloads.ts';
import { isReady } from '../checks/istiod.ts';
import { isZtunnel } from '../checks/proxies.ts';
import { type Asked, askEnvoy, askJson } from '../envoy-answers.ts';
import { AUTHORIZATION_POLICY, POD } from '../kinds.ts';
import { GATEWAY_NAME } from '../policy-targets.ts';
import { handlingOfPort, servicesOf, workloadPorts } from '../workload-ports.ts';
import { readZtunnelDump } from '../ztunnel.ts';
import type { Enforcer } from './policies.ts';
import { clausesIn, isUnseen, partsOf, type Reader, rulesOf } from './rule.ts';

/** Names of istiod's making, in RBAC filters: `ns[shop]-policy[cart]-rule[0]`. */
const POLICY = /ns\[([^\]]*)\]-policy\[([^\]]*)\]-rule\[\d+\]/;

/** `shop/cart` of every policy in RBAC filters, with those on trial. */
export function policiesInListeners(listeners: readonly ListenerRow[]): ReadonlySet<string> {
  const details = listeners.flatMap(({ chains }) => chains.flatMap(({ filters }) => filters.flatMap((filter) => filter.details)));
  return new Set(
    details.flatMap((detail) => {
      const [, namespace, name] = POLICY.exec(detail) ?? [];
      return namespace === undefined ? [] : [`${namespace}/${name}`];
    }),
  );
}

/** The pod of the proxy that enforces. Undefined where none is known, as in files. */
export function podOf(enforcer: Enforcer, workload: Workload, resources: ResourceSet): Resource | undefined {
  if (!workload.isPod) return undefined;
  if (enforcer.kind === 'ztunnel') {
    const node = stringAt(workload.podSpec, 'nodeName');
    return resources.all(POD).find((pod) => isZtunnel(pod) && stringAt(pod.body, 'spec', 'nodeName') === node);
  }
  const { gateway } = enforcer;
  if (!gateway || workload.labels[GATEWAY_NAME] === gateway.name) return workload.resource;
  const own = resources.selectedBy({ [GATEWAY_NAME]: gateway.name }, POD, gateway.namespace);
  return own.find(isReady) ?? own[0];
}

/** `shop/cart` of every policy that the proxy of the pod has. A ztunnel has those of all workloads of its node, and more. */
export async function policiesOf(enforcer: Enforcer, pod: Resource, facts: Facts): Promise<Asked<ReadonlySet<string>>> {
  if (enforcer.kind !== 'ztunnel') {
    const asked = await askEnvoy(pod, facts);
    if (asked.is === 'silent') return asked;
    const { listeners } = asked.value;
    // Until a service uses it, a waypoint has no place for policies.
    if (enforcer.kind === 'waypoint' && !listeners.some(({ name }) => name === 'main_internal')) {
      return {
        is: 'silent',
        because: `Waypoint "${qualifiedName(pod)}" shows no listener "main_internal", where policies of services would be.`,
      };
    }
    return { is: 'told', value: policiesInListeners(listeners) };
  }
  const asked = await askJson(pod, 15_000, '/config_dump', facts);
  if (asked.is === 'silent') return asked;
  const dump = readZtunnelDump(asked.value);
  if (!dump) return { is: 'silent', because: `Pod "${qualifiedName(pod)}" tells nothing that a ztunnel would.` };
  return { is: 'told', value: new Set(dump.policies.map(({ namespace, name }) => `${namespace}/${name}`)) };
}

interface Compared {
  readonly enforcer: Enforcer;
  readonly workload: Workload;
  readonly resources: ResourceSet;
}

/** @param present `shop/cart` of every policy that the proxy has */
export function policyDifferences(
  applied: readonly Resource[],
  present: ReadonlySet<string>,
  { enforcer, workload, resources }: Compared,
): { readonly missing: readonly Resource[]; readonly strange: readonly string[] } {
  const names = new Set(applied.map(({ namespace, name }) => `${namespace}/${name}`));
  // A ztunnel holds the policies of its whole node, a waypoint those of all its services.
  const isOwn = enforcer.kind === 'sidecar' || enforcer.kind === 'gateway';
  return {
    missing: applied.filter(
      (policy) => !present.has(`${policy.namespace}/${policy.name}`) && leavesTrace(policy, enforcer.kind, workload, resources),
    ),
    strange: isOwn && resources.whole(AUTHORIZATION_POLICY) ? [...present].filter((name) => !names.has(name)).sort() : [],
  };
}

/** Policies without rules leave no name behind, nor do those that audit, nor rules by what the proxy does not see. */
function leavesTrace({ body }: Resource, kind: Enforcer['kind'], workload: Workload, resources: ResourceSet): boolean {
  const rules = rulesOf(body);
  const action = stringAt(body, 'spec', 'action') ?? 'ALLOW';
  if (action === 'AUDIT' || (kind === 'ztunnel' && action === 'CUSTOM')) return false;
  const seenBy = (reader: Reader): boolean =>
    rules.some((rule) => {
      const clauses = clausesIn(partsOf(rule));
      return clauses.length === 0 || clauses.some(({ attribute }) => !isUnseen(attribute, reader));
    });
  if (kind === 'ztunnel') return action === 'ALLOW' || seenBy('ztunnel');
  if (rules.length === 0) return false;
  if (kind !== 'sidecar') return true;
  const ports = workloadPorts(workload, servicesOf(workload, resources)).filter(({ services }) => services.length > 0);
  // Without a Service there is no port with filters of its own.
  if (ports.length === 0) return false;
  if (ports.some((port) => handlingOfPort(port) !== 'TCP')) return true;
  return action === 'ALLOW'
    ? rules.some((rule) => !clausesIn(partsOf(rule)).some(({ attribute }) => isUnseen(attribute, 'tcp')))
    : seenBy('tcp');
}

/** What routes are attached to, and whether the policy controller has accepted that. */
import { itemsAt, numberAt, stringAt } from '../../../model/body.ts';
import type { Body, Resource } from '../../../model/resource.ts';

export interface Attached {
  readonly route: Resource;
  /** Of the parent: `Service`. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Undefined for all ports. */
  readonly port: number | undefined;
  /** Why it has no effect, as a clause; undefined when it is accepted. */
  readonly refused: string | undefined;
}

const CONTROLLER = 'linkerd.io/policy-controller';

/** Groups that a kind of parents has; core is written as `core` or not at all. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Service: ['', 'core'],
  Server: ['policy.linkerd.io'],
  EgressNetwork: ['policy.linkerd.io'],
};

/** The parents of a kind that a route names. */
export function parentsOf(route: Resource, kind: string): readonly Attached[] {
  const statuses = itemsAt(route.body, 'status', 'parents').filter(({ item }) => item['controllerName'] === CONTROLLER);
  return itemsAt(route.body, 'spec', 'parentRefs').flatMap(({ item }): readonly Attached[] => {
    if (stringAt(item, 'kind') !== kind || !GROUPS[kind]?.includes(stringAt(item, 'group') ?? 'gateway.networking.k8s.io')) return [];
    const name = stringAt(item, 'name') ?? '';
    const namespace = stringAt(item, 'namespace') ?? route.namespace;
    const status = statuses.find(
      (each) =>
        stringAt(each.item, 'parentRef', 'kind') === kind &&
        stringAt(each.item, 'parentRef', 'name') === name &&
        (stringAt(each.item, 'parentRef', 'namespace') ?? route.namespace) === namespace,
    );
    const refused = acceptance(itemsAt(status?.item, 'conditions').map((each) => each.item));
    return [{ route, kind, namespace, name, port: numberAt(item, 'port'), refused }];
  });
}

export const attachedTo = (route: Resource, kind: string, namespace: string, name: string): readonly Attached[] =>
  parentsOf(route, kind).filter((parent) => parent.namespace === namespace && parent.name === name);

/** @returns why an object has no effect, as a clause; undefined when it is accepted */
export function acceptance(conditions: readonly Body[]): string | undefined {
  const accepted = conditions.find((each) => each['type'] === 'Accepted');
  if (!accepted) return 'the policy controller has not accepted it yet';
  if (accepted['status'] === 'True') return undefined;
  return `the policy controller refuses it: ${[stringAt(accepted, 'reason'), stringAt(accepted, 'message')].filter(Boolean).join(', ')}`;
}

/** AuthorizationPolicies as istiod sends them to ztunnels: those of the fourth layer, in clauses. */
import { itemsAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { KubeObject } from '../store/object.ts';
import type { MeshView } from './view.ts';

/** Values any of which may hold, by what they are of; undefined: whatever there is. */
export type AmbientMatch = Readonly<Record<string, readonly (string | undefined)[]>>;

export interface AmbientPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly scope: 'Global' | 'Namespace' | 'WorkloadSelector';
  readonly action: 'Allow' | 'Deny';
  /** Of each rule the clauses, all of which have to hold, and of each clause the matches, one of which has to. */
  readonly rules: readonly (readonly (readonly AmbientMatch[])[])[];
  selects(pod: KubeObject): boolean;
}

/** Denies whoever shows no identity, for workloads of which mutual TLS is demanded. */
const STRICT = { namespace: 'istio-system', name: 'istio_converted_static_strict' };

const ROOT = 'istio-system';

export function ambientPolicies(view: MeshView, isStrict: (pod: KubeObject) => boolean): readonly AmbientPolicy[] {
  const strict: AmbientPolicy = {
    ...STRICT,
    ...{ scope: 'WorkloadSelector', action: 'Deny', rules: [[[{ notPrincipals: [undefined] }]]], selects: isStrict },
  };
  const own = view
    .configuration('AuthorizationPolicy')
    // What has a target is for waypoints.
    .filter(
      (policy) => itemsAt(policy, 'spec', 'targetRefs').length === 0 && Object.keys(objectAt(policy, 'spec', 'targetRef')).length === 0,
    )
    .map(converted);
  return [strict, ...own];
}

function converted(policy: KubeObject): AmbientPolicy {
  const { name, namespace = '' } = policy.metadata;
  const labels = objectAt(policy, 'spec', 'selector', 'matchLabels') as Record<string, string>;
  const hasSelector = Object.keys(labels).length > 0;
  return {
    ...{ name, namespace },
    scope: hasSelector ? 'WorkloadSelector' : namespace === ROOT ? 'Global' : 'Namespace',
    action: stringAt(policy, 'spec', 'action') === 'DENY' ? 'Deny' : 'Allow',
    rules: itemsAt(policy, 'spec', 'rules').map(({ item }) => [
      ...clause(itemsAt(item, 'from').map((from) => matchOf(from.item, 'source', SOURCE))),
      ...clause(itemsAt(item, 'to').map((to) => matchOf(to.item, 'operation', OPERATION))),
    ]),
    selects: (pod) =>
      hasSelector && (namespace === ROOT || namespace === pod.metadata.namespace) && labelsMatch(labels, pod.metadata.labels ?? {}),
  };
}

const clause = (matches: readonly AmbientMatch[]): readonly (readonly AmbientMatch[])[] => (matches.length === 0 ? [] : [matches]);

const SOURCE = ['principals', 'notPrincipals', 'namespaces', 'notNamespaces'];
const OPERATION: readonly string[] = [];

const matchOf = (item: object, part: string, fields: readonly string[]): AmbientMatch =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const values = stringsAt(item, part, field).map(({ value }) => value);
      return values.length === 0 ? [] : [[field, values]];
    }),
  );

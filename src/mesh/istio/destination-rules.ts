/**
 * The DestinationRules by which the proxies of a namespace treat a host.
 * @see https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration
 */
import { booleanAt, has, itemsAt, numberAt, objectAt, stringAt, stringMapAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
import { oldestFirst } from './age.ts';
import { fullHost, hostCovers } from './hosts.ts';
import { DESTINATION_RULE } from './kinds.ts';
import { meshConfig } from './mesh-config.ts';
import { exportScope, isVisible } from './visibility.ts';

type Labels = Readonly<Record<string, string>>;

export interface DestinationRules {
  /**
   * Those of the first namespace that has any: of the client, of the service, of the mesh's root. Within it those of the host
   * itself, or of the longest wildcard that covers it, the oldest first: istiod joins their subsets.
   * @param labels of the client, for rules that are only for some
   */
  of(host: string, serviceNamespace: string, clientNamespace: string, labels?: Labels): readonly Resource[];
}

export const destinationRules: Derivation<DestinationRules> = {
  name: 'istio destination rules by client',
  build(resources) {
    const { rootNamespace, defaultDestinationRuleExportTo } = resources.derive(meshConfig);
    const byNamespace = new Map<string, { readonly rule: Resource; readonly host: string }[]>();
    for (const rule of oldestFirst(resources.all(DESTINATION_RULE))) {
      const host = fullHost(stringAt(rule.body, 'spec', 'host') ?? '', rule.namespace, resources.settings.clusterDomain);
      if (host !== '') getOrInsert(byNamespace, rule.namespace, () => []).push({ rule, host });
    }
    return {
      of(host, serviceNamespace, clientNamespace, labels) {
        for (const namespace of new Set([clientNamespace, serviceNamespace, rootNamespace])) {
          const covering = (byNamespace.get(namespace) ?? []).filter(
            ({ rule, host: pattern }) =>
              hostCovers(pattern, host) &&
              isVisible(exportScope(rule, defaultDestinationRuleExportTo), clientNamespace) &&
              isFor(rule, namespace === clientNamespace ? labels : undefined),
          );
          const longest = Math.max(0, ...covering.map(({ host: pattern }) => pattern.length + (pattern === host ? 1 : 0)));
          const nearest = covering.filter(({ host: pattern }) => pattern.length + (pattern === host ? 1 : 0) === longest);
          if (nearest.length > 0) return nearest.map(({ rule }) => rule);
        }
        return [];
      },
    };
  },
};

/** A rule with a selector is for some clients of its own namespace. */
function isFor(rule: Resource, labels: Labels | undefined): boolean {
  const selector = stringMapAt(rule.body, 'spec', 'workloadSelector', 'matchLabels');
  return Object.keys(selector).length === 0 || (labels !== undefined && labelsMatch(selector, labels));
}

export interface ClientTls {
  /** `DISABLE`, `SIMPLE`, `MUTUAL`, `ISTIO_MUTUAL`, or `AUTO` where no rule says and proxies choose. */
  readonly mode: string;
  readonly rule: Resource | undefined;
}

/**
 * How clients encrypt what they send to a port of a host.
 * @param rules as `DestinationRules` gives them
 * @param isAuto MeshConfig lets proxies choose, as it does by default
 */
export function clientTls(rules: readonly Resource[], port: number, subset: string | undefined, isAuto = true): ClientTls {
  const policies = rules.flatMap((rule) => {
    const own = subset === undefined ? undefined : itemsAt(rule.body, 'spec', 'subsets').find(({ item }) => item['name'] === subset)?.item;
    return [own, objectAt(rule.body, 'spec')].flatMap((holder) =>
      holder && has(holder, 'trafficPolicy') ? [{ rule, policy: objectAt(holder, 'trafficPolicy') }] : [],
    );
  });
  for (const { rule, policy } of policies) {
    const mode = stringAt(portPolicy(policy, port), 'tls', 'mode') ?? stringAt(policy, 'tls', 'mode');
    if (mode !== undefined) return { mode, rule };
  }
  return { mode: isAuto ? 'AUTO' : 'DISABLE', rule: undefined };
}

const portPolicy = (policy: Body, port: number): Body | undefined =>
  itemsAt(policy, 'portLevelSettings').find(({ item }) => numberAt(item, 'port', 'number') === port)?.item;

export const isAutoMtls = (meshBody: Body): boolean => booleanAt(meshBody, 'enableAutoMtls') !== false;

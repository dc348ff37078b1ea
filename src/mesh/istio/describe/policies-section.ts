/** Policies and settings that apply to the pods, besides routing. */
import { itemsAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { Fact, Section } from '../../../model/describe.ts';
import { labelsMatch } from '../../../model/labels.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import type { Workload } from '../../../model/workloads.ts';
import { count } from '../../../text/words.ts';
import { type Applied, type Enforcer, enforcersOf, enforcerTitle, policiesAt } from '../authz/policies.ts';
import { rulesOf } from '../authz/rule.ts';
import { ruleText } from '../authz/rule-text.ts';
import { AUTHORIZATION_POLICY, ENVOY_FILTER, PROXY_CONFIG, REQUEST_AUTHENTICATION, TELEMETRY, WASM_PLUGIN } from '../kinds.ts';
import { meshConfig } from '../mesh-config.ts';
import { named, type Scene, subjectOf } from './scene.ts';

/** More rules than this are counted; `meshctl authz` lists them. */
const MOST_RULES = 4;

export function policiesSection(scene: Scene): Section {
  const { workload, services, resources } = scene;
  if (!workload) return { id: 'policies', title: 'Policies', facts: [] };
  const enforcers = enforcersOf(workload, services, resources).filter(({ kind }) => kind !== 'nobody');
  const facts = enforcers.flatMap((enforcer) => factsAt(enforcer, workload, resources));
  return {
    id: 'policies',
    title: 'Policies',
    facts: [...facts, ...filterFacts(workload, resources), ...proxyConfigFacts(workload, resources)],
  };
}

function factsAt(enforcer: Enforcer, workload: Workload, resources: ResourceSet): readonly Fact[] {
  const applied = (kind: Kind): readonly Applied[] =>
    enforcer.kind === 'ztunnel' && kind !== AUTHORIZATION_POLICY ? [] : policiesAt(enforcer, workload, kind, resources);
  const where = `at the ${enforcerTitle(enforcer)}`;
  const place = ({ scope, target }: Applied): string => (scope === 'target' ? `of ${target}` : `of the ${scope}`);
  return [
    ...applied(AUTHORIZATION_POLICY).map((each) => authorizationFact(each.policy, `${place(each)}, ${where}`)),
    ...applied(REQUEST_AUTHENTICATION).map((each) => ({
      subject: subjectOf(named(each.policy)),
      value: `tokens of ${issuersOf(each.policy).join(', ') || 'no issuer'}; ${place(each)}, ${where}`,
      from: [named(each.policy)],
    })),
    ...applied(TELEMETRY).map((each) => ({
      subject: subjectOf(named(each.policy)),
      value: `${partsOf(each.policy)}; ${place(each)}`,
      from: [named(each.policy)],
    })),
    ...applied(WASM_PLUGIN).map((each) => ({
      subject: subjectOf(named(each.policy)),
      value: `${stringAt(each.policy.body, 'spec', 'url') ?? ''}; ${place(each)}, ${where}`,
      from: [named(each.policy)],
    })),
  ];
}

function authorizationFact(policy: Resource, where: string): Fact {
  const rules = rulesOf(policy.body);
  const more = rules.length - MOST_RULES;
  return {
    subject: subjectOf(named(policy)),
    value: `${stringAt(policy.body, 'spec', 'action') ?? 'ALLOW'}, ${count(rules.length, 'rule')}; ${where}`,
    from: [named(policy)],
    details: [
      ...rules.slice(0, MOST_RULES).map((rule, index) => `rule ${index + 1}: ${ruleText(rule)}`),
      ...(more > 0 ? [`and ${more} more`] : []),
    ],
  };
}

const issuersOf = ({ body }: Resource): readonly string[] =>
  itemsAt(body, 'spec', 'jwtRules').flatMap(({ item }) => stringAt(item, 'issuer') ?? []);

const partsOf = ({ body }: Resource): string =>
  ['accessLogging', 'metrics', 'tracing'].filter((part) => itemsAt(body, 'spec', part).length > 0).join(', ') || 'nothing';

/** EnvoyFilters of the root namespace and of its own that select the pods. */
export function filtersOf(workload: Workload, resources: ResourceSet): readonly Resource[] {
  const { rootNamespace } = resources.derive(meshConfig);
  return [...new Set([rootNamespace, workload.namespace])]
    .flatMap((namespace) => resources.inNamespace(ENVOY_FILTER, namespace))
    .filter((filter) => itemsAt(filter.body, 'spec', 'targetRefs').length === 0)
    .filter((filter) => labelsMatch(stringMapAt(filter.body, 'spec', 'workloadSelector', 'labels'), workload.labels));
}

const filterFacts = (workload: Workload, resources: ResourceSet): readonly Fact[] =>
  filtersOf(workload, resources).map((filter) => {
    const patches = itemsAt(filter.body, 'spec', 'configPatches').map(
      ({ item }) => `${stringAt(item, 'patch', 'operation') ?? ''} ${stringAt(item, 'applyTo') ?? ''}`,
    );
    return { subject: subjectOf(named(filter)), value: [...new Set(patches)].join(', '), from: [named(filter)] };
  });

/** One with a selector goes before that of the namespace. */
function proxyConfigFacts(workload: Workload, resources: ResourceSet): readonly Fact[] {
  const { rootNamespace } = resources.derive(meshConfig);
  return [...new Set([rootNamespace, workload.namespace])]
    .flatMap((namespace) => resources.inNamespace(PROXY_CONFIG, namespace))
    .filter((config) => labelsMatch(stringMapAt(config.body, 'spec', 'selector', 'matchLabels'), workload.labels))
    .map((config) => ({ subject: subjectOf(named(config)), value: 'settings of the proxy', from: [named(config)] }));
}

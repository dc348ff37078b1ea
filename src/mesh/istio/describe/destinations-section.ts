/** DestinationRules for the service: subsets and settings of its clients. */
import { isBody, itemsAt, objectAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { Fact, Section } from '../../../model/describe.ts';
import { formatLabels, labelsMatch } from '../../../model/labels.ts';
import type { Body, Resource } from '../../../model/resource.ts';
import { count } from '../../../text/words.ts';
import { fullHost, hostCovers } from '../hosts.ts';
import { DESTINATION_RULE } from '../kinds.ts';
import { meshConfig } from '../mesh-config.ts';
import { named, type Scene, subjectOf } from './scene.ts';

export function destinationsSection(scene: Scene): Section {
  const { resources, entries } = scene;
  const rules = resources.all(DESTINATION_RULE).filter((rule) => {
    const host = fullHost(stringAt(rule.body, 'spec', 'host') ?? '', rule.namespace, resources.settings.clusterDomain);
    return entries.some((entry) => hostCovers(host, entry.host));
  });
  return { id: 'destination-rules', title: 'Destination rules', facts: rules.map((rule) => ruleFact(rule, scene)) };
}

function ruleFact(rule: Resource, { workloads, workload, isService, entries, resources }: Scene): Fact {
  const policy = policyText(objectAt(rule.body, 'spec', 'trafficPolicy'));
  const { rootNamespace } = resources.derive(meshConfig);
  const whose =
    rule.namespace === rootNamespace
      ? ', clients that have no nearer rule'
      : entries.some(({ namespace }) => namespace === rule.namespace)
        ? ''
        : `, clients of namespace ${rule.namespace}`;
  return {
    subject: subjectOf(named(rule)),
    value: `for ${stringAt(rule.body, 'spec', 'host') ?? '-'}${whose}${policy === '' ? '' : `: ${policy}`}`,
    from: [named(rule)],
    details: itemsAt(rule.body, 'spec', 'subsets').map(({ item }) => {
      const labels = stringMapAt(item, 'labels');
      const members = workloads.filter((each) => labelsMatch(labels, each.labels)).length;
      const isOwn = workload !== undefined && labelsMatch(labels, workload.labels);
      const extra = policyText(objectAt(item, 'trafficPolicy'));
      const who = isService ? count(members, 'pod') : isOwn ? 'these pods' : 'others';
      return `subset ${stringAt(item, 'name') ?? '-'} (${formatLabels(labels)}): ${who}${extra === '' ? '' : `; ${extra}`}`;
    }),
  };
}

/** `TLS ISTIO_MUTUAL, load balancer ROUND_ROBIN, connection pool, outlier detection`. */
function policyText(policy: Body): string {
  const tls = stringAt(policy, 'tls', 'mode');
  const simple = stringAt(policy, 'loadBalancer', 'simple');
  const ports = itemsAt(policy, 'portLevelSettings').length;
  return [
    ...(tls === undefined ? [] : [`TLS ${tls}`]),
    ...(isBody(policy['loadBalancer'])
      ? [`load balancer ${simple ?? (isBody(objectAt(policy, 'loadBalancer')['consistentHash']) ? 'by hash' : 'by locality')}`]
      : []),
    ...(isBody(policy['connectionPool']) ? ['connection pool'] : []),
    ...(isBody(policy['outlierDetection']) ? ['outlier detection'] : []),
    ...(isBody(policy['tunnel']) ? ['tunnel'] : []),
    ...(ports === 0 ? [] : [`settings of ${count(ports, 'port')}`]),
  ].join(', ');
}

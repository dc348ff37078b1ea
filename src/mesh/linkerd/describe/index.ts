/** What applies to a workload or a service of Linkerd: objects and proxy → sections and troubles. */
import type { Describe, Section } from '../../../model/describe.ts';
import type { Kind } from '../../../model/resource.ts';
import { named } from '../../describe/common.ts';
import { EGRESS_NETWORK, SERVICE_PROFILE } from '../kinds.ts';
import { AUTHZ_KINDS, differencesOf } from '../policy/index.ts';
import { observe } from './observe.ts';
import { policySection } from './policy-section.ts';
import { portsSection } from './ports-section.ts';
import { routesSection } from './routes-section.ts';
import { sceneOf } from './scene.ts';
import { mutualTlsSection, workloadSection } from './workload-section.ts';

export const DESCRIBE_KINDS: readonly Kind[] = [...AUTHZ_KINDS, SERVICE_PROFILE, EGRESS_NETWORK];

export const describe: Describe = async (subject, resources, facts) => {
  const scene = sceneOf(subject, resources);
  const observed = facts && (await observe(scene, facts));
  const workload = workloadSection(scene);
  const sections: readonly Section[] = [
    { ...workload, facts: [...workload.facts, ...(observed?.facts ?? [])] },
    ...[portsSection, routesSection, policySection, mutualTlsSection].map((section) => section(scene)),
  ];
  const differences = scene.workloads
    .filter(({ isPod }) => isPod)
    .slice(0, 1)
    .flatMap((each) =>
      differencesOf(each, resources).map((message) => ({
        id: 'linkerd/default-policy-differs',
        severity: 'warning' as const,
        isDifference: true,
        message,
        hint: 'Pods keep the policy that they were injected with: restart the workload.',
        objects: [named(each.resource)],
      })),
    );
  return {
    sections: sections.filter((section) => section.facts.length > 0),
    troubles: [...differences, ...(observed?.troubles ?? [])],
    proxies: observed?.proxies ?? [],
  };
};

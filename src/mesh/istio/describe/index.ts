/** What applies to a workload or a service of Istio: objects and proxies → sections and troubles. */
import type { Describe, Section } from '../../../model/describe.ts';
import type { Kind } from '../../../model/resource.ts';
import {
  AUTHZ_KINDS,
  ENVOY_FILTER,
  GATEWAY,
  GRPC_ROUTE,
  HTTP_ROUTE,
  PROXY_CONFIG,
  SIDECAR,
  TELEMETRY,
  VIRTUAL_SERVICE,
  WASM_PLUGIN,
  WORKLOAD_ENTRY,
} from '../kinds.ts';
import { destinationsSection } from './destinations-section.ts';
import { gatewaysSection } from './gateways-section.ts';
import { mutualTlsSection } from './mutual-tls-section.ts';
import { observe } from './observe.ts';
import { policiesSection } from './policies-section.ts';
import { portsSection } from './ports-section.ts';
import { routesSection } from './routes-section.ts';
import { sceneOf } from './scene.ts';
import { scopeSection } from './scope-section.ts';
import { workloadSection } from './workload-section.ts';

export const DESCRIBE_KINDS: readonly Kind[] = [
  ...AUTHZ_KINDS,
  VIRTUAL_SERVICE,
  GATEWAY,
  SIDECAR,
  HTTP_ROUTE,
  GRPC_ROUTE,
  ENVOY_FILTER,
  PROXY_CONFIG,
  TELEMETRY,
  WASM_PLUGIN,
  WORKLOAD_ENTRY,
];

/** What proxies are asked for here, and what rules of analysis find with more words. */
export const DESCRIBE_COVERS: readonly string[] = [
  'istio/data-plane-configuration-accepted',
  'istio/data-plane-configuration-current',
  'istio/data-plane-pods-injected',
  'istio/certificates-gateways-valid',
  'istio/certificates-workloads-valid',
];

export const describe: Describe = async (subject, resources, facts) => {
  const scene = sceneOf(subject, resources);
  const observed = facts && (await observe(scene, facts));
  const workload = workloadSection(scene);
  const sections: readonly Section[] = [
    { ...workload, facts: [...workload.facts, ...(observed?.facts ?? [])] },
    ...[portsSection, routesSection, destinationsSection, gatewaysSection, mutualTlsSection, policiesSection, scopeSection].map((section) =>
      section(scene),
    ),
  ];
  return {
    sections: sections.filter((section) => section.facts.length > 0),
    troubles: observed?.troubles ?? [],
    proxies: observed?.proxies ?? [],
  };
};

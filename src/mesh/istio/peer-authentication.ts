/**
 * The mutual TLS mode in which a workload's sidecar accepts connections: of the mesh, overridden by
 * the namespace, overridden by the workload.
 * @see https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
import { objectAt, stringAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
import { oldestFirst } from './age.ts';
import { PEER_AUTHENTICATION } from './kinds.ts';
import { meshConfig } from './mesh-config.ts';
import { selectorOf } from './workload-policies.ts';

type Labels = Readonly<Record<string, string>>;

type MutualTlsMode = 'DISABLE' | 'PERMISSIVE' | 'STRICT';

export interface MutualTls {
  readonly mode: MutualTlsMode;
  /** The object that sets the mode; undefined when no object does. */
  readonly policy: Resource | undefined;
  /** Modes of single ports where they are set apart. */
  readonly ports: ReadonlyMap<number, MutualTlsMode>;
  /** The object that sets them apart. */
  readonly portPolicy?: Resource;
}

export interface PeerAuthentications {
  /** @param labels of the workload; none for what the namespace says by itself */
  modeFor(namespace: string, labels?: Labels): MutualTls;
}

/** Undefined for `UNSET` and anything else that leaves the decision to the next wider scope. */
function modeOf(mtls: unknown): MutualTlsMode | undefined {
  const mode = stringAt(mtls, 'mode');
  return mode === 'DISABLE' || mode === 'PERMISSIVE' || mode === 'STRICT' ? mode : undefined;
}

function portsOf(policy: Resource | undefined, mode: MutualTlsMode): Pick<MutualTls, 'ports' | 'portPolicy'> {
  const ports = Object.entries(objectAt(policy?.body, 'spec', 'portLevelMtls'));
  if (!policy || ports.length === 0) return { ports: new Map() };
  return { ports: new Map(ports.map(([port, mtls]) => [Number(port), modeOf(mtls) ?? mode])), portPolicy: policy };
}

export const peerAuthentications: Derivation<PeerAuthentications> = {
  name: 'istio peer authentication',
  build(resources) {
    const { rootNamespace } = resources.derive(meshConfig);
    const defaults = new Map<string, Resource>();
    const specific = new Map<string, { readonly policy: Resource; readonly selector: Labels }[]>();
    for (const policy of oldestFirst(resources.all(PEER_AUTHENTICATION))) {
      if (Object.keys(selectorOf(policy)).length === 0) {
        if (!defaults.has(policy.namespace)) defaults.set(policy.namespace, policy);
      } else if (policy.namespace !== rootNamespace) {
        // With a selector, an object of the root namespace applies nowhere.
        getOrInsert(specific, policy.namespace, () => []).push({ policy, selector: selectorOf(policy) });
      }
    }
    // Thousands of policies ask for the same workloads, each of which carries one object of labels.
    const known = new Map<Labels, Map<string, MutualTls>>();
    const noLabels: Labels = {};
    return {
      modeFor: (namespace, labels = noLabels) =>
        getOrInsert(
          getOrInsert(known, labels, () => new Map()),
          namespace,
          () => decide(namespace, labels),
        ),
    };

    function decide(namespace: string, labels: Labels): MutualTls {
      const own = specific.get(namespace)?.find(({ selector }) => labelsMatch(selector, labels))?.policy;
      for (const policy of [own, defaults.get(namespace), defaults.get(rootNamespace)]) {
        const mode = modeOf(objectAt(policy?.body, 'spec', 'mtls'));
        if (mode) return { mode, policy, ...portsOf(own, mode) };
      }
      return { mode: 'PERMISSIVE', policy: undefined, ...portsOf(own, 'PERMISSIVE') };
    }
  },
};

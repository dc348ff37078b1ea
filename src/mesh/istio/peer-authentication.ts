/**
 * The mutual TLS mode in which a workload's sidecar accepts connections: of the mesh, overridden by
 * the namespace, overridden by the workload.
 * @see https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
import { objectAt, stringAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
import { PEER_AUTHENTICATION } from './kinds.ts';
import { meshConfig } from './mesh-config.ts';
import { oldestFirst, selectorOf } from './workload-policies.ts';

type MutualTlsMode = 'DISABLE' | 'PERMISSIVE' | 'STRICT';

export interface MutualTls {
  readonly mode: MutualTlsMode;
  /** The object that sets the mode; undefined when no object does. */
  readonly policy: Resource | undefined;
  /** Modes of single ports where they are set apart. */
  readonly ports: ReadonlyMap<number, MutualTlsMode>;
}

export interface PeerAuthentications {
  /** @param labels of the workload; none for what the namespace says by itself */
  modeFor(namespace: string, labels?: Readonly<Record<string, string>>): MutualTls;
}

/** Undefined for `UNSET` and anything else that leaves the decision to the next wider scope. */
function modeOf(mtls: unknown): MutualTlsMode | undefined {
  const mode = stringAt(mtls, 'mode');
  return mode === 'DISABLE' || mode === 'PERMISSIVE' || mode === 'STRICT' ? mode : undefined;
}

function portModes(policy: Resource, mode: MutualTlsMode): ReadonlyMap<number, MutualTlsMode> {
  const ports = Object.entries(objectAt(policy.body, 'spec', 'portLevelMtls'));
  return new Map(ports.map(([port, mtls]) => [Number(port), modeOf(mtls) ?? mode]));
}

export const peerAuthentications: Derivation<PeerAuthentications> = {
  name: 'istio peer authentication',
  build(resources) {
    const { rootNamespace } = resources.derive(meshConfig);
    const defaults = new Map<string, Resource>();
    const specific = new Map<string, Resource[]>();
    for (const policy of oldestFirst(resources.all(PEER_AUTHENTICATION))) {
      if (Object.keys(selectorOf(policy)).length === 0) {
        if (!defaults.has(policy.namespace)) defaults.set(policy.namespace, policy);
      } else if (policy.namespace !== rootNamespace) {
        // With a selector, an object of the root namespace applies nowhere.
        const siblings = specific.get(policy.namespace);
        if (siblings) siblings.push(policy);
        else specific.set(policy.namespace, [policy]);
      }
    }
    return {
      modeFor(namespace, labels = {}) {
        const own = specific.get(namespace)?.find((policy) => labelsMatch(selectorOf(policy), labels));
        for (const policy of [own, defaults.get(namespace), defaults.get(rootNamespace)]) {
          const mode = modeOf(objectAt(policy?.body, 'spec', 'mtls'));
          if (mode) return { mode, policy, ports: own ? portModes(own, mode) : new Map() };
        }
        return { mode: 'PERMISSIVE', policy: undefined, ports: own ? portModes(own, 'PERMISSIVE') : new Map() };
      },
    };
  },
};

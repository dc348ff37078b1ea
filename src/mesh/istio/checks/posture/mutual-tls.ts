/** Whether every workload of the mesh demands mutual TLS. */
import type { Affected, Check } from '../../../../model/check.ts';
import type { Resource } from '../../../../model/resource.ts';
import { resourceSet } from '../../../../model/resource-set.ts';
import { count } from '../../../../text/words.ts';
import { DEPLOYMENT, POD, postureCheck } from '../../../checks/posture/traits.ts';
import { PEER_AUTHENTICATION } from '../../kinds.ts';
import { type MutualTls, peerAuthentications } from '../../peer-authentication.ts';
import { rootNamespace } from './configuration.ts';
import { policedWorkloads } from './workloads.ts';

export const mtlsStrict: Check = postureCheck({
  id: 'istio/posture-mtls-strict',
  title: 'Every workload of the mesh demands mutual TLS.',
  why: 'Where plaintext is accepted, anybody in the network can call the workload without an identity, and read along.',
  docs: 'https://istio.io/latest/docs/ops/best-practices/security/#mutual-tls',
  reads: [POD, DEPLOYMENT, PEER_AUTHENTICATION],
  run: async (facts) => {
    const root = await rootNamespace(facts);
    const policies = await facts.list(PEER_AUTHENTICATION);
    const modes = resourceSet(policies, { settings: { rootNamespace: root } }).derive(peerAuthentications);
    // What gateways demand of clients, their servers say.
    const workloads = (await policedWorkloads(facts)).filter(({ isGateway }) => !isGateway);
    const affected = workloads.flatMap(({ resource, labels }): readonly Affected[] => {
      const detail = leniency(modes.modeFor(resource.namespace, labels));
      return detail === undefined ? [] : [{ resource, detail }];
    });
    const whole = modes.modeFor(root);
    const isDefault = whole.mode === 'STRICT';
    if (affected.length > 0) {
      return {
        is: 'warning',
        reason: `${count(affected.length, 'workload')} of ${workloads.length} ${affected.length === 1 ? 'accepts' : 'accept'} plaintext.`,
        hint: isDefault ? 'Remove the exceptions, or set their mode to STRICT, when all clients have a sidecar.' : strictHint(root),
        affected,
      };
    }
    if (isDefault)
      return { is: 'ok', reason: `PeerAuthentication "${whole.policy?.name}" of namespace "${root}" demands it of the whole mesh.` };
    return {
      is: 'warning',
      reason: `${workloads.length === 0 ? 'No workload has a sidecar yet' : 'Every workload of today demands it'}, but the mesh as a whole does not: a new namespace accepts plaintext.`,
      hint: strictHint(root),
    };
  },
});

const strictHint = (root: string): string =>
  `Apply a PeerAuthentication "default" in namespace "${root}" with "spec: { mtls: { mode: STRICT } }", when all clients have a sidecar.`;

function leniency({ mode, policy, ports }: MutualTls): string | undefined {
  const open = [...ports].filter(([, own]) => own !== 'STRICT').map(([port]) => port);
  if (mode === 'STRICT') {
    if (open.length === 0) return undefined;
    return `${open.length === 1 ? 'Port' : 'Ports'} ${open.sort((left, right) => left - right).join(', ')} ${open.length === 1 ? 'is' : 'are'} excepted by the portLevelMtls of a PeerAuthentication.`;
  }
  return policy === undefined ? 'No PeerAuthentication applies to it, so that it is PERMISSIVE.' : `${named(policy)} sets ${mode}.`;
}

const named = (policy: Resource | undefined): string => `PeerAuthentication "${policy?.namespace}/${policy?.name}"`;

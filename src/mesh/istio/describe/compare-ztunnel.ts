/** Where the configuration and the ztunnel of the pod's node do not agree. */

import { stringAt } from '../../../model/body.ts';
import type { Fact, Trouble } from '../../../model/describe.ts';
import { quotedRef, type Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import type { Workload } from '../../../model/workloads.ts';
import { LEAST_LEFT_OF_WORKLOADS, lifetimeOf } from '../../checks/certificates.ts';
import { policyDifferences } from '../authz/in-proxies.ts';
import { type Enforcer, policiesAt } from '../authz/policies.ts';
import { AUTHORIZATION_POLICY } from '../kinds.ts';
import type { ZtunnelDump } from '../ztunnel.ts';
import { named } from './scene.ts';

interface AskedZtunnel {
  readonly pod: Resource;
  readonly workload: Workload;
  readonly enforcer: Enforcer;
  readonly dump: ZtunnelDump;
  readonly resources: ResourceSet;
  readonly now: number;
}

export function ztunnelTroubles(asked: AskedZtunnel): { readonly facts: readonly Fact[]; readonly troubles: readonly Trouble[] } {
  const { workload, dump, pod } = asked;
  const own = dump.workloads.find(({ namespace, name }) => namespace === workload.namespace && name === workload.name);
  if (!own) {
    return {
      facts: [],
      troubles: [
        trouble(
          'istio/ztunnel-unaware',
          `${quotedRef(pod)} does not know ${quotedRef(workload.resource)}.`,
          'Traffic of the pod is not part of the mesh. Run "meshctl check --only istio" for the state of ambient mode.',
          [named(workload.resource), named(pod)],
        ),
      ],
    };
  }
  const plain =
    own.protocol === 'HBONE'
      ? []
      : [
          trouble(
            'istio/ztunnel-plain',
            `${quotedRef(pod)} sends traffic for ${quotedRef(workload.resource)} in plain text (${own.protocol}).`,
            'The pod was not captured: look at the logs of istio-cni on its node, and restart the pod.',
            [named(workload.resource), named(pod)],
          ),
        ];
  return {
    facts: [
      {
        subject: 'ztunnel',
        value: `${own.protocol}${own.waypoint.toLowerCase() === 'none' ? '' : `, waypoint ${own.waypoint}`}, ${own.status.toLowerCase() || 'state unknown'}`,
        from: [named(pod)],
      },
      ...certificateFacts(asked),
    ],
    troubles: [...plain, ...missingPolicies(asked), ...certificateTroubles(asked)],
  };
}

const trouble = (id: string, message: string, hint: string, objects: Trouble['objects']): Trouble => ({
  id,
  severity: 'error',
  isDifference: true,
  message,
  hint,
  objects,
});

function missingPolicies({ enforcer, workload, dump, resources, pod }: AskedZtunnel): readonly Trouble[] {
  const present = new Set(dump.policies.map(({ namespace, name }) => `${namespace}/${name}`));
  const applied = policiesAt(enforcer, workload, AUTHORIZATION_POLICY, resources).map(({ policy }) => policy);
  return policyDifferences(applied, present, { enforcer, workload, resources }).missing.map((policy) =>
    trouble(
      'istio/policy-missing',
      `AuthorizationPolicy ${policy.namespace}/${policy.name} applies to ${quotedRef(workload.resource)}, but ${quotedRef(pod)} does not have it.`,
      'Connections are judged as if it were not there. Look at the logs of the ztunnel.',
      [named(policy), named(pod)],
    ),
  );
}

const ownCertificate = ({ dump, workload }: AskedZtunnel): ZtunnelDump['certificates'][number] | undefined => {
  const account = stringAt(workload.podSpec, 'serviceAccountName') || 'default';
  return dump.certificates.find(({ identity, type }) => type === 'leaf' && identity.endsWith(`/ns/${workload.namespace}/sa/${account}`));
};

function certificateFacts(asked: AskedZtunnel): readonly Fact[] {
  const own = ownCertificate(asked);
  if (own?.notAfter === undefined || own.notBefore === undefined) return [];
  const { words } = lifetimeOf({ notBefore: own.notBefore, notAfter: own.notAfter }, asked.now, LEAST_LEFT_OF_WORKLOADS);
  return [{ subject: 'certificate', value: `${words}: ${own.identity}`, from: [named(asked.pod)] }];
}

function certificateTroubles(asked: AskedZtunnel): readonly Trouble[] {
  const own = ownCertificate(asked);
  if (own?.notAfter === undefined || own.notBefore === undefined) return [];
  const { is, words } = lifetimeOf({ notBefore: own.notBefore, notAfter: own.notAfter }, asked.now, LEAST_LEFT_OF_WORKLOADS);
  if (is === 'ok') return [];
  return [
    {
      id: 'istio/certificate-expired',
      severity: is === 'failed' ? 'error' : 'warning',
      isDifference: false,
      message: `The certificate that ${quotedRef(asked.pod)} holds for ${own.identity} ${words}.`,
      hint: `Run "kubectl -n ${asked.pod.namespace} logs ${asked.pod.name}" for why it gets no new one from istiod.`,
      objects: [named(asked.pod)],
    },
  ];
}

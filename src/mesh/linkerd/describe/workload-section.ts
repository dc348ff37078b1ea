/** What the pods are to the mesh: identity, proxy, and mutual TLS in both directions. */
import { stringAt } from '../../../model/body.ts';
import type { Fact, Section } from '../../../model/describe.ts';
import type { Workload } from '../../../model/workloads.ts';
import { named, podsFact } from '../../describe/common.ts';
import { INJECT, NAMESPACE, SKIP_OUTBOUND } from '../kinds.ts';
import { accountOf, identityName, meshSettings } from '../policy/settings.ts';
import { proxyOf } from '../proxies.ts';
import type { Scene } from './scene.ts';

/** A template gets a proxy when its annotation, or that of its namespace, asks for one; a pod that runs has one or not. */
export function isMeshed(workload: Workload, { resources }: Pick<Scene, 'resources'>): boolean {
  if (proxyOf(workload.resource)) return true;
  if (workload.isPod && workload.resource.origin === undefined) return false;
  const asked = workload.annotations[INJECT] ?? resources.get(NAMESPACE, '', workload.namespace)?.annotations[INJECT];
  return asked === 'enabled' || asked === 'ingress';
}

export function workloadSection(scene: Scene): Section {
  const { workload, workloads, resources } = scene;
  const section = { id: 'workload', title: 'Workload' };
  if (!workload) return { ...section, facts: [podsFact([])] };
  const identity = identityName({ namespace: workload.namespace, serviceAccount: accountOf(workload) }, meshSettings(workload, resources));
  const meshed = isMeshed(workload, scene);
  const others = workloads.filter((each) => isMeshed(each, scene) !== meshed).length;
  return {
    ...section,
    facts: [
      podsFact(workloads, others === 0 ? [] : [`${others} of them ${others === 1 ? 'differs' : 'differ'} in whether there is a proxy`]),
      {
        subject: 'identity',
        value: meshed ? identity : `none, as there is no proxy that would show ${identity}`,
        from: [named(workload.resource)],
      },
      proxyFact(workload, scene, meshed),
    ],
  };
}

function proxyFact(workload: Workload, { resources }: Scene, meshed: boolean): Fact {
  const namespace = resources.get(NAMESPACE, '', workload.namespace);
  const own = workload.annotations[INJECT];
  const asked = own ?? namespace?.annotations[INJECT];
  const source = own === undefined ? 'its namespace' : 'it';
  const why = asked === undefined ? `nothing says "${INJECT}"` : `${source} says "${INJECT}: ${asked}"`;
  const version = proxyOf(workload.resource)?.version;
  const from = own === undefined && namespace ? [named(namespace)] : [];
  if (meshed) return { subject: 'proxy', value: `linkerd-proxy${version === undefined ? '' : ` ${version}`}: ${why}`, from };
  return {
    subject: 'proxy',
    value: `none: ${asked === 'enabled' && workload.isPod ? 'it was created before it was to be injected' : why}`,
    from,
  };
}

/** Proxies of Linkerd use mutual TLS among themselves by themselves; what bypasses them goes as it is. */
export function mutualTlsSection(scene: Scene): Section {
  const { workload } = scene;
  const section = { id: 'mutual-tls', title: 'Mutual TLS' };
  if (!workload) return { ...section, facts: [] };
  if (!isMeshed(workload, scene)) {
    return {
      ...section,
      facts: [{ subject: 'accepts', value: 'plain text only, as there is no proxy', from: [named(workload.resource)] }],
    };
  }
  const skipped = workload.annotations[SKIP_OUTBOUND];
  const required = stringAt({ value: workload.annotations['config.linkerd.io/proxy-require-identity-inbound-ports'] }, 'value');
  return {
    ...section,
    facts: [
      {
        subject: 'accepts',
        value: 'mutual TLS of the mesh, and plain text where a policy lets it in',
        from: [],
        details: required === undefined ? [] : [`ports ${required} only with an identity`],
      },
      ...(scene.isService
        ? []
        : [
            {
              subject: 'sends',
              value: 'mutual TLS to meshed pods, plain text to all others',
              from: [],
              details: skipped === undefined ? [] : [`past the proxy, and without mutual TLS, to ports ${skipped} (${SKIP_OUTBOUND})`],
            },
          ]),
    ],
  };
}

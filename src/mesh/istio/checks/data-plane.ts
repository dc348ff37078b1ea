/** The sidecars and gateways of Istio, as the API server knows them. */
import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Affected, Check } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { parseVersion } from '../../../text/semver.ts';
import { count } from '../../../text/words.ts';
import { fromFindings } from '../../checks/findings.ts';
import { containerProblem, containerStatus } from '../../checks/pods.ts';
import { POD } from '../kinds.ts';
import { CONTROL_PLANE_EXISTS, type ControlPlane, controlPlanes, versionOfImage } from './control-plane.ts';
import { PROXY, type ProxyPod, planeOf, proxyPods } from './proxies.ts';

const API = 'kubernetes/api-reachable';
const NO_PROXY = 'No pod has a proxy.';

const proxiesReady: Check = {
  id: 'istio/data-plane-proxies-ready',
  category: 'data-plane',
  title: 'Every proxy is ready.',
  why: 'A pod whose proxy is not ready gets no requests, and can send none into the mesh.',
  settles: true,
  docs: 'https://istio.io/latest/docs/ops/diagnostic-tools/proxy-cmd/',
  needs: [API],
  reads: [POD],
  run: async (facts) => {
    const proxies = await proxyPods(facts);
    const affected = proxies.flatMap(({ pod }): readonly Affected[] => {
      const detail = containerProblem(PROXY, containerStatus(pod, PROXY));
      return detail === undefined ? [] : [{ resource: pod, detail }];
    });
    const [first] = affected;
    if (!first) return { is: 'ok', reason: proxies.length === 0 ? NO_PROXY : `${proxies.length} of ${proxies.length}.` };
    return {
      is: 'failed',
      reason: `${affected.length} of ${count(proxies.length, 'pod')} with a proxy: the proxy is not ready.`,
      hint: `Run "kubectl -n ${first.resource.namespace} logs ${first.resource.name} -c ${PROXY}".`,
      affected,
    };
  },
};

/** States that a container does not leave by waiting. */
const STUCK: ReadonlySet<string> = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

const podsRun: Check = {
  id: 'istio/data-plane-pods-run',
  category: 'data-plane',
  title: 'No application in the mesh keeps crashing.',
  why: 'Requests for the pod go to others of its service, or fail with 503 where there is none.',
  settles: true,
  docs: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/',
  needs: [API],
  reads: [POD],
  run: async (facts) => {
    const proxies = await proxyPods(facts);
    const stuck = proxies.flatMap(({ pod }) => stuckContainer(pod) ?? []);
    const [first] = stuck;
    if (!first) return { is: 'ok', reason: proxies.length === 0 ? NO_PROXY : `${count(proxies.length, 'pod')}.` };
    const { namespace, name } = first.pod;
    return {
      is: 'warning',
      reason: `${count(stuck.length, 'pod')} of the mesh ${stuck.length === 1 ? 'does' : 'do'} not run, because of the application.`,
      hint: `Run "kubectl -n ${namespace} logs ${name} -c ${first.container} --previous", and "kubectl -n ${namespace} describe pod ${name}".`,
      affected: stuck.map(({ pod, container, why }) => ({ resource: pod, detail: `Container "${container}" is not ready (${why}).` })),
    };
  },
};

interface Stuck {
  readonly pod: Resource;
  readonly container: string;
  readonly why: string;
}

/** The proxy's own troubles are told by another check. */
function stuckContainer(pod: Resource): Stuck | undefined {
  for (const { item } of itemsAt(pod.body, 'status', 'containerStatuses')) {
    const why = stringAt(item, 'state', 'waiting', 'reason') ?? '';
    const container = stringAt(item, 'name') ?? '';
    if (container !== PROXY && STUCK.has(why)) return { pod, container, why };
  }
  return undefined;
}

const podsInjected: Check = {
  id: 'istio/data-plane-pods-injected',
  category: 'data-plane',
  title: 'Every pod that injection is meant for has its sidecar.',
  why: 'Traffic of a pod without sidecar is neither encrypted nor authorized by the mesh, and workloads that demand mutual TLS refuse it.',
  docs: 'https://istio.io/latest/docs/reference/config/analysis/ist0103/',
  needs: [API],
  run: (facts) =>
    fromFindings(facts, 'istio-injection/pod-has-proxy', 'Pods run without the sidecar that they should have, and bypass the mesh.'),
};

/** Minor versions that a proxy may be behind its control plane. */
const MOST_BEHIND = 2;

const versionsSupported: Check = {
  id: 'istio/data-plane-versions-supported',
  category: 'data-plane',
  title: 'Every proxy has the minor version of its control plane.',
  why: 'Proxies far behind do not understand the configuration that istiod sends.',
  docs: 'https://istio.io/latest/docs/releases/supported-releases/#control-planedata-plane-skew',
  needs: [CONTROL_PLANE_EXISTS],
  reads: [POD],
  run: async (facts) => {
    const planes = await controlPlanes(facts);
    const proxies = await proxyPods(facts);
    const compared = proxies.map((proxy) => skewOf(proxy, planes));
    const skewed = compared.flatMap((skew) => (skew === undefined || skew.minors === 0 ? [] : [skew]));
    const unknown = compared.filter((skew) => skew === undefined).length;
    const known = compared.length - unknown;
    const not = unknown === 0 ? '' : ` The version of ${unknown} more, or of their control plane, is not known.`;
    const [first] = skewed;
    if (proxies.length === 0) return { is: 'ok', reason: NO_PROXY };
    if (known === 0) return { is: 'skipped', reason: 'The images of proxies or control planes do not tell their versions.' };
    if (!first) return { is: 'ok', reason: `${known} of ${compared.length}.${not}` };
    return {
      is: skewed.some(({ minors }) => minors > MOST_BEHIND) ? 'failed' : 'warning',
      reason: `${skewed.length} of ${known === 1 ? '1 proxy' : `${known} proxies`} ${skewed.length === 1 ? 'has' : 'have'} another version.${not}`,
      hint: `Restart the workloads, such as that of pod "${first.pod.namespace}/${first.pod.name}", so that they are injected anew; istiod supports proxies up to ${MOST_BEHIND} minor versions older, and none that are newer.`,
      affected: skewed.map(({ pod, detail }) => ({ resource: pod, detail })),
    };
  },
};

interface Skew {
  readonly pod: Resource;
  /** How many the proxy is behind; negative when it is ahead. */
  readonly minors: number;
  readonly detail: string;
}

/** @returns undefined when either version is not known */
function skewOf({ pod, image }: ProxyPod, planes: readonly ControlPlane[]): Skew | undefined {
  const text = versionOfImage(image);
  const version = parseVersion(text ?? '');
  const plane = planeOf(pod, planes);
  if (!version || !plane?.version || version.major !== plane.version.major) return undefined;
  return {
    pod,
    minors: plane.version.minor - version.minor,
    detail: `The proxy is ${text}, its control plane ${plane.versionText}.`,
  };
}

export const dataPlaneChecks: readonly Check[] = [proxiesReady, podsRun, podsInjected, versionsSupported];

/** A pod without the proxy, as it was before. */
import { at, isBody, itemsAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { InjectOutcome, InjectRequest } from '../../../model/inject.ts';
import type { Body } from '../../../model/resource.ts';
import { withoutCniMarks } from './cni-marks.ts';
import { normalPod } from './normal-pod.ts';
import { withoutBrought } from './overrides.ts';
import { ownerOf } from './owner.ts';
import {
  annotationsOf,
  CORE_DUMP,
  containersOf,
  envOf,
  INIT,
  labelsOf,
  nameOf,
  type Pod,
  PROXY,
  podOf,
  proxyOf,
  VALIDATION,
  withTexts,
} from './pod.ts';
import { REWRITE, restoreProbes } from './probes.ts';
import { InjectProblem } from './problem.ts';
import { restoreScraping } from './prometheus.ts';
import { withPodTemplate } from './replace-pod.ts';
import { OVERRIDES, STATUS, type Status, statusOf } from './status.ts';

export function uninject(request: InjectRequest): InjectOutcome {
  const pod = podOf(at(request.object, request.template));
  try {
    const status = statusOf(pod) ?? guessed(pod);
    if (!status) return { action: 'unchanged', reasons: [{ code: 'not-injected', message: 'There is no proxy of Istio in it.' }] };
    const owner = ownerOf(request.object, request.template.length === 0, pod);
    const object = withPodTemplate(request, podOf(normalPod(cleared(pod, status, owner.name), 'Pod')));
    return { action: 'uninjected', reasons: [], object };
  } catch (error) {
    if (!(error instanceof InjectProblem)) throw error;
    return { action: 'failed', reasons: [{ code: error.code, message: error.message }] };
  }
}

/** Without a note of what was brought: a proxy between other containers was, one alone is a gateway that somebody wrote. */
function guessed(pod: Pod): Status | undefined {
  const isOurs = (container: Body): boolean =>
    nameOf(container) === PROXY && stringsAt(container, 'args').some(({ value }) => value === 'sidecar');
  if (![...containersOf(pod, 'containers'), ...containersOf(pod, 'initContainers')].some(isOurs)) return undefined;
  return { containers: [PROXY], initContainers: [PROXY, INIT, VALIDATION, CORE_DUMP], volumes: VOLUMES, imagePullSecrets: [] };
}

/** Of Istio's own templates. */
const VOLUMES = [
  'workload-socket',
  'credential-socket',
  'workload-certs',
  'istio-envoy',
  'istio-data',
  'istio-podinfo',
  'istio-token',
  'istiod-ca-cert',
  'istio-ca-crl',
];

const NETWORK = 'topology.istio.io/network';

function cleared(pod: Pod, status: Status, ownerName: string): Pod {
  const restored = withoutCniMarks(restoreScraping(restoreProbes(pod)));
  const network = envOf(proxyOf(pod), 'ISTIO_META_NETWORK');
  const labelled = labelsOf(pod)[NETWORK] === network ? withTexts(restored, 'labels', { [NETWORK]: undefined }) : restored;
  return withoutMarks(withoutSpec(withoutBrought(labelled, status), status), ownerName);
}

/** Volumes, pull secrets and what templates of older versions set for the whole pod. */
function withoutSpec(pod: Pod, status: Status): Pod {
  const spec: Record<string, unknown> = { ...pod.spec };
  for (const field of ['volumes', 'imagePullSecrets'] as const) {
    const kept = itemsAt(spec, field).flatMap(({ item }) => (status[field].includes(nameOf(item)) ? [] : [item]));
    if (kept.length === 0) delete spec[field];
    else spec[field] = kept;
  }
  const security = spec['securityContext'];
  if (isBody(security)) {
    const kept = Object.fromEntries(Object.entries(security).filter(([name, value]) => !isBroughtSetting(name, value)));
    if (Object.keys(kept).length === 0) delete spec['securityContext'];
    else spec['securityContext'] = kept;
  }
  return { ...pod, spec };
}

/** The group of the proxy's files, and the low ports of gateways. */
const isBroughtSetting = (name: string, value: unknown): boolean =>
  (name === 'fsGroup' && value === 1337) ||
  (name === 'sysctls' &&
    Array.isArray(value) &&
    value.length === 1 &&
    stringAt(value[0], 'name') === 'net.ipv4.ip_unprivileged_port_start');

type Texts = Readonly<Record<string, string>>;

const DEFAULT_CONTAINERS = ['kubectl.kubernetes.io/default-container', 'kubectl.kubernetes.io/default-logs-container'];

/** Annotations and labels, as far as they are not the user's: what injection would have come to by itself is not. */
function withoutMarks(pod: Pod, ownerName: string): Pod {
  const [annotations, labels] = [annotationsOf(pod), labelsOf(pod)];
  const first = containersOf(pod, 'containers')
    .map(nameOf)
    .find((name) => name !== PROXY);
  const app = labels['app.kubernetes.io/name'] ?? labels['app'] ?? ownerName;
  const version = labels['app.kubernetes.io/version'] ?? labels['version'] ?? 'latest';
  const marks = (texts: Texts, derived: Texts): Readonly<Record<string, undefined>> =>
    Object.fromEntries(Object.keys(derived).flatMap((name) => (texts[name] === derived[name] ? [[name, undefined]] : [])));
  const bare = withTexts(pod, 'annotations', {
    [STATUS]: undefined,
    [OVERRIDES]: undefined,
    'istio.io/rev': undefined,
    'prometheus.istio.io/secure-port': undefined,
    ...marks(annotations, Object.fromEntries(DEFAULT_CONTAINERS.map((name) => [name, first ?? '']))),
    // Without Envoy in between the kubelet reaches the application itself, so that these templates turn rewriting off.
    ...(annotations['inject.istio.io/templates']?.includes('grpc-') ? marks(annotations, { [REWRITE]: 'false' }) : {}),
  });
  const derived = {
    'security.istio.io/tlsMode': 'istio',
    'service.istio.io/canonical-name': trimmed(app),
    'service.istio.io/canonical-revision': version,
  };
  return withTexts(bare, 'labels', marks(labels, derived));
}

/** As labels have to be. */
const trimmed = (name: string): string => name.slice(0, 63).replace(/^[-_.]+|[-_.]+$/g, '');

/**
 * A pod with the proxy in it, as Istio's webhook makes it: the templates rendered for the pod and merged over it, and
 * then what templates cannot do.
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
 */
import { booleanAt, itemsAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Body, Resource } from '../../../model/resource.ts';
import { fromPlain, type Value } from '../../../template/value.ts';
import { annotationValueProblem } from '../annotation-values.ts';
import { effectiveProxyConfig } from './effective-proxy-config.ts';
import { injectionFunctions } from './functions.ts';
import { normalPod } from './normal-pod.ts';
import { ordered } from './order.ts';
import { adjustInitUser, readyAgain, reapplyUser, withoutBrought } from './overrides.ts';
import type { Owner } from './owner.ts';
import {
  annotationsOf,
  containersOf,
  hasContainer,
  isNamed,
  labelsOf,
  mapProxy,
  nameOf,
  type Pod,
  PROXY,
  podOf,
  proxyOf,
  withContainers,
  withTexts,
} from './pod.ts';
import { rewriteProbes } from './probes.ts';
import { InjectProblem } from './problem.ts';
import { announceSecurePort, mergePrometheus, withoutOwnScraping } from './prometheus.ts';
import { proxyIds } from './proxy-ids.ts';
import type { InjectorSetup } from './setup.ts';
import { overridesOf, STATUS, statusOf, statusText } from './status.ts';
import { strategicMerge } from './strategic-merge.ts';
import { templateData } from './template-data.ts';
import { templatesOf } from './templates.ts';

export interface PodToInject {
  readonly pod: Pod;
  readonly namespace: string;
  /** The Namespace itself. */
  readonly home: Resource | undefined;
  readonly owner: Owner;
}

/** @returns a function of the pod, in normal form, which throws InjectProblem */
export function podInjector(setup: InjectorSetup): (request: PodToInject) => Pod {
  const templates = templatesOf(
    setup.config,
    injectionFunctions({ environment: setup.environment, enrichesServices: setup.mesh.enrichesServices }),
  );
  const values = fromPlain(setup.values);
  return (request) => {
    assertAnnotations(request.pod);
    const pod = setup.isOpenShift ? withoutAssignedUser(request.pod) : request.pod;
    const proxyConfig = effectiveProxyConfig(pod, request.namespace, setup);
    const isNative = setup.isNative(stringAt(pod.spec, 'nodeName') ?? '');
    const data = dataFor({ ...request, pod }, proxyConfig, isNative, setup, values);
    const layers = templates.namesFor(pod).map((name) => templates.render(name, data));
    const template = layers.reduce((whole, layer) => merged(whole, layer), EMPTY);
    const base = readyAgain(pod, template);
    const own = adjustInitUser(reapplyUser(covered(base, layers, isNative), base, template), base, proxyConfig);
    return finished(own, pod, template, proxyConfig, setup);
  };
}

/** The pod with the partial pods of the templates merged over it. */
function covered(pod: Pod, layers: readonly Body[], isNative: boolean): Pod {
  const wish = annotationsOf(pod)['sidecar.istio.io/nativeSidecar'];
  const goesFirst = wish === 'true' || (wish !== 'false' && isNative);
  let template = EMPTY;
  return layers.reduce((whole, layer) => {
    template = merged(template, layer);
    return merged(goesFirst ? withProxyFirst(whole, template) : whole, layer);
  }, pod);
}

const EMPTY: Pod = { metadata: {}, spec: {} };

const merged = (pod: Pod, layer: Body): Pod => podOf(normalPod(strategicMerge({ ...pod }, layer, 'Pod'), 'Pod'));

function assertAnnotations(pod: Pod): void {
  for (const [name, value] of Object.entries(annotationsOf(pod))) {
    const found = annotationValueProblem(name, value);
    if (found) throw new InjectProblem('invalid-annotation', `The annotation "${name}" cannot be used: ${found.problem}. ${found.fix}`);
  }
  overridesOf(pod);
}

/** Templates see the pod as it was before an earlier injection. */
function dataFor(
  { pod, namespace, home, owner }: PodToInject,
  proxyConfig: Body,
  isNative: boolean,
  setup: InjectorSetup,
  values: Value,
): Value {
  const ids = proxyIds(setup.isOpenShift ? home : undefined);
  return templateData({ pod: strippedPod(pod, setup), namespace, owner, proxyConfig, isNative, ids }, setup, values);
}

function strippedPod(pod: Pod, { mesh }: InjectorSetup): Pod {
  const status = statusOf(pod);
  return status ? withTexts(withoutOwnScraping(withoutBrought(pod, status), mesh), 'annotations', { [STATUS]: undefined }) : pod;
}

/** People customize the proxy among the containers, also where it is an init container. */
function withProxyFirst(pod: Pod, template: Pod): Pod {
  if (!hasContainer(template, 'initContainers', PROXY) || !hasContainer(pod, 'containers', PROXY)) return pod;
  const containers = containersOf(pod, 'containers');
  const proxies = containers.filter(isNamed(PROXY));
  const moved = withContainers(pod, 'initContainers', [...containersOf(pod, 'initContainers'), ...proxies]);
  return withContainers(
    moved,
    'containers',
    containers.filter((container) => nameOf(container) !== PROXY),
  );
}

function finished(pod: Pod, original: Pod, template: Pod, proxyConfig: Body, setup: InjectorSetup): Pod {
  const { mesh, values, config, revision } = setup;
  const cluster = clusterOf(original, setup);
  const scraped = announceSecurePort(mergePrometheus(withCluster(pod, cluster), original, mesh));
  const probed = rewriteProbes(
    scraped,
    original,
    booleanAt(values, 'sidecarInjectorWebhook', 'rewriteAppHTTPProbe') ?? false,
    mesh.statusPort,
  );
  const network = cluster[NETWORK];
  const labelled = network === undefined ? probed : withTexts(probed, 'labels', { 'topology.istio.io/network': network });
  const noted = withTexts(labelled, 'annotations', { [STATUS]: statusText(template, revision), ...config.injectedAnnotations });
  const holds =
    proxyConfig['holdApplicationUntilProxyStarts'] === true ||
    objectAt(values, 'global', 'proxy')['holdApplicationUntilProxyStarts'] === true;
  return podOf(normalPod(ordered(noted, holds), 'Pod'));
}

const CLUSTER = 'ISTIO_META_CLUSTER_ID';
const NETWORK = 'ISTIO_META_NETWORK';

/** What the address of the webhook says of the cluster wins over the values, and the pod's own label over both. */
function clusterOf(pod: Pod, { values, proxyEnvironment }: InjectorSetup): Readonly<Record<string, string>> {
  const name = proxyEnvironment[CLUSTER] || stringAt(values, 'global', 'multiCluster', 'clusterName');
  const network = labelsOf(pod)['topology.istio.io/network'] ?? (proxyEnvironment[NETWORK] || stringAt(values, 'global', 'network'));
  return { ...proxyEnvironment, ...(name ? { [CLUSTER]: name } : {}), ...(network ? { [NETWORK]: network } : {}) };
}

function withCluster(pod: Pod, cluster: Readonly<Record<string, string>>): Pod {
  const names = Object.keys(cluster).sort();
  if (names.length === 0 || !proxyOf(pod)) return pod;
  const added = names.map((name) => ({ name, value: cluster[name] ?? '' }));
  return mapProxy(pod, (proxy) => {
    const others = itemsAt(proxy, 'env').flatMap(({ item }) => (names.includes(nameOf(item)) ? [] : [item]));
    return { ...proxy, env: [...others, ...added] };
  });
}

/**
 * OpenShift gives all containers the same user before the webhook is called. The proxy cannot have the application's,
 * whose traffic it would not see; so that is taken for no wish of anybody.
 */
function withoutAssignedUser(pod: Pod): Pod {
  const userOf = (container: Body): unknown => objectAt(container, 'securityContext')['runAsUser'];
  const all = [...containersOf(pod, 'containers'), ...containersOf(pod, 'initContainers')];
  const proxy = all.findLast(isNamed(PROXY));
  const others = all.filter((container) => !['istio-proxy', 'istio-init', 'istio-validation'].includes(nameOf(container)));
  const application = others.findLast((container) => userOf(container) !== undefined);
  if (!proxy || userOf(proxy) === undefined || userOf(proxy) !== (application && userOf(application))) return pod;
  return mapProxy(pod, (container) => {
    const { runAsUser: _, runAsGroup: __, ...securityContext } = objectAt(container, 'securityContext');
    return { ...container, securityContext };
  });
}

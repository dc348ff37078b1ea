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
import { adjustInitUser, readyAgain, reapplyUser, userContainer } from './overrides.ts';
import type { Owner } from './owner.ts';
import {
  annotationsOf,
  type ContainerList,
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
    const covered = layers.reduce((whole, layer) => merged(withProxyMoved(whole, template), layer), base);
    const own = adjustInitUser(reapplyUser(covered, pod, template), pod, proxyConfig);
    return finished(own, pod, template, proxyConfig, setup);
  };
}

const EMPTY: Pod = { metadata: {}, spec: {} };

const merged = (pod: Pod, layer: Body): Pod => podOf(normalPod(strategicMerge({ ...pod }, layer, 'Pod'), 'Pod'));

function assertAnnotations(pod: Pod): void {
  for (const [name, value] of Object.entries(annotationsOf(pod))) {
    const found = annotationValueProblem(name, value);
    if (found) throw new InjectProblem('invalid-annotation', `The annotation "${name}" cannot be used: ${found.problem}. ${found.fix}`);
  }
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

function strippedPod(pod: Pod, setup: InjectorSetup): Pod {
  const status = statusOf(pod);
  if (!status) return pod;
  const overrides = overridesOf(pod);
  const without = (whole: Pod, list: ContainerList): Pod => {
    const kept = containersOf(whole, list).flatMap((container) => {
      const own = userContainer(overrides, nameOf(container));
      return own ? [own] : status[list].includes(nameOf(container)) ? [] : [container];
    });
    return withContainers(whole, list, kept);
  };
  return withTexts(withoutOwnScraping(without(without(pod, 'containers'), 'initContainers'), setup.mesh), 'annotations', {
    [STATUS]: undefined,
  });
}

/** The user, or an earlier injection, may have the proxy in the other list. */
function withProxyMoved(pod: Pod, template: Pod): Pod {
  const lists: readonly ContainerList[] = ['containers', 'initContainers'];
  const to = lists.find((list) => hasContainer(template, list, PROXY));
  const from = to && lists.find((list) => list !== to && hasContainer(pod, list, PROXY));
  if (!to || !from || hasContainer(pod, to, PROXY)) return pod;
  const proxies = containersOf(pod, from).filter(isNamed(PROXY));
  // Only among init containers a policy for restarts of its own makes a sidecar.
  const moved = to === 'containers' ? proxies.map(({ restartPolicy: _, ...rest }) => rest) : proxies;
  const others = containersOf(pod, from).filter((container) => nameOf(container) !== PROXY);
  return withContainers(withContainers(pod, from, others), to, [...containersOf(pod, to), ...moved]);
}

function finished(pod: Pod, original: Pod, template: Pod, proxyConfig: Body, setup: InjectorSetup): Pod {
  const { mesh, values, config, revision } = setup;
  const cluster = clusterOf(original, setup);
  const scraped = announceSecurePort(mergePrometheus(withCluster(pod, cluster), mesh));
  const probed = rewriteProbes(scraped, booleanAt(values, 'sidecarInjectorWebhook', 'rewriteAppHTTPProbe') ?? false, mesh.statusPort);
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

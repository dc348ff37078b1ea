/** Containers that both the user and the templates have: what the user says wins, and is kept for the next time. */
import { isBody, itemsAt, numberAt, objectAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { goJson } from './go-json.ts';
import { normalPod } from './normal-pod.ts';
import {
  annotationsOf,
  type ContainerList,
  containersOf,
  INIT,
  isNamed,
  mapContainers,
  nameOf,
  type Pod,
  PROXY,
  proxyOf,
  VALIDATION,
  withContainers,
  withTexts,
} from './pod.ts';
import { OVERRIDES, type Overrides, overridesOf, type Status, statusOf } from './status.ts';
import { strategicMerge } from './strategic-merge.ts';

/** An image has to be there, and this one means that of the template. */
const AUTO = 'auto';

const LISTS: readonly ContainerList[] = ['containers', 'initContainers'];

/**
 * A pod that was injected before, ready for the templates: the user's own containers as they were, and nothing that
 * templates bring anew or no longer.
 * @param template the pod that the templates make by themselves
 */
export function readyAgain(pod: Pod, template: Pod): Pod {
  const status = statusOf(pod);
  if (!status) return pod;
  const bare = withoutBrought(pod, status);
  const gone = (field: 'volumes' | 'imagePullSecrets'): Body => {
    if (!Array.isArray(pod.spec[field])) return {};
    const brought = itemsAt(template.spec, field).map(({ item }) => nameOf(item));
    const isStale = (name: string): boolean => status[field].includes(name) && !brought.includes(name);
    return { [field]: itemsAt(pod.spec, field).flatMap(({ item }) => (isStale(nameOf(item)) ? [] : [item])) };
  };
  return { ...bare, spec: { ...bare.spec, ...gone('volumes'), ...gone('imagePullSecrets') } };
}

/**
 * The pod without the containers that injection brought. Those that the user wrote as well are as they were; a proxy
 * goes back among the containers, where people customize it, when it cannot be an init container.
 */
export function withoutBrought(pod: Pod, status: Status): Pod {
  const overrides = overridesOf(pod);
  const back: Body[] = [];
  const kept = (list: ContainerList): readonly Body[] =>
    containersOf(pod, list).flatMap((container) => {
      const own = userContainer(overrides, nameOf(container));
      if (!own) return status[list].includes(nameOf(container)) ? [] : [container];
      if (list === 'containers' || nameOf(own) !== PROXY || own['restartPolicy'] !== undefined) return [asWritten(own)];
      back.push(asWritten(own));
      return [];
    });
  const whole = withContainers(pod, 'initContainers', kept('initContainers'));
  return withContainers(whole, 'containers', [...kept('containers'), ...back]);
}

/** The image `auto` is left out of what is kept, and `resources` always written. */
function asWritten({ resources, ...own }: Body): Body {
  const isEmpty = !isBody(resources) || Object.keys(resources).length === 0;
  return { ...own, ...(own['image'] === undefined ? { image: AUTO } : {}), ...(isEmpty ? {} : { resources }) };
}

const userContainer = (overrides: Overrides, name: string): Body | undefined =>
  overrides.containers.find(isNamed(name)) ?? overrides.initContainers.find(isNamed(name));

/**
 * @param merged the pod with the templates merged over it
 * @param original before that, without what an earlier injection brought
 */
export function reapplyUser(merged: Pod, original: Pod, template: Pod): Pod {
  const found: Record<ContainerList, Body[]> = { containers: [], initContainers: [] };
  let result = merged;
  for (const list of LISTS) {
    for (const name of containersOf(template, list).map(nameOf)) {
      const own = ownContainer(original, list, name);
      if (!own) continue;
      const { image, ...rest } = own;
      const overlay = image === AUTO || image === undefined ? rest : own;
      found[list].push(overlay);
      result = { ...result, spec: strategicMerge(result.spec, { [list]: [overlay] }, 'PodSpec') };
    }
  }
  if (found.containers.length + found.initContainers.length === 0) return result;
  return withTexts(result, 'annotations', { [OVERRIDES]: goJson(normalPod(found, 'Overrides'), 'Overrides') });
}

/** A native sidecar may stand among the containers, where people customize it. */
function ownContainer(pod: Pod, list: ContainerList, name: string): Body | undefined {
  const inContainers = containersOf(pod, 'containers').find(isNamed(name));
  return list === 'containers' ? inContainers : (inContainers ?? containersOf(pod, 'initContainers').find(isNamed(name)));
}

/**
 * The containers that set up and check the interception of traffic know the proxy by its user: the one that the user
 * chose has to be theirs too.
 */
export function adjustInitUser(pod: Pod, original: Pod, proxyConfig: Body): Pod {
  const chosen = objectAt(proxyOf(original), 'securityContext');
  const [user, group] = [numberAt(chosen, 'runAsUser'), numberAt(chosen, 'runAsGroup')];
  if (user === undefined && group === undefined) return pod;
  const target = [INIT, VALIDATION].find((name) => containersOf(pod, 'initContainers').some(isNamed(name)));
  if (target === undefined) return pod;
  const mode = annotationsOf(pod)['sidecar.istio.io/interceptionMode'];
  const isTransparent = stringAt(proxyConfig, 'interceptionMode') === 'TPROXY' || mode === 'TPROXY';
  return mapContainers(pod, (container) => {
    // Only root may have sockets that take the connections of others.
    if (isTransparent && user !== undefined && nameOf(container) === PROXY) return withUser(container, { runAsUser: 0 });
    if (nameOf(container) !== target) return container;
    const own = { ...(user === undefined ? {} : { runAsUser: user }), ...(group === undefined ? {} : { runAsGroup: group }) };
    return withUserArgument(!isTransparent && target === VALIDATION ? withUser(container, own) : container, user);
  });
}

const withUser = (container: Body, user: Body): Body => ({
  ...container,
  securityContext: { ...objectAt(container, 'securityContext'), ...user },
});

function withUserArgument(container: Body, user: number | undefined): Body {
  const args = stringsAt(container, 'args').map(({ value }) => value);
  const index = args.indexOf('-u');
  return !user || index < 0 ? container : { ...container, args: args.with(index + 1, String(user)) };
}

/** Containers that both the user and the templates have: what the user says wins, and is kept for the next time. */
import { isBody, numberAt, objectAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { goJson } from './go-json.ts';
import { normalPod } from './normal-pod.ts';
import {
  annotationsOf,
  type ContainerList,
  containersOf,
  envOf,
  INIT,
  isNamed,
  mapContainers,
  nameOf,
  type Pod,
  PROXY,
  proxyOf,
  VALIDATION,
  withContainers,
  withEnv,
  withTexts,
} from './pod.ts';
import { PROBERS } from './probes.ts';
import { SCRAPING } from './prometheus.ts';
import { OVERRIDES, type Overrides, overridesOf, type Status, statusOf } from './status.ts';
import { strategicMerge } from './strategic-merge.ts';

/** An image has to be there, and this one means that of the template. */
export const AUTO = 'auto';

const LISTS: readonly ContainerList[] = ['containers', 'initContainers'];

/**
 * A pod that was injected before, ready to be injected again: the user's own containers as they were, and without what
 * the templates no longer bring. What the agent was told stays, because the rest of the pod depends on it.
 * @param template the pod that the templates make by themselves
 */
export function readyAgain(pod: Pod, template: Pod): Pod {
  const status = statusOf(pod);
  if (!status) return pod;
  const overrides = overridesOf(pod);
  const kept = LISTS.reduce((result, list) => withContainers(result, list, current(result, list, overrides, status, template)), pod);
  const gone = (field: 'volumes' | 'imagePullSecrets'): Pod['spec'] => {
    const list = kept.spec[field];
    if (!Array.isArray(list)) return {};
    const brought = (Array.isArray(template.spec[field]) ? template.spec[field] : []).map(nameOf);
    return { [field]: list.filter((item) => !isBody(item) || !status[field].includes(nameOf(item)) || brought.includes(nameOf(item))) };
  };
  return { ...kept, spec: { ...kept.spec, ...gone('volumes'), ...gone('imagePullSecrets') } };
}

function current(pod: Pod, list: ContainerList, overrides: Overrides, status: Status, template: Pod): readonly Body[] {
  const brought = [...containersOf(template, 'containers'), ...containersOf(template, 'initContainers')].map(nameOf);
  return containersOf(pod, list).flatMap((container) => {
    const name = nameOf(container);
    const own = userContainer(overrides, name);
    if (own) return [withToldOf(container, own)];
    return status[list].includes(name) && !brought.includes(name) ? [] : [container];
  });
}

function withToldOf(injected: Body, own: Body): Body {
  const restored = own['image'] === undefined ? { ...own, image: AUTO } : own;
  return [SCRAPING, PROBERS].reduce((result, name) => {
    const value = envOf(injected, name);
    return value === undefined ? result : withEnv(result, name, value);
  }, restored);
}

export const userContainer = (overrides: Overrides, name: string): Body | undefined =>
  overrides.containers.find(isNamed(name)) ?? overrides.initContainers.find(isNamed(name));

/**
 * @param merged the pod with the templates merged over it
 * @param original before that
 */
export function reapplyUser(merged: Pod, original: Pod, template: Pod): Pod {
  const saved = overridesOf(original);
  const status = statusOf(original);
  const found: Record<ContainerList, Body[]> = { containers: [], initContainers: [] };
  let result = merged;
  for (const list of LISTS) {
    for (const name of containersOf(template, list).map(nameOf)) {
      const own = userContainer(saved, name) ?? (isBrought(status, name) ? undefined : ownContainer(original, list, name));
      if (!own) continue;
      const { image, ...rest } = own;
      const overlay = image === AUTO || image === undefined ? rest : own;
      found[list].push(overlay);
      result = { ...result, spec: strategicMerge(result.spec, { [list]: [overlay] }, 'PodSpec') };
    }
  }
  const isFirst = status === undefined && found.containers.length + found.initContainers.length > 0;
  return isFirst ? withTexts(result, 'annotations', { [OVERRIDES]: goJson(normalPod(found, 'Overrides'), 'Overrides') }) : result;
}

const isBrought = (status: Status | undefined, name: string): boolean => LISTS.some((list) => status?.[list].includes(name));

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

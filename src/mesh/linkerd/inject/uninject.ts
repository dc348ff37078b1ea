/** Workloads, Namespaces and Services without anything of Linkerd. */
import { stringAt } from '../../../model/body.ts';
import type { InjectOutcome, InjectRequest } from '../../../model/inject.ts';
import type { Body } from '../../../model/resource.ts';
import { comesBack, isWorkload } from '../../injection/outcome.ts';
import { type Traces, uninjected, withoutContainers, withoutMetadata } from '../../injection/traces.ts';
import { CNI_RESOURCE, COMPONENT, EXTENSION, INJECT, IS_CONTROL_PLANE } from '../kinds.ts';

const NAMES: readonly string[] = ['linkerd-proxy', 'linkerd-init', 'linkerd-network-validator', 'linkerd-debug'];
const VOLUMES: readonly string[] = [
  'linkerd-proxy-init-xtables-lock',
  'linkerd-identity-end-entity',
  'linkerd-identity-token',
  'linkerd-podinfo',
];

const CONTAINERS: Pick<Traces, 'isContainer' | 'isVolume'> = {
  isContainer: (name) => NAMES.includes(name),
  isVolume: (name) => VOLUMES.includes(name),
};

/** Says that somebody wants no proxy, which stays true without one. */
const isRefusal = (key: string, value: string): boolean => key === INJECT && value === 'disabled';

/** What parts of Linkerd and its extensions are, and no injection says. */
const STANDING: readonly string[] = [EXTENSION, CNI_RESOURCE, IS_CONTROL_PLANE];

const isOwn = (key: string): boolean => key.startsWith('linkerd.io/') && !STANDING.includes(key);
const isConfiguration = (key: string): boolean => /^(?:config|config\.alpha|config\.beta|viz)\.linkerd\.io\//.test(key);

export function uninject(request: InjectRequest): InjectOutcome {
  const { object, template, home } = request;
  const bare = withoutContainers(object, template, CONTAINERS);
  const isPart = isControlPlane(request);
  const isTrace = (key: string, value: string): boolean => (isOwn(key) || isConfiguration(key)) && !isRefusal(key, value);
  // Labels of Namespaces and Services say what they are, and whom the injector is not to ask about.
  const isPods = isWorkload(request);
  const isLabel = (key: string, value: string): boolean => isPods && isTrace(key, value);
  const after = isPart ? bare : withoutMetadata(bare, template, { isLabel, isAnnotation: isTrace });
  const marked = home?.annotations[INJECT];
  const isRefused = isRefusal(INJECT, stringAt(object, ...template, 'metadata', 'annotations', INJECT) ?? '');
  const returns = isPods && (marked === 'enabled' || marked === 'ingress');
  return uninjected(request, after, comesBack(request, returns && !isRefused, `Set annotation "${INJECT}: disabled" to keep it out.`));
}

/** The object without a proxy, and with all that says how the next one should be. */
export function withoutProxy(request: InjectRequest): Body {
  const { object, template } = request;
  const bare = withoutContainers(object, template, CONTAINERS);
  if (isControlPlane(request)) return bare;
  const isWish = (key: string, value: string): boolean => key === INJECT && (value === 'disabled' || value === 'ingress');
  return withoutMetadata(bare, template, { isLabel: isOwn, isAnnotation: (key, value) => isOwn(key) && !isWish(key, value) });
}

/** The labels of Linkerd's own parts tell them apart, and are no traces of an injection. */
export const isControlPlane = ({ object, template }: InjectRequest): boolean =>
  stringAt(object, ...template, 'metadata', 'labels', COMPONENT) !== undefined;

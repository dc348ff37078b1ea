/** Whether a pod gets a proxy, which is decided anew by the injector after the webhook was called. */
import { listAt, stringMapAt } from '../../../model/body.ts';
import type { InjectReason } from '../../../model/inject.ts';
import { labelSelectorMatches } from '../../../model/labels.ts';
import { INJECT, SYSTEM_NAMESPACES } from '../injection.ts';
import type { InjectorConfig } from './config.ts';
import { annotationsOf, labelsOf, type Pod } from './pod.ts';

/** @returns why not; undefined when it does */
export function refusal(pod: Pod, namespace: string, config: InjectorConfig): InjectReason | undefined {
  if (pod.spec['hostNetwork'] === true) {
    return {
      code: 'host-network',
      message: 'The pod uses the network of its node, where a proxy would catch the traffic of other pods too.',
    };
  }
  if (SYSTEM_NAMESPACES.has(namespace)) {
    return { code: 'system-namespace', message: `Istio injects nothing into the namespace "${namespace}".` };
  }
  const [label, annotation] = [labelsOf(pod)[INJECT], annotationsOf(pod)[INJECT]];
  const wish = label ?? annotation;
  if (wish === 'false') {
    return label === undefined
      ? { code: 'disabled-by-annotation', message: `The annotation "${INJECT}" of the pod is "false".` }
      : { code: 'disabled-by-label', message: `The label "${INJECT}" of the pod is "false".` };
  }
  if (config.policy === undefined) {
    return {
      code: 'unknown-policy',
      message: 'The policy of the injector is neither "enabled" nor "disabled", which turns injection off.',
    };
  }
  if (wish === 'true') return undefined;
  const matches = (selectors: readonly unknown[]): boolean =>
    selectors.some((selector) => !isEmpty(selector) && labelSelectorMatches(selector, labelsOf(pod)));
  if (matches(config.neverInjectSelector)) {
    return { code: 'never-inject-selector', message: 'The labels of the pod match a "neverInjectSelector" of the injector.' };
  }
  if (config.policy === 'enabled' || matches(config.alwaysInjectSelector)) return undefined;
  return {
    code: 'disabled-by-policy',
    message: `The policy of the injector is "disabled", and the pod does not ask for a proxy with the label "${INJECT}".`,
  };
}

/** The injector passes over empty selectors, although an empty selector matches everything elsewhere. */
const isEmpty = (selector: unknown): boolean =>
  listAt(selector, 'matchExpressions').length === 0 && Object.keys(stringMapAt(selector, 'matchLabels')).length === 0;

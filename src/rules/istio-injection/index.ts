/** How sidecars come into pods, and what goes wrong on the way. */
import type { Rule } from '../../model/rule.ts';
import { autoImageInjected } from './auto-image-injected.ts';
import { autoImageReplaced } from './auto-image-replaced.ts';
import { namespaceChoosesInjection } from './namespace-chooses-injection.ts';
import { namespaceInjectedByDefault } from './namespace-injected-by-default.ts';
import { namespaceInjectionLabelsAgree } from './namespace-injection-labels-agree.ts';
import { podHasProxy } from './pod-has-proxy.ts';
import { proxyImageCurrent } from './proxy-image-current.ts';

export const rules: readonly Rule[] = [
  autoImageInjected,
  autoImageReplaced,
  namespaceChoosesInjection,
  namespaceInjectedByDefault,
  namespaceInjectionLabelsAgree,
  podHasProxy,
  proxyImageCurrent,
];

/** Whose traffic a ztunnel takes. */
import { stringAt } from '../../model/body.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import { isRunning } from './proxy.ts';

const REDIRECTION = 'ambient.istio.io/redirection';

export const isCaptured = (pod: KubeObject): boolean => pod.metadata.annotations?.[REDIRECTION] === 'enabled';

export const capturedOn = (node: string, store: Store): readonly KubeObject[] =>
  store.list('core/Pod').filter((pod) => isRunning(pod) && isCaptured(pod) && stringAt(pod, 'spec', 'nodeName') === node);

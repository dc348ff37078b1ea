import { stringAt } from '../../model/body.ts';
import type { Backend } from '../api/backend.ts';
import { type KubeObject, timestamp } from '../store/object.ts';

const MOST = 2000;
const serials = new WeakMap<Backend, number>();

/** An Event about an object, as `kubectl describe` lists them. Past a bound nothing more is recorded. */
export function recordEvent(
  backend: Backend,
  about: KubeObject,
  reason: string,
  message: string,
  type: 'Normal' | 'Warning' = 'Normal',
): void {
  if (!backend.isOpen()) return;
  const serial = (serials.get(backend) ?? 0) + 1;
  if (serial > MOST) return;
  serials.set(backend, serial);
  const { name, namespace = 'default', uid, resourceVersion } = about.metadata;
  const time = timestamp(backend.now());
  const component =
    about.kind === 'Pod' ? (reason === 'Scheduled' ? 'default-scheduler' : 'kubelet') : `${about.kind.toLowerCase()}-controller`;
  backend.store.create('core/Event', {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${(0x18_00_00 + serial).toString(16)}`, namespace },
    involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name, namespace, uid, resourceVersion },
    reason,
    message,
    type,
    count: 1,
    firstTimestamp: time,
    lastTimestamp: time,
    eventTime: null,
    source: { component, ...(component === 'kubelet' ? { host: stringAt(about, 'spec', 'nodeName') ?? '' } : {}) },
    reportingComponent: component,
    reportingInstance: '',
  });
}

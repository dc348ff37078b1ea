/** What an injection says of a workload, in the words that all meshes share. */
import { at, objectAt } from '../../model/body.ts';
import type { InjectAction, InjectOutcome, InjectReason, InjectRequest } from '../../model/inject.ts';
import type { Body } from '../../model/resource.ts';
import { isEqual } from '../../text/equal.ts';

/** An object that becomes `after`, or stays as it is because it is that already. */
export function became(action: InjectAction, { object }: InjectRequest, after: Body, reasons: readonly InjectReason[]): InjectOutcome {
  if (!isEqual(object, after)) return { action, reasons, object: after };
  const message = action === 'annotated' ? 'It is marked for injection already.' : 'It has this proxy already.';
  return { action: 'unchanged', reasons: [...reasons, { code: 'already-injected', message }] };
}

export const skipped = (code: string, message: string): InjectOutcome => ({ action: 'skipped', reasons: [{ code, message }] });
export const failed = (code: string, message: string): InjectOutcome => ({ action: 'failed', reasons: [{ code, message }] });

export const isNamespace = ({ object }: InjectRequest): boolean => object['kind'] === 'Namespace' && object['apiVersion'] === 'v1';

/** Whether it is a pod, or makes pods. */
export const isWorkload = ({ object, template }: InjectRequest): boolean => template.length > 0 || object['kind'] === 'Pod';

export const specOf = ({ object, template }: InjectRequest): Body => objectAt(object, ...template, 'spec');

/** Why no mesh can have a proxy in such a workload; undefined when one can. */
export function unsuited(request: InjectRequest): InjectOutcome | undefined {
  const spec = specOf(request);
  if (!Array.isArray(spec['containers'])) return skipped('unsupported', `A ${String(request.object['kind'])} has no pods to inject.`);
  if (at(spec, ['hostNetwork']) !== true) return undefined;
  return skipped('host-network', "Its pods are on the host's network, where a proxy would capture the traffic of the whole node.");
}

/** What is known of a Namespace whose own mark brings the proxy back, said of a workload that loses it. */
export function comesBack({ home }: InjectRequest, isOn: boolean, remedy: string): readonly InjectReason[] {
  if (!home || !isOn) return [];
  return [
    { code: 'namespace-enabled', message: `Namespace "${home.name}" is marked for injection: new pods get the proxy again. ${remedy}` },
  ];
}

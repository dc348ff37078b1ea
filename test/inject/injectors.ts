/** A small injector of our own: a label, and a container in front. */

import type { Transformation } from '../../src/inject/transform.ts';
import { at, isBody, listAt, objectAt, stringAt } from '../../src/model/body.ts';
import type { InjectOutcome, InjectRequest } from '../../src/model/inject.ts';
import type { Body, FieldPath } from '../../src/model/resource.ts';

const PROXY = { name: 'proxy', image: 'proxy:1', args: ['--on', 'yes'] };

export function inject({ object, template }: InjectRequest): InjectOutcome {
  const pod = objectAt(object, ...template);
  if (at(pod, ['spec', 'hostNetwork']) === true)
    return { action: 'skipped', reasons: [{ code: 'host-network', message: "It is on the host's network." }] };
  const [first] = listAt(pod, 'spec', 'containers');
  if (stringAt(first, 'name') === 'proxy') return { action: 'unchanged', reasons: [] };
  const metadata = { ...objectAt(pod, 'metadata'), labels: { ...objectAt(pod, 'metadata', 'labels'), 'mesh/on': 'yes' } };
  const spec = { ...objectAt(pod, 'spec'), containers: [PROXY, ...listAt(pod, 'spec', 'containers')] };
  return { action: 'injected', reasons: [], object: replaced(object, template, { ...pod, metadata, spec }) };
}

export function uninject({ object, template }: InjectRequest): InjectOutcome {
  const pod = objectAt(object, ...template);
  const containers = listAt(pod, 'spec', 'containers').filter((container) => stringAt(container, 'name') !== 'proxy');
  if (containers.length === listAt(pod, 'spec', 'containers').length) return { action: 'unchanged', reasons: [] };
  const { 'mesh/on': _, ...labels } = objectAt(pod, 'metadata', 'labels');
  const { labels: _labels, ...metadata } = objectAt(pod, 'metadata');
  const kept = Object.keys(labels).length > 0 ? { ...metadata, labels } : metadata;
  const { metadata: _metadata, ...others } = pod;
  const bare = { ...others, ...(Object.keys(kept).length > 0 && { metadata: kept }), spec: specWith(objectAt(pod, 'spec'), containers) };
  return { action: 'uninjected', reasons: [], object: replaced(object, template, bare) };
}

function replaced(value: unknown, [step, ...rest]: FieldPath, by: Body): Body {
  if (step === undefined) return by;
  const body = isBody(value) ? value : {};
  return { ...body, [step]: replaced(body[step], rest, by) };
}

export const transformationOf = (change: Transformation['change']): Transformation => ({
  change,
  alsoConcerns: [],
  home: async () => undefined,
});

/** A pod of nothing but init containers had no list of others. */
function specWith({ containers: _, ...spec }: Body, containers: readonly unknown[]): Body {
  return containers.length > 0 ? { ...spec, containers } : spec;
}

/** Workloads and Namespaces without anything of Kuma. */
import { itemsAt, objectAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { InjectOutcome, InjectRequest } from '../../../model/inject.ts';
import type { Body } from '../../../model/resource.ts';
import { withValue } from '../../injection/edit.ts';
import { withMarks } from '../../injection/marks.ts';
import { comesBack, isNamespace, isWorkload } from '../../injection/outcome.ts';
import { type Traces, uninjected, withoutContainers, withoutMetadata } from '../../injection/traces.ts';
import { switchOf } from './annotations.ts';
import {
  ADMIN_PORT,
  DEFAULT_CONTAINER,
  INIT,
  INJECTED,
  INJECTION,
  KUMA_CNI,
  NETWORKS,
  PROBE_PORT,
  REDIRECTION,
  SIDECAR,
  VALIDATION,
} from './keys.ts';
import { withOwnProbes } from './probes.ts';

const NAMES: readonly string[] = [SIDECAR, INIT, VALIDATION];
const VOLUMES: readonly string[] = [
  'kuma-init-tmp',
  'kuma-sidecar-tmp',
  'kuma-spire-agent-socket',
  'transparent-proxy-base',
  'transparent-proxy-custom',
];

const CONTAINERS: Pick<Traces, 'isContainer' | 'isVolume'> = {
  isContainer: (name) => NAMES.includes(name),
  isVolume: (name) => VOLUMES.includes(name),
};

/** Says that somebody wants no proxy, which stays true without one. */
const isRefusal = (key: string, value: string): boolean => key === INJECTION && switchOf(value, true) === false;

/** The namespace of a control plane is told by one of them. */
const isKuma = (key: string): boolean => /^(?:[\w-]+\.)*kuma\.io\//.test(key) && key !== 'kuma.io/system-namespace';

export function uninject(request: InjectRequest): InjectOutcome {
  const { object, template, home } = request;
  // What a Service says is for whoever calls it.
  if (!isWorkload(request) && !isNamespace(request)) return uninjected(request, object, []);
  const isTrace = (key: string, value: string): boolean => isKuma(key) && !isRefusal(key, value);
  const after = withoutMetadata(withoutProxy(request), template, { isLabel: isTrace, isAnnotation: isTrace });
  const own = stringAt(object, ...template, 'metadata', 'labels', INJECTION) ?? '';
  const returns = isWorkload(request) && !isRefusal(INJECTION, own) && switchOf(home?.labels[INJECTION] ?? '', true) === true;
  return uninjected(request, after, comesBack(request, returns, `Set label "${INJECTION}: disabled" to keep it out.`));
}

/** The object without a proxy, and with all that says how the next one should be. */
export function withoutProxy({ object, template }: InjectRequest): Body {
  const annotations = stringMapAt(object, ...template, 'metadata', 'annotations');
  if (annotations[INJECTED] === undefined) return withoutContainers(object, template, CONTAINERS);
  const spec = [...template, 'spec'];
  const port = Number(annotations[PROBE_PORT] ?? 0);
  const probed = port === 0 ? object : withValue(object, spec, withOwnProbes(objectAt(object, ...spec), port));
  const bare = withoutContainers(probed, template, CONTAINERS);
  const networks = annotations[NETWORKS]?.split(',').filter((network) => network !== KUMA_CNI);
  const containers = itemsAt(bare, ...spec, 'containers');
  // What one container is called says nothing that is not so without it.
  const isImplied = containers.length === 1 && annotations[DEFAULT_CONTAINER] === containers[0]?.item['name'];
  return withMarks(bare, template, 'annotations', {
    [INJECTED]: null,
    [ADMIN_PORT]: null,
    [REDIRECTION]: null,
    ...(isImplied && { [DEFAULT_CONTAINER]: null }),
    ...(networks && { [NETWORKS]: networks.length > 0 ? networks.join(',') : null }),
  });
}

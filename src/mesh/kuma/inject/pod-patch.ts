/** A workload with the proxy in it, as the webhook of the control plane makes it. */
import { at, booleanAt, itemsAt, listAt, objectAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { InjectReason, InjectRequest } from '../../../model/inject.ts';
import type { Body } from '../../../model/resource.ts';
import { withValue } from '../../injection/edit.ts';
import { withMarks } from '../../injection/marks.ts';
import { specOf } from '../../injection/outcome.ts';
import { type Annotations, annotationsIn } from './annotations.ts';
import type { Configuration } from './configuration.ts';
import { patched, patchNames } from './container-patches.ts';
import { initContainer, type Pod, sidecar, TOKEN_VOLUME, validationContainer } from './containers.ts';
import { hasSpire } from './environment.ts';
import {
  ADMIN_PORT,
  DEFAULT_CONTAINER,
  GATEWAY,
  INJECTED,
  KUMA_CNI,
  MESH,
  NETWORKS,
  PROBE_PORT,
  REDIRECTION,
  REDIRECTION_MAP,
} from './keys.ts';
import { clashes, probedPorts, withProxiedProbes } from './probes.ts';
import { probePort, redirectionOf, writeRedirection } from './redirection.ts';

/** @param request of a workload without a proxy; @returns the object, or why the webhook would refuse the pod */
export function withProxy(
  request: InjectRequest,
  configuration: Configuration,
  mesh: string,
): { readonly object: Body } | { readonly faults: readonly InjectReason[] } {
  const { object, template } = request;
  const entries = stringMapAt(object, ...template, 'metadata', 'annotations');
  const annotations = annotationsIn(entries);
  const spec = specOf(request);
  const redirection = redirectionOf(configuration, annotations, probedPorts(spec));
  const containers = containersOf({ configuration, annotations, spec, mesh }, redirection);
  const probes = probePort(annotations, configuration);
  const wrong = [...containers.faults, ...disagreements(annotations, spec, probes)];
  const faults = [...annotations.faults, ...wrong];
  if (faults.length > 0) return { faults };
  const marked = withMarks(object, template, 'annotations', marksOf(entries, spec, configuration, writeRedirection(redirection), probes));
  const labelled = withMarks(marked, template, 'labels', { [MESH]: mesh });
  const injected = withContainers(spec, containers, configuration, annotations);
  return { object: withValue(labelled, [...template, 'spec'], probes === 0 ? injected : withProxiedProbes(injected, probes)) };
}

interface Containers {
  readonly proxy: Body;
  /** Undefined where the CNI plugin redirects, and there is nothing to validate. */
  readonly init: Body | undefined;
  readonly faults: readonly InjectReason[];
}

function containersOf(pod: Pod, redirection: Body): Containers {
  const names = patchNames(pod.configuration, pod.annotations);
  const missing = names.filter((name) => !pod.configuration.patches.has(name));
  const isCaptured = booleanAt(redirection, 'redirect', 'inbound', 'enabled') === true;
  const first = redirection['cniMode'] !== true ? initContainer(pod) : isCaptured ? validationContainer(pod) : undefined;
  const proxy = patched(sidecar(pod), 'sidecarPatch', names, pod.configuration);
  const init = first && patched(first, 'initPatch', names, pod.configuration);
  const messages = [
    ...missing.map((name) => `ContainerPatch "${name}" is not known, and Kuma refuses pods without it.`),
    ...[proxy, init].filter((result): result is string => typeof result === 'string'),
  ];
  return {
    proxy: typeof proxy === 'string' ? {} : proxy,
    init: typeof init === 'string' ? undefined : init,
    faults: messages.map((message) => ({ code: 'container-patch', message })),
  };
}

/** What the annotations ask for and the pod does not allow. */
function disagreements(annotations: Annotations, spec: Body, probes: number): readonly InjectReason[] {
  const volume = annotations.text(TOKEN_VOLUME);
  const isUnknown = volume !== undefined && !itemsAt(spec, 'volumes').some(({ item }) => item['name'] === volume);
  const isGateway = annotations.isOn(GATEWAY, false) && (annotations.number(PROBE_PORT) ?? 0) > 0;
  const messages = [
    ...(isUnknown ? [`Annotation "${TOKEN_VOLUME}" names volume "${volume}", which the pod has not.`] : []),
    ...(isGateway ? [`A gateway has no proxy for probes: annotation "${PROBE_PORT}" has to be "0" or absent.`] : []),
    ...(probes === 0 ? [] : clashes(spec, probes)).map(
      (name) =>
        `A probe of container "${name}" is for port ${probes}, at which the proxy answers probes: choose another with "${PROBE_PORT}".`,
    ),
  ];
  return messages.map((message) => ({ code: 'conflict', message }));
}

function marksOf(
  entries: Readonly<Record<string, string>>,
  spec: Body,
  { injector }: Configuration,
  redirection: string,
  probes: number,
): Readonly<Record<string, string>> {
  const [only, ...others] = itemsAt(spec, 'containers');
  const name = stringAt(only?.item, 'name');
  const networks = (entries[NETWORKS] ?? '').split(',').filter((network) => network !== '' && network !== KUMA_CNI);
  return {
    ...(others.length === 0 && name !== undefined && entries[DEFAULT_CONTAINER] === undefined && { [DEFAULT_CONTAINER]: name }),
    [INJECTED]: 'true',
    [REDIRECTION]: redirection,
    ...(injector['cniEnabled'] === true && { [NETWORKS]: [...networks, KUMA_CNI].join(',') }),
    [PROBE_PORT]: String(probes),
    [ADMIN_PORT]: String(injector['adminPort']),
  };
}

function withContainers(spec: Body, { proxy, init }: Containers, configuration: Configuration, annotations: Annotations): Body {
  const isNative = configuration.injector['nativeSidecar'] === true;
  const first = init ? [init] : [];
  const inits = listAt(spec, 'initContainers');
  const isFirst = annotations.isOn('kuma.io/init-first', false);
  const all = isNative ? [...first, proxy, ...inits] : isFirst ? [...first, ...inits] : [...inits, ...first];
  const map = annotations.text(REDIRECTION_MAP);
  return {
    ...spec,
    containers: isNative ? spec['containers'] : [proxy, ...listAt(spec, 'containers')],
    ...(all.length > 0 && { initContainers: all }),
    volumes: [
      ...listAt(spec, 'volumes'),
      { name: 'kuma-init-tmp', emptyDir: { sizeLimit: '10M' } },
      { name: 'kuma-sidecar-tmp', emptyDir: { sizeLimit: '10M' } },
      ...(hasSpire(configuration, annotations)
        ? [{ name: 'kuma-spire-agent-socket', csi: { driver: 'csi.spiffe.io', readOnly: true } }]
        : []),
      {
        name: 'transparent-proxy-base',
        downwardAPI: { items: [{ path: 'config.yaml', fieldRef: { fieldPath: `metadata.annotations['${REDIRECTION}']` } }] },
      },
      ...(map ? [{ name: 'transparent-proxy-custom', configMap: { name: map } }] : []),
    ],
  };
}

/** Containers that run as the proxy's user, whose traffic would go around the mesh. */
export function containersAs(user: number, spec: Body, list: 'containers' | 'initContainers'): readonly string[] {
  return itemsAt(spec, list).flatMap(({ item }) =>
    at(objectAt(item, 'securityContext'), ['runAsUser']) === user ? [stringAt(item, 'name') ?? ''] : [],
  );
}

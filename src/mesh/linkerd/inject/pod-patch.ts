/** A workload with the proxy in it, as `linkerd inject --manual` and the injector make it. */
import { listAt } from '../../../model/body.ts';
import type { InjectRequest } from '../../../model/inject.ts';
import type { Body } from '../../../model/resource.ts';
import { sha256 } from '../../../text/hash.ts';
import { withValue } from '../../injection/edit.ts';
import { withMarks } from '../../injection/marks.ts';
import { CONTROL_PLANE_NS, CREATED_BY } from '../kinds.ts';
import { isSet, textAt } from './chart-values.ts';
import { debugContainer, initContainer, networkValidator } from './other-containers.ts';
import { proxyContainer } from './proxy-container.ts';

/** @param namespace of the control plane */
export function withProxy(request: InjectRequest, values: Body, namespace: string): Body {
  const { template } = request;
  const marked = withMarks(request.object, template, 'annotations', annotationsOf(values));
  const labelled = withMarks(marked, template, 'labels', labelsOf(request, namespace));
  return Object.entries(lists(request, values, namespace)).reduce(
    (object: Body, [list, items]) => (items.length > 0 ? withValue(object, [...template, 'spec', list], items) : object),
    labelled,
  );
}

function annotationsOf(values: Body): Readonly<Record<string, string>> {
  return {
    [CREATED_BY]: 'meshctl',
    'linkerd.io/proxy-version': textAt(values, 'proxy', 'image', 'version') || textAt(values, 'linkerdVersion'),
    'linkerd.io/trust-root-sha256': sha256(textAt(values, 'identityTrustAnchorsPEM')),
  };
}

/** Kinds that metrics are told apart by. */
const OWNERS: readonly unknown[] = ['Deployment', 'ReplicationController', 'ReplicaSet', 'Job', 'DaemonSet', 'StatefulSet', 'CronJob'];

function labelsOf({ object, namespace: home }: InjectRequest, namespace: string): Readonly<Record<string, string>> {
  const kind = object['kind'];
  return {
    [CONTROL_PLANE_NS]: namespace,
    ...(OWNERS.includes(kind) && { [`linkerd.io/proxy-${String(kind).toLowerCase()}`]: textAt(object, 'metadata', 'name') }),
    'linkerd.io/workload-ns': home,
  };
}

/** A native sidecar comes first, behind what prepares the network for it, so that later init containers have the mesh. */
function lists({ object, template }: InjectRequest, values: Body, namespace: string): Readonly<Record<string, readonly unknown[]>> {
  const spec = [...template, 'spec'];
  const [containers, inits, volumes] = ['containers', 'initContainers', 'volumes'].map((list) => listAt(object, ...spec, list));
  const proxy = proxyContainer(values, namespace);
  const isNative = isSet(values, 'proxy', 'nativeSidecar');
  const first = isSet(values, 'cniEnabled') ? networkValidator(values) : initContainer(values);
  const others = [...(containers ?? []), ...(isSet(values, 'debug') ? [debugContainer(values)] : [])];
  return {
    containers: isNative ? others : isSet(values, 'proxy', 'await') ? [proxy, ...others] : [...others, proxy],
    initContainers: isNative ? [first, proxy, ...(inits ?? [])] : [...(inits ?? []), first],
    volumes: [...(volumes ?? []), ...volumesOf(values)],
  };
}

function volumesOf(values: Body): readonly Body[] {
  return [
    ...(isSet(values, 'cniEnabled') ? [] : [{ name: 'linkerd-proxy-init-xtables-lock', emptyDir: {} }]),
    { name: 'linkerd-identity-end-entity', emptyDir: { medium: 'Memory' } },
    ...(isSet(values, 'proxy', 'tracing', 'enabled')
      ? [{ name: 'linkerd-podinfo', downwardAPI: { items: [{ fieldRef: { fieldPath: 'metadata.labels' }, path: 'labels' }] } }]
      : []),
    ...(isSet(values, 'identity', 'serviceAccountTokenProjection')
      ? [
          {
            name: 'linkerd-identity-token',
            projected: {
              sources: [
                { serviceAccountToken: { path: 'linkerd-identity-token', expirationSeconds: 86_400, audience: 'identity.l5d.io' } },
              ],
            },
          },
        ]
      : []),
  ];
}

/** What becomes of one object. */
import { at, itemsAt, stringAt } from '../../../model/body.ts';
import type { InjectOutcome, Injector, InjectReason, InjectRequest } from '../../../model/inject.ts';
import { withMarks } from '../../injection/marks.ts';
import { became, failed, isNamespace, skipped, specOf, unsuited } from '../../injection/outcome.ts';
import { INJECT } from '../kinds.ts';
import { isSet } from './chart-values.ts';
import { OPAQUE_PORTS } from './options.ts';
import { withProxy } from './pod-patch.ts';
import { isControlPlane, withoutProxy } from './uninject.ts';
import type { Configuration } from './values.ts';
import { workloadValues } from './workload-values.ts';

/** @param manual whether the proxy itself is added, and not what makes the cluster's injector add it */
export function injector(configuration: Configuration, manual: boolean): Injector {
  const { overrides } = configuration;
  return {
    inject: (request) => {
      const { object } = request;
      if (isNamespace(request)) {
        const marked = withMarks(object, [], 'annotations', { [INJECT]: 'enabled', ...overrides });
        return became('annotated', request, marked, installation(configuration));
      }
      if (object['kind'] === 'Service') return annotatedService(request, overrides[OPAQUE_PORTS]);
      const refusal = unsuited(request) ?? refused(request, configuration, manual);
      if (refusal) return refusal;
      return manual ? injected(request, configuration) : annotated(request, configuration);
    },
  };
}

/** A Service has no pods, and yet its clients must know which of its ports are opaque. */
function annotatedService(request: InjectRequest, ports: string | undefined): InjectOutcome {
  if (ports === undefined) return skipped('unsupported', 'A Service has no pods to inject.');
  return became('annotated', request, withMarks(request.object, [], 'annotations', { [OPAQUE_PORTS]: ports }), []);
}

/** Sidecars that both want all traffic. */
const FOREIGN: readonly string[] = ['istio-proxy', 'istio-init', 'kuma-sidecar', 'consul-dataplane'];

function refused(request: InjectRequest, { values }: Configuration, manual: boolean): InjectOutcome | undefined {
  const spec = specOf(request);
  const wish = wishOf(request);
  if (wish === 'disabled') return skipped('disabled-by-annotation', `Its annotation "${INJECT}" says "disabled".`);
  if (wish !== undefined && wish !== 'enabled' && wish !== 'ingress') {
    return failed('invalid-annotation', `The value "${wish}" of annotation "${INJECT}" is none of "enabled", "ingress" and "disabled".`);
  }
  const names = ['containers', 'initContainers'].flatMap((list) => itemsAt(spec, list).map(({ item }) => String(item['name'])));
  const foreign = names.find((name) => FOREIGN.includes(name));
  if (foreign !== undefined) return skipped('other-sidecar', `Its container "${foreign}" is the proxy of another mesh.`);
  if (at(spec, ['automountServiceAccountToken']) === false && !isSet(values, 'identity', 'serviceAccountTokenProjection')) {
    const message =
      'It mounts no service account token, by which the proxy would prove who it is, and the control plane gives proxies none of their own.';
    return skipped('no-service-account-token', message);
  }
  if (isControlPlane(request) && !manual) {
    return failed('control-plane', "The injector passes over Linkerd's own control plane: its proxies can only be added manually.");
  }
  return undefined;
}

const wishOf = ({ object, template }: InjectRequest): string | undefined =>
  stringAt(object, ...template, 'metadata', 'annotations', INJECT);

function injected(request: InjectRequest, configuration: Configuration): InjectOutcome {
  const bare = { ...request, object: withoutProxy(request) };
  const { [INJECT]: _, ...overrides } = configuration.overrides;
  const marked = { ...bare, object: withMarks(bare.object, request.template, 'annotations', overrides) };
  const { values, reasons } = workloadValues(configuration, marked);
  if (isSet(values, 'proxyInit', 'closeWaitTimeoutSecs') && !isSet(values, 'proxyInit', 'runAsRoot')) {
    return failed(
      'close-wait-needs-root',
      'Only an init container that runs as root can set the close-wait timeout: set "proxyInit.runAsRoot".',
    );
  }
  const after = withProxy(marked, values, configuration.namespace);
  return became('injected', request, after, [...reasons, ...unseenPorts(request)]);
}

function annotated(request: InjectRequest, configuration: Configuration): InjectOutcome {
  const bare = withoutProxy(request);
  const mode = wishOf(request) === 'ingress' ? 'ingress' : 'enabled';
  const after = withMarks(bare, request.template, 'annotations', { [INJECT]: mode, ...configuration.overrides });
  const { reasons } = workloadValues(configuration, { ...request, object: bare });
  return became('annotated', request, after, [
    ...reasons,
    ...unseenPorts(request),
    ...unseenNamespace(request),
    ...installation(configuration),
  ]);
}

function unseenPorts(request: InjectRequest): readonly InjectReason[] {
  const ports = itemsAt(specOf(request), 'containers').flatMap(({ item }) =>
    itemsAt(item, 'ports').flatMap((port) => (port.item['protocol'] === 'UDP' ? [String(port.item['containerPort'])] : [])),
  );
  return ports.length === 0 ? [] : [{ code: 'udp-ports', message: `The proxy does not see UDP: ports ${ports.join(', ')} bypass it.` }];
}

/** Namespaces that the chart excludes from the injector's webhook. */
const EXCLUDED: readonly string[] = ['kube-system', 'cert-manager'];

function unseenNamespace({ namespace, home }: InjectRequest): readonly InjectReason[] {
  const isOff = home?.labels['config.linkerd.io/admission-webhooks'] === 'disabled';
  if (!isOff && !EXCLUDED.includes(namespace)) return [];
  return [
    {
      code: 'namespace-excluded',
      message: `The injector's webhook is not asked about pods of namespace "${namespace}": add the proxy manually.`,
    },
  ];
}

function installation({ isInstalled, namespace }: Configuration): readonly InjectReason[] {
  if (isInstalled) return [];
  return [
    {
      code: 'no-control-plane',
      message: `Namespace "${namespace}" has no ConfigMap "linkerd-config": nothing adds the proxy before Linkerd is installed.`,
    },
  ];
}

/**
 * How workloads get Consul's proxy: by an annotation for the connect-injector. The proxy is made of some forty flags of
 * the injector and of what it knows when the pod is admitted, the pod itself among it.
 * @see https://developer.hashicorp.com/consul/docs/k8s/annotations-and-labels
 */
import { isBody, objectAt, stringAt, stringMapAt } from '../../model/body.ts';
import type { InjectFlag, InjectOutcome, InjectReason, InjectRequest } from '../../model/inject.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { Body, Resource } from '../../model/resource.ts';
import { withValue } from '../injection/edit.ts';
import { type Marking, markingInject } from '../injection/marking.ts';
import { skipped } from '../injection/outcome.ts';
import { askCluster } from '../injection/reach.ts';
import { consulMesh, INJECT, isInjector, isTrue, NEVER, PASSED_OVER, settingsOf } from './sidecar-mesh.ts';

const PREFIX = 'consul.hashicorp.com/';
const ORIGINAL = `${PREFIX}original-pod`;

/** Flags, and the annotations that say the same. */
const FLAGS: readonly (InjectFlag & { readonly name: string; readonly annotation: string })[] = [
  ['upstreams', 'connect-service-upstreams', '<names>', 'services, with local ports, that the workload asks'],
  ['service-port', 'connect-service-port', '<port>', 'port of the workload that the proxy sends requests to'],
  ['connect-service', 'connect-service', '<name>', 'name of the service that the workload is'],
  ['transparent-proxy', 'transparent-proxy', '<true|false>', 'whether all traffic is redirected'],
  ['exclude-inbound-ports', 'transparent-proxy-exclude-inbound-ports', '<ports>', 'ports of the workload that bypass the proxy'],
  ['exclude-outbound-ports', 'transparent-proxy-exclude-outbound-ports', '<ports>', 'ports of others that are reached past the proxy'],
  ['exclude-outbound-cidrs', 'transparent-proxy-exclude-outbound-cidrs', '<networks>', 'networks that are reached past the proxy'],
  ['exclude-uids', 'transparent-proxy-exclude-uids', '<uids>', 'users whose traffic bypasses the proxy'],
].map(([name = '', key = '', argument = '', description = '']) => ({
  name,
  annotation: PREFIX + key,
  flags: `--${name} ${argument}`,
  description,
}));

const marking: Marking = {
  title: 'Consul',
  whyNotManual: 'It is made of the flags of the connect-injector and of the pod as it was admitted, which the injector keeps beside it.',
  flags: FLAGS.map(({ flags, description }) => ({ flags, description })),
  mark: { key: INJECT, value: 'true', off: 'false', read: isTrue },
  // Whether pods are injected unasked is a setting of the injector.
  readHome: () => undefined,
  look: async (parameters) => {
    const { settings } = parameters;
    const asked = await askCluster(parameters, async (live) => ({
      injector: (await live.list('apps/Deployment')).find(isInjector),
      services: await live.list('core/Service'),
    }));
    return {
      refuse: (request) => refused(request, asked?.answer.injector),
      notices: (request) => (asked ? [...unserved(request, asked.answer.services), ...(asked.answer.injector ? [] : [NO_INJECTOR])] : []),
      annotations: Object.fromEntries(
        FLAGS.flatMap(({ name, annotation }) => (settings[name] === undefined ? [] : [[annotation, String(settings[name])] as const])),
      ),
    };
  },
  traces: () => ({
    isContainer: (name) => /^(?:consul-connect-inject-init|consul-dataplane)(?:-|$)/.test(name),
    isVolume: (name) => name === 'consul-connect-inject-data',
    isLabel: isTrace,
    isAnnotation: isTrace,
  }),
  restore,
};

export const inject = markingInject(marking);

/** Services are synced to a catalog by annotations that have nothing to do with proxies. */
const isTrace = (key: string): boolean => key.startsWith(PREFIX) && !consulMesh.evidence.unrelated?.includes(key);

const NO_INJECTOR: InjectReason = {
  code: 'no-control-plane',
  message: 'The cluster has no connect-injector: nothing adds the proxy before Consul is installed with it.',
};

function refused({ object, template, namespace }: InjectRequest, injector: Resource | undefined): InjectOutcome | undefined {
  const annotations = stringMapAt(object, ...template, 'metadata', 'annotations');
  const part = PASSED_OVER.find((key) => annotations[key] !== undefined);
  if (part !== undefined) return skipped('passed-over', `Consul's injector passes over pods with annotation "${part}".`);
  const { allowed, denied } = settingsOf(injector);
  const isAllowed = allowed.length === 0 || allowed.includes('*') || allowed.includes(namespace);
  if (isAllowed && !NEVER.includes(namespace) && !denied.includes(namespace)) return undefined;
  return skipped('namespace-excluded', `Consul's injector passes over namespace "${namespace}".`);
}

/** The proxy is registered from the endpoints of a Service, and the pod does not start without. */
function unserved({ object, template, namespace }: InjectRequest, services: readonly Resource[]): readonly InjectReason[] {
  const labels = stringMapAt(object, ...template, 'metadata', 'labels');
  const isServed = services.some((service) => {
    const selector = stringMapAt(service.body, 'spec', 'selector');
    return service.namespace === namespace && Object.keys(selector).length > 0 && labelsMatch(selector, labels);
  });
  if (isServed) return [];
  return [{ code: 'no-service', message: 'The cluster has no Service that selects its pods, and they wait for one before they start.' }];
}

/** The pod as it was, which the injector keeps whole in an annotation. */
function restore({ object, template }: InjectRequest): Body | undefined {
  const kept = stringAt(object, ...template, 'metadata', 'annotations', ORIGINAL);
  if (kept === undefined) return undefined;
  try {
    const original: unknown = JSON.parse(kept);
    return isBody(original) && isBody(original['spec']) ? withValue(object, [...template, 'spec'], objectAt(original, 'spec')) : undefined;
  } catch {
    return undefined;
  }
}

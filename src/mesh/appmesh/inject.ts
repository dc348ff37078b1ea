/**
 * How workloads get the proxy of App Mesh: by an annotation for the controller, which asks AWS what the proxy is to be.
 * @see https://aws.github.io/aws-app-mesh-controller-for-k8s/reference/injector/
 */
import { at, itemsAt, stringAt, stringMapAt } from '../../model/body.ts';
import type { InjectOutcome, InjectRequest } from '../../model/inject.ts';
import { compileLabelSelector } from '../../model/labels.ts';
import type { Resource } from '../../model/resource.ts';
import { type Marking, markingInject } from '../injection/marking.ts';
import { failed } from '../injection/outcome.ts';
import { askCluster } from '../injection/reach.ts';
import { INJECTOR, VIRTUAL_NODE } from './sidecar-mesh.ts';

const marking: Marking = {
  title: 'App Mesh',
  whyNotManual: 'The controller makes it of what AWS knows of the mesh.',
  flags: [],
  mark: { key: INJECTOR, value: 'enabled', off: 'disabled', read: isOn },
  readHome: ({ labels }) => isOn(labels[INJECTOR] ?? ''),
  look: async (parameters) => {
    const asked = await askCluster(parameters, async (live) => [
      ...(await live.list(VIRTUAL_NODE)),
      ...(await live.list('appmesh.k8s.aws/VirtualGateway')),
    ]);
    return { refuse: (request) => (asked ? rejected(request, asked.answer) : undefined), notices: () => [], annotations: {} };
  },
  namespaceMarks: () => ({ labels: { [INJECTOR]: 'enabled' } }),
  traces: ({ object, template }) => {
    // Of several containers of a proxy only this one has a name that nobody else gives.
    const isInjected = itemsAt(object, ...template, 'spec', 'initContainers').some(({ item }) => item['name'] === 'proxyinit');
    return {
      isContainer: (name) =>
        isInjected && ['envoy', 'proxyinit', 'xray-daemon', 'inject-jaeger-config', 'inject-datadog-config'].includes(name),
      isVolume: (name) => isInjected && ['envoy-tracing-config', 'appmesh-sds-socket-volume'].includes(name),
      isLabel: isTrace,
      isAnnotation: isTrace,
    };
  },
};

export const inject = markingInject(marking);

const isTrace = (key: string): boolean => key.startsWith('appmesh.k8s.aws/');

function isOn(value: string): boolean | undefined {
  return value === 'enabled' || value === 'disabled' ? value === 'enabled' : undefined;
}

/** The webhook rejects pods that no VirtualNode or VirtualGateway selects, and those that several do. */
function rejected({ object, template, namespace }: InjectRequest, owners: readonly Resource[]): InjectOutcome | undefined {
  const labels = stringMapAt(object, ...template, 'metadata', 'labels');
  const found = owners.filter(({ body, namespace: home }) => {
    const selector = at(body, ['spec', 'podSelector']);
    return home === namespace && selector !== undefined && compileLabelSelector(selector)(labels);
  });
  const [first, second] = found.map((owner) => `${stringAt(owner.body, 'kind')} "${owner.name}"`);
  if (first === undefined) {
    return failed('no-virtual-node', 'No VirtualNode or VirtualGateway selects its pods, and the controller rejects such pods.');
  }
  if (second === undefined) return undefined;
  return failed('several-virtual-nodes', `${first} and ${second} both select its pods, and the controller rejects such pods.`);
}

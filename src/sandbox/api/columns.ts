/** Columns of `kubectl get` per kind: name, priority (1 is for `-o wide`) and cell. */
import { at, itemsAt, listAt, numberAt, objectAt, stringAt, stringMapAt } from '../../model/body.ts';
import type { KubeObject } from '../store/object.ts';
import { ageSince } from './age.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly priority: number;
  readonly cell: (object: KubeObject, now: number) => unknown;
}

type Cell = Column['cell'];

const column = (name: string, cell: Cell, priority = 0, type = 'string'): Column => ({
  name,
  type,
  format: name === 'Name' ? 'name' : '',
  priority,
  cell,
});
const number = (name: string, cell: Cell): Column => column(name, cell, 0, 'integer');
const text =
  (...path: readonly (string | number)[]): Cell =>
  (object) =>
    String(at(object, path) ?? '<none>');
const count =
  (...path: readonly (string | number)[]): Cell =>
  (object) =>
    numberAt(object, ...path) ?? 0;
const joined = (values: readonly string[], empty = '<none>'): string => (values.length === 0 ? empty : values.join(','));
const labels =
  (...path: readonly string[]): Cell =>
  (object) =>
    joined(Object.entries(stringMapAt(object, ...path)).map(([key, value]) => `${key}=${value}`));
const containers =
  (field: string, ...path: readonly string[]): Cell =>
  (object) =>
    itemsAt(object, ...path, 'containers')
      .map(({ item }) => stringAt(item, field) ?? '')
      .join(',');

const NAME = column('Name', ({ metadata }) => metadata.name);
const AGE = column('Age', ({ metadata }, now) => ageSince(metadata.creationTimestamp, now));
const CREATED = column('Created At', ({ metadata }) => metadata.creationTimestamp ?? '');
const TEMPLATE = ['spec', 'template', 'spec'] as const;
const WORKLOAD_WIDE = [
  column('Containers', containers('name', ...TEMPLATE), 1),
  column('Images', containers('image', ...TEMPLATE), 1),
  column('Selector', labels('spec', 'selector', 'matchLabels'), 1),
];

/** The words that kubectl shows for a pod: a waiting container's reason goes before the phase. */
function podState(pod: KubeObject): string {
  const init = itemsAt(pod, 'status', 'initContainerStatuses');
  const total = listAt(pod, 'spec', 'initContainers').length;
  for (const [index, { item }] of init.entries()) {
    if (numberAt(item, 'state', 'terminated', 'exitCode') === 0 || (item['started'] === true && at(item, ['state', 'running']))) continue;
    const reason = stringAt(item, 'state', 'terminated', 'reason') ?? stringAt(item, 'state', 'waiting', 'reason');
    return reason !== undefined && reason !== 'PodInitializing' ? `Init:${reason}` : `Init:${index}/${total}`;
  }
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  for (const { item } of itemsAt(pod, 'status', 'containerStatuses').toReversed()) {
    const reason = stringAt(item, 'state', 'waiting', 'reason') ?? stringAt(item, 'state', 'terminated', 'reason');
    if (reason !== undefined) return reason;
  }
  return stringAt(pod, 'status', 'reason') ?? stringAt(pod, 'status', 'phase') ?? 'Unknown';
}

const sidecars = (pod: KubeObject): ReadonlySet<string | undefined> =>
  new Set(
    itemsAt(pod, 'spec', 'initContainers')
      .filter(({ item }) => item['restartPolicy'] === 'Always')
      .map(({ item }) => stringAt(item, 'name')),
  );

function readyOf(pod: KubeObject): string {
  const restartable = sidecars(pod);
  const states = [
    ...itemsAt(pod, 'status', 'containerStatuses'),
    ...itemsAt(pod, 'status', 'initContainerStatuses').filter(({ item }) => restartable.has(stringAt(item, 'name'))),
  ];
  return `${states.filter(({ item }) => item['ready'] === true).length}/${listAt(pod, 'spec', 'containers').length + restartable.size}`;
}

const restartsOf: Cell = (pod) =>
  String(itemsAt(pod, 'status', 'containerStatuses').reduce((sum, { item }) => sum + (numberAt(item, 'restartCount') ?? 0), 0));

function nodeState(node: KubeObject): string {
  const ready = itemsAt(node, 'status', 'conditions').find(({ item }) => item['type'] === 'Ready')?.item;
  const state = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady';
  return at(node, ['spec', 'unschedulable']) === true ? `${state},SchedulingDisabled` : state;
}

const roles: Cell = ({ metadata }) =>
  joined(
    Object.keys(metadata.labels ?? {})
      .filter((label) => label.startsWith('node-role.kubernetes.io/'))
      .map((label) => label.slice('node-role.kubernetes.io/'.length)),
  );

const servicePorts: Cell = (service) =>
  joined(
    itemsAt(service, 'spec', 'ports').map(({ item }) => {
      const node = numberAt(item, 'nodePort');
      return `${numberAt(item, 'port')}${node === undefined ? '' : `:${node}`}/${stringAt(item, 'protocol') ?? 'TCP'}`;
    }),
  );

const externalIps: Cell = (service) => {
  const given = itemsAt(service, 'status', 'loadBalancer', 'ingress').map(
    ({ item }) => stringAt(item, 'ip') ?? stringAt(item, 'hostname') ?? '',
  );
  const stated = listAt(service, 'spec', 'externalIPs').map(String);
  return joined([...given, ...stated], stringAt(service, 'spec', 'type') === 'LoadBalancer' ? '<pending>' : '<none>');
};

const endpointAddresses: Cell = (endpoints) => {
  const all = itemsAt(endpoints, 'subsets').flatMap(({ item }) =>
    itemsAt(item, 'addresses').flatMap(({ item: address }) =>
      itemsAt(item, 'ports').map(({ item: port }) => `${stringAt(address, 'ip')}:${numberAt(port, 'port')}`),
    ),
  );
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : joined(all);
};

const address =
  (kind: string): Cell =>
  (node) =>
    itemsAt(node, 'status', 'addresses')
      .filter(({ item }) => item['type'] === kind)
      .map(({ item }) => stringAt(item, 'address'))[0] ?? '<none>';

const dataKeys: Cell = (object) => Object.keys({ ...objectAt(object, 'data'), ...objectAt(object, 'binaryData') }).length;

const jobState: Cell = (job) =>
  ['Complete', 'Failed'].find((type) =>
    itemsAt(job, 'status', 'conditions').some(({ item }) => item['type'] === type && item['status'] === 'True'),
  ) ?? 'Running';

export const DEFAULT_COLUMNS: readonly Column[] = [NAME, CREATED];

/** By plural and group; what is not listed has name and creation time, as on a real server. */
export const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  pods: [
    NAME,
    column('Ready', (pod) => readyOf(pod)),
    column('Status', (pod) => podState(pod)),
    column('Restarts', restartsOf),
    AGE,
    column('IP', text('status', 'podIP'), 1),
    column('Node', text('spec', 'nodeName'), 1),
    column('Nominated Node', text('status', 'nominatedNodeName'), 1),
    column('Readiness Gates', () => '<none>', 1),
  ],
  services: [
    NAME,
    column('Type', text('spec', 'type')),
    column('Cluster-IP', text('spec', 'clusterIP')),
    column('External-IP', externalIps),
    column('Port(s)', servicePorts),
    AGE,
    column('Selector', labels('spec', 'selector'), 1),
  ],
  endpoints: [NAME, column('Endpoints', endpointAddresses), AGE],
  namespaces: [NAME, column('Status', text('status', 'phase')), AGE],
  nodes: [
    NAME,
    column('Status', nodeState),
    column('Roles', roles),
    AGE,
    column('Version', text('status', 'nodeInfo', 'kubeletVersion')),
    column('Internal-IP', address('InternalIP'), 1),
    column('External-IP', address('ExternalIP'), 1),
    column('OS-Image', text('status', 'nodeInfo', 'osImage'), 1),
    column('Kernel-Version', text('status', 'nodeInfo', 'kernelVersion'), 1),
    column('Container-Runtime', text('status', 'nodeInfo', 'containerRuntimeVersion'), 1),
  ],
  configmaps: [NAME, number('Data', dataKeys), AGE],
  secrets: [NAME, column('Type', text('type')), number('Data', dataKeys), AGE],
  serviceaccounts: [NAME, number('Secrets', (account) => listAt(account, 'secrets').length), AGE],
  events: [
    column('Last Seen', (event, now) => ageSince(event['lastTimestamp'] ?? event['eventTime'] ?? event.metadata.creationTimestamp, now)),
    column('Type', text('type')),
    column('Reason', text('reason')),
    column('Object', (event) => `${stringAt(event, 'involvedObject', 'kind')?.toLowerCase()}/${stringAt(event, 'involvedObject', 'name')}`),
    column('Message', text('message')),
    column('Name', ({ metadata }) => metadata.name, 1),
  ],
  'deployments.apps': [
    NAME,
    column('Ready', (item) => `${numberAt(item, 'status', 'readyReplicas') ?? 0}/${numberAt(item, 'spec', 'replicas') ?? 1}`),
    number('Up-to-date', count('status', 'updatedReplicas')),
    number('Available', count('status', 'availableReplicas')),
    AGE,
    ...WORKLOAD_WIDE,
  ],
  'replicasets.apps': [
    NAME,
    number('Desired', count('spec', 'replicas')),
    number('Current', count('status', 'replicas')),
    number('Ready', count('status', 'readyReplicas')),
    AGE,
    ...WORKLOAD_WIDE,
  ],
  'statefulsets.apps': [
    NAME,
    column('Ready', (item) => `${numberAt(item, 'status', 'readyReplicas') ?? 0}/${numberAt(item, 'spec', 'replicas') ?? 1}`),
    AGE,
    ...WORKLOAD_WIDE.slice(0, 2),
  ],
  'daemonsets.apps': [
    NAME,
    number('Desired', count('status', 'desiredNumberScheduled')),
    number('Current', count('status', 'currentNumberScheduled')),
    number('Ready', count('status', 'numberReady')),
    number('Up-to-date', count('status', 'updatedNumberScheduled')),
    number('Available', count('status', 'numberAvailable')),
    column('Node Selector', labels('spec', 'template', 'spec', 'nodeSelector')),
    AGE,
    ...WORKLOAD_WIDE,
  ],
  'jobs.batch': [
    NAME,
    column('Status', jobState),
    column('Completions', (job) => `${numberAt(job, 'status', 'succeeded') ?? 0}/${numberAt(job, 'spec', 'completions') ?? 1}`),
    column('Duration', (job, now) =>
      ageSince(at(job, ['status', 'startTime']), Date.parse(stringAt(job, 'status', 'completionTime') ?? '') || now),
    ),
    AGE,
    ...WORKLOAD_WIDE,
  ],
  'customresourcedefinitions.apiextensions.k8s.io': [NAME, CREATED],
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': [NAME, number('Webhooks', (item) => listAt(item, 'webhooks').length), AGE],
  'validatingwebhookconfigurations.admissionregistration.k8s.io': [
    NAME,
    number('Webhooks', (item) => listAt(item, 'webhooks').length),
    AGE,
  ],
  'apiservices.apiregistration.k8s.io': [
    NAME,
    column('Service', (item) =>
      at(item, ['spec', 'service'])
        ? `${stringAt(item, 'spec', 'service', 'namespace')}/${stringAt(item, 'spec', 'service', 'name')}`
        : 'Local',
    ),
    column('Available', (item) => {
      const condition = itemsAt(item, 'status', 'conditions').find((each) => each.item['type'] === 'Available')?.item;
      const status = stringAt(condition, 'status') ?? 'Unknown';
      return status === 'True' ? status : `${status} (${stringAt(condition, 'reason') ?? ''})`;
    }),
    AGE,
  ],
  'ingresses.networking.k8s.io': [
    NAME,
    column('Class', text('spec', 'ingressClassName')),
    column('Hosts', (item) =>
      joined(
        itemsAt(item, 'spec', 'rules').map((rule) => stringAt(rule.item, 'host') ?? '*'),
        '*',
      ),
    ),
    column('Address', externalIps),
    column('Ports', (item) => (listAt(item, 'spec', 'tls').length > 0 ? '80, 443' : '80')),
    AGE,
  ],
  'networkpolicies.networking.k8s.io': [NAME, column('Pod-Selector', labels('spec', 'podSelector', 'matchLabels')), AGE],
  'endpointslices.discovery.k8s.io': [
    NAME,
    column('AddressType', text('addressType')),
    column('Ports', (slice) =>
      joined(
        itemsAt(slice, 'ports').map(({ item }) => String(item['port'])),
        '<unset>',
      ),
    ),
    column('Endpoints', (slice) =>
      joined(
        itemsAt(slice, 'endpoints').flatMap(({ item }) => listAt(item, 'addresses').map(String)),
        '<unset>',
      ),
    ),
    AGE,
  ],
  'leases.coordination.k8s.io': [NAME, column('Holder', text('spec', 'holderIdentity')), AGE],
  'poddisruptionbudgets.policy': [
    NAME,
    column('Min Available', (item) => String(at(item, ['spec', 'minAvailable']) ?? 'N/A')),
    column('Max Unavailable', (item) => String(at(item, ['spec', 'maxUnavailable']) ?? 'N/A')),
    number('Allowed Disruptions', count('status', 'disruptionsAllowed')),
    AGE,
  ],
  'clusterrolebindings.rbac.authorization.k8s.io': [
    NAME,
    column('Role', (item) => `ClusterRole/${stringAt(item, 'roleRef', 'name')}`),
    AGE,
  ],
  'rolebindings.rbac.authorization.k8s.io': [
    NAME,
    column('Role', (item) => `${stringAt(item, 'roleRef', 'kind')}/${stringAt(item, 'roleRef', 'name')}`),
    AGE,
  ],
};

/** What the store holds before the first request: what every cluster has, and the objects the caller gives. */

import { randomUUID } from 'node:crypto';
import { isBody } from '../../model/body.ts';
import { kindOf } from '../../model/resource.ts';
import { establishedStatus } from '../kinds/custom.ts';
import { serviceNumbers, withDefaults } from '../kinds/defaults.ts';
import { DEFINITIONS, type Registry } from '../kinds/registry.ts';
import { type ServedType, storageKind } from '../kinds/served-type.ts';
import type { KubeObject } from './object.ts';
import type { Store } from './store.ts';

const NODE_STATUS = {
  capacity: { cpu: '8', memory: '32Gi', pods: '250' },
  allocatable: { cpu: '8', memory: '32Gi', pods: '250' },
  nodeInfo: {
    machineID: 'sandbox',
    systemUUID: 'sandbox',
    bootID: 'sandbox',
    kernelVersion: '6.1.0',
    osImage: 'meshctl sandbox',
    containerRuntimeVersion: 'containerd://1.7.27',
    kubeletVersion: 'v1.32.5',
    kubeProxyVersion: 'v1.32.5',
    operatingSystem: 'linux',
    architecture: 'amd64',
  },
};

function node(time: string): KubeObject {
  const condition = (type: string, status: string, reason: string): object => ({
    type,
    status,
    reason,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
    message: reason,
  });
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: 'sandbox-node',
      labels: { 'kubernetes.io/hostname': 'sandbox-node', 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
    },
    spec: { podCIDR: '10.244.0.0/16' },
    status: {
      ...NODE_STATUS,
      addresses: [
        { type: 'InternalIP', address: '192.0.2.10' },
        { type: 'Hostname', address: 'sandbox-node' },
      ],
      conditions: [
        condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
        condition('Ready', 'True', 'KubeletReady'),
      ],
    },
  };
}

const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const kubernetes: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }] },
};

/** By which servers that extend the API tell who asks them. */
const authentication: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
  data: { 'requestheader-client-ca-file': 'sandbox', 'requestheader-allowed-names': '["front-proxy-client"]' },
};

function asObject(value: object): KubeObject {
  const body = isBody(value) ? value : {};
  const { apiVersion, kind, metadata } = body;
  const name = isBody(metadata) ? metadata['name'] : undefined;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof name !== 'string' || name === '') {
    throw new TypeError(`An object for the sandbox lacks apiVersion, kind or metadata.name: ${JSON.stringify(value).slice(0, 200)}`);
  }
  return structuredClone(value) as KubeObject;
}

/** Definitions and namespaces come first: the others need them. */
const rank = ({ kind }: KubeObject): number => (kind === 'CustomResourceDefinition' ? 0 : kind === 'Namespace' ? 1 : 2);

/**
 * @param time when the objects that state no creation time were made
 * @throws TypeError for an object without a name, or of a kind that is not served
 */
export function seed(store: Store, registry: Registry, objects: Iterable<object>, time: string): void {
  const given = [...objects].map(asObject);
  const present = new Set(given.map((each) => `${each.kind} ${each.metadata.namespace ?? ''}/${each.metadata.name}`));
  const used = given.map((each) => each.metadata.namespace ?? '').filter((name) => name !== '');
  const namespaces = new Set(['default', 'kube-node-lease', 'kube-public', 'kube-system', ...used]);
  const standard = [
    ...[...namespaces].map(namespace),
    kubernetes,
    authentication,
    ...(given.some(({ kind }) => kind === 'Node') ? [] : [node(time)]),
  ];
  const missing = standard.filter((each) => !present.has(`${each.kind} ${each.metadata.namespace ?? ''}/${each.metadata.name}`));
  const all = [...missing, ...given].sort((a, b) => rank(a) - rank(b));
  const numbers = serviceNumbers(all.filter(({ kind, apiVersion }) => kind === 'Service' && apiVersion === 'v1'));
  for (const object of all) add(store, registry, object, time, numbers);
  for (const name of namespaces) addAccount(store, name, time);
}

function add(store: Store, registry: Registry, object: KubeObject, time: string, numbers: ReturnType<typeof serviceNumbers>): void {
  const [version = '', group = ''] = object.apiVersion.split('/').reverse();
  const type: ServedType | undefined =
    registry.types().find((each) => each.group === group && each.version === version && each.kind === object.kind) ??
    registry.preferred(kindOf(object.apiVersion, object.kind));
  if (!type) throw new TypeError(`The sandbox serves no ${object.apiVersion} ${object.kind}; give its CustomResourceDefinition too.`);
  const { metadata } = object;
  const complete: KubeObject = {
    ...object,
    metadata: {
      ...metadata,
      ...(type.namespaced ? { namespace: metadata.namespace ?? 'default' } : {}),
      uid: metadata.uid ?? randomUUID(),
      creationTimestamp: metadata.creationTimestamp ?? time,
      ...(type.counted ? { generation: metadata.generation ?? 1 } : {}),
    },
  };
  const filled = withDefaults(type, complete, numbers);
  store.create(storageKind(type), storageKind(type) === DEFINITIONS ? establishedStatus(filled, time) : filled);
}

/** Every namespace has the account that pods run under. */
function addAccount(store: Store, name: string, time: string): void {
  if (store.get('core/ServiceAccount', name, 'default')) return;
  store.create('core/ServiceAccount', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: name, creationTimestamp: time },
  });
}

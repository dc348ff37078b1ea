/** Fields that the API server fills in for built-in kinds. */
import { isBody, itemsAt, listAt, numberAt, objectAt, stringAt, stringMapAt } from '../../model/body.ts';
import type { Fields, KubeObject } from '../store/object.ts';
import { resourceName, type ServedType } from './served-type.ts';

type Fill = (object: KubeObject, context: DefaultsContext) => Fields;

export interface DefaultsContext {
  /** A free cluster IP. */
  readonly clusterIp: () => string;
  readonly nodePort: () => number;
}

/** Fields of `defaults` that `value` leaves out. */
const fill = (value: unknown, defaults: Fields): Fields => ({ ...defaults, ...(isBody(value) ? value : {}) });

const eachOf = (value: unknown, field: string, change: (item: Fields) => Fields): Fields =>
  listAt(value, field).length === 0 ? {} : { [field]: listAt(value, field).map((item) => (isBody(item) ? change(item) : item)) };

function container(item: Fields): Fields {
  const image = stringAt(item, 'image') ?? '';
  const probe = (name: string): Fields =>
    isBody(item[name])
      ? { [name]: fill(item[name], { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }) }
      : {};
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: /:latest$|^[^:@]*$/.test(image.slice(image.lastIndexOf('/') + 1)) ? 'Always' : 'IfNotPresent',
    resources: {},
    ...item,
    ...eachOf(item, 'ports', (port) => ({ protocol: 'TCP', ...port })),
    ...probe('readinessProbe'),
    ...probe('livenessProbe'),
    ...probe('startupProbe'),
  };
}

/** @param restartPolicy of the pod when it states none */
export function podSpec(spec: unknown, restartPolicy = 'Always'): Fields {
  const account = stringAt(spec, 'serviceAccountName') ?? stringAt(spec, 'serviceAccount');
  return {
    ...fill(spec, {
      restartPolicy,
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      terminationGracePeriodSeconds: 30,
      securityContext: {},
    }),
    ...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
    ...eachOf(spec, 'containers', container),
    ...eachOf(spec, 'initContainers', container),
  };
}

const template = (spec: Fields, restartPolicy?: string): Fields => {
  const given = objectAt(spec, 'template');
  return { ...given, metadata: fill(given['metadata'], { creationTimestamp: null }), spec: podSpec(given['spec'], restartPolicy) };
};

const rolling = (given: unknown, defaults: Fields): Fields => {
  const type = stringAt(given, 'type') ?? 'RollingUpdate';
  return type === 'RollingUpdate'
    ? { type, rollingUpdate: fill(objectAt(given, 'rollingUpdate'), defaults) }
    : { ...(isBody(given) ? given : {}), type };
};

const workload =
  (defaults: (spec: Fields) => Fields): Fill =>
  (object) => {
    const spec = objectAt(object, 'spec');
    return { spec: { ...spec, ...defaults(spec), template: template(spec) } };
  };

const webhooks: Fill = (object) =>
  eachOf(object, 'webhooks', (hook) => ({
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...(object.kind === 'MutatingWebhookConfiguration' ? { reinvocationPolicy: 'Never' } : {}),
    ...hook,
    ...eachOf(hook, 'rules', (rule) => ({ scope: '*', ...rule })),
    clientConfig: {
      ...objectAt(hook, 'clientConfig'),
      ...(isBody(objectAt(hook, 'clientConfig')['service'])
        ? { service: fill(objectAt(hook, 'clientConfig')['service'], { port: 443 }) }
        : {}),
    },
  }));

const service: Fill = (object, context) => {
  const spec = objectAt(object, 'spec');
  const type = stringAt(spec, 'type') ?? 'ClusterIP';
  const exposed = type === 'NodePort' || type === 'LoadBalancer';
  const ip = type === 'ExternalName' ? undefined : (stringAt(spec, 'clusterIP') ?? context.clusterIp());
  return {
    spec: {
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ...(exposed ? { externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true } : {}),
      ...(ip === undefined ? {} : { clusterIP: ip, clusterIPs: [ip], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }),
      ...spec,
      type,
      ...eachOf(spec, 'ports', (port) => ({
        protocol: 'TCP',
        targetPort: numberAt(port, 'port'),
        ...(exposed ? { nodePort: context.nodePort() } : {}),
        ...port,
      })),
    },
    status: fill(object['status'], { loadBalancer: {} }),
  };
};

const job: Fill = (object) => {
  const spec = objectAt(object, 'spec');
  const uid = object.metadata.uid ?? '';
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': object.metadata.name,
    'job-name': object.metadata.name,
  };
  const filled = template(spec, 'Never');
  const metadata = objectAt(filled, 'metadata');
  return {
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      ...spec,
      template: { ...filled, metadata: { ...metadata, labels: { ...stringMapAt(metadata, 'labels'), ...labels } } },
    },
  };
};

const FILLS: Readonly<Record<string, Fill>> = {
  pods: (object) => ({ spec: podSpec(object['spec']), status: fill(object['status'], { phase: 'Pending', qosClass: 'BestEffort' }) }),
  services: service,
  namespaces: (object) => ({
    spec: fill(object['spec'], { finalizers: ['kubernetes'] }),
    status: fill(object['status'], { phase: 'Active' }),
    metadata: { ...object.metadata, labels: { 'kubernetes.io/metadata.name': object.metadata.name, ...object.metadata.labels } },
  }),
  secrets: (object) => {
    const { stringData, ...rest } = object;
    const written = Object.entries(isBody(stringData) ? stringData : {}).map(([key, value]) => [
      key,
      Buffer.from(String(value)).toString('base64'),
    ]);
    const data = { ...objectAt(rest, 'data'), ...Object.fromEntries(written) };
    return { stringData: undefined, type: rest['type'] ?? 'Opaque', ...(Object.keys(data).length > 0 ? { data } : {}) };
  },
  'deployments.apps': workload((spec) => ({
    ...fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 }),
    strategy: rolling(spec['strategy'], { maxSurge: '25%', maxUnavailable: '25%' }),
  })),
  'replicasets.apps': workload((spec) => fill(spec, { replicas: 1 })),
  'statefulsets.apps': workload((spec) => ({
    ...fill(spec, { replicas: 1, revisionHistoryLimit: 10, podManagementPolicy: 'OrderedReady', serviceName: '' }),
    updateStrategy: rolling(spec['updateStrategy'], { partition: 0 }),
  })),
  'daemonsets.apps': workload((spec) => ({
    ...fill(spec, { revisionHistoryLimit: 10 }),
    updateStrategy: rolling(spec['updateStrategy'], { maxSurge: 0, maxUnavailable: 1 }),
  })),
  'jobs.batch': job,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
};

export function withDefaults(type: ServedType, object: KubeObject, context: DefaultsContext): KubeObject {
  const filler = type.custom ? undefined : FILLS[resourceName(type)];
  if (!filler) return object;
  const result: KubeObject = { ...object, ...filler(object, context) };
  return Object.fromEntries(Object.entries(result).filter(([, value]) => value !== undefined)) as KubeObject;
}

/** Cluster IPs and node ports that no service has yet. */
export function serviceNumbers(services: readonly KubeObject[]): DefaultsContext {
  const used = new Set(services.map((each) => stringAt(each, 'spec', 'clusterIP')));
  const ports = new Set(services.flatMap((each) => itemsAt(each, 'spec', 'ports').map(({ item }) => numberAt(item, 'nodePort'))));
  return {
    clusterIp: () => {
      for (let index = 2; index < 65_000; index++) {
        const ip = `10.96.${Math.floor(index / 250)}.${(index % 250) + 1}`;
        if (!used.has(ip)) {
          used.add(ip);
          return ip;
        }
      }
      return '10.96.255.254';
    },
    nodePort: () => {
      let port = 30_000;
      while (ports.has(port)) port++;
      ports.add(port);
      return port;
    },
  };
}

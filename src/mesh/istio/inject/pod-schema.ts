/**
 * The structs of Kubernetes' Go types that a Pod is made of: their fields in the order in which Go writes them, what Go
 * leaves out, and by which key strategic merge patches match the items of lists. Fields that are not here are kept as
 * they are, behind those that are.
 * @see https://github.com/kubernetes/api/blob/master/core/v1/types.go
 */

/** `number` and `flag` have a zero; `pointer` is written whenever it is set; `opaque` is a struct whose fields nobody asks for. */
type FieldType = 'text' | 'number' | 'flag' | 'pointer' | 'texts' | 'list' | 'map' | 'quantities' | 'quantity' | 'struct' | 'opaque';

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Of the struct, or of the items of the list. */
  readonly struct: string | undefined;
  /** By which items are matched; an empty one matches equal values. Without it a patch replaces the list. */
  readonly mergeKey: string | undefined;
  /** Written even when it is empty, and then as this. */
  readonly always: unknown;
}

/**
 * `a` text, `a#` number, `a?` flag, `a*` pointer, `a+` texts, `a[T]@key` list, `a{}` map of texts, `a{q}` map of
 * quantities, `a=q` quantity, `a:T` struct, `a:` an opaque one; `!` marks what is always written.
 */
const STRUCTS: Readonly<Record<string, string>> = {
  Pod: 'kind apiVersion metadata:ObjectMeta spec:PodSpec',
  ObjectMeta:
    'name generateName namespace selfLink uid resourceVersion generation# creationTimestamp* deletionTimestamp* deletionGracePeriodSeconds* ' +
    'labels{} annotations{} ownerReferences[OwnerReference]@uid finalizers+@ managedFields[]',
  OwnerReference: 'apiVersion kind name uid controller* blockOwnerDeletion*',
  PodSpec:
    'volumes[Volume]@name initContainers[Container]@name containers[Container]@name ephemeralContainers[Container]@name restartPolicy ' +
    'terminationGracePeriodSeconds* activeDeadlineSeconds* dnsPolicy nodeSelector{} serviceAccountName serviceAccount ' +
    'automountServiceAccountToken* nodeName hostNetwork? hostPID? hostIPC? shareProcessNamespace* securityContext:PodSecurityContext ' +
    'imagePullSecrets[LocalObjectReference]@name hostname subdomain affinity: schedulerName tolerations[] hostAliases[HostAlias]@ip ' +
    'priorityClassName priority* dnsConfig:PodDNSConfig readinessGates[] runtimeClassName* enableServiceLinks* preemptionPolicy* overhead{q} ' +
    'topologySpreadConstraints[]@topologyKey setHostnameAsFQDN* os: hostUsers* schedulingGates[]@name resourceClaims[]@name ' +
    'resources:ResourceRequirements hostnameOverride*',
  PodSecurityContext:
    'seLinuxOptions: windowsOptions: runAsUser* runAsGroup* runAsNonRoot* supplementalGroups[] supplementalGroupsPolicy* fsGroup* ' +
    'sysctls[Sysctl] fsGroupChangePolicy* seccompProfile:SeccompProfile appArmorProfile: seLinuxChangePolicy*',
  Sysctl: 'name value!',
  SeccompProfile: 'type localhostProfile*',
  LocalObjectReference: 'name',
  HostAlias: 'ip hostnames+',
  PodDNSConfig: 'nameservers+ searches+ options[]',
  Container:
    'name image command+ args+ workingDir ports[ContainerPort]@containerPort envFrom[] env[EnvVar]@name resources!:ResourceRequirements ' +
    'resizePolicy[] restartPolicy* restartPolicyRules[] volumeMounts[VolumeMount]@mountPath volumeDevices[]@devicePath livenessProbe:Probe ' +
    'readinessProbe:Probe startupProbe:Probe lifecycle:Lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy ' +
    'securityContext:SecurityContext stdin? stdinOnce? tty?',
  ContainerPort: 'name hostPort# containerPort# protocol hostIP',
  EnvVar: 'name value valueFrom:EnvVarSource',
  EnvVarSource: 'fieldRef:ObjectFieldSelector resourceFieldRef:ResourceFieldSelector configMapKeyRef: secretKeyRef: fileKeyRef:',
  ObjectFieldSelector: 'apiVersion fieldPath',
  ResourceFieldSelector: 'containerName resource divisor=q',
  ResourceRequirements: 'limits{q} requests{q} claims[]',
  VolumeMount: 'name readOnly? recursiveReadOnly* mountPath subPath mountPropagation* subPathExpr',
  Probe:
    'exec:ExecAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction grpc:GRPCAction initialDelaySeconds# timeoutSeconds# periodSeconds# ' +
    'successThreshold# failureThreshold# terminationGracePeriodSeconds*',
  Lifecycle: 'postStart:LifecycleHandler preStop:LifecycleHandler stopSignal*',
  LifecycleHandler: 'exec:ExecAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction sleep:',
  ExecAction: 'command+',
  HTTPGetAction: 'path port* host scheme httpHeaders[HTTPHeader]',
  HTTPHeader: 'name value!',
  TCPSocketAction: 'port* host',
  GRPCAction: 'port* service*!',
  SecurityContext:
    'capabilities:Capabilities privileged* seLinuxOptions: windowsOptions: runAsUser* runAsGroup* runAsNonRoot* readOnlyRootFilesystem* ' +
    'allowPrivilegeEscalation* procMount* seccompProfile:SeccompProfile appArmorProfile:',
  Capabilities: 'add+ drop+',
  Volume:
    'name hostPath: emptyDir:EmptyDir gcePersistentDisk: awsElasticBlockStore: gitRepo: secret: nfs: iscsi: glusterfs: ' +
    'persistentVolumeClaim: rbd: flexVolume: cinder: cephfs: flocker: downwardAPI: fc: azureFile: configMap: vsphereVolume: quobyte: ' +
    'azureDisk: photonPersistentDisk: projected: portworxVolume: scaleIO: storageos: csi: ephemeral: image:',
  EmptyDir: 'medium sizeLimit=q',
  /** What the injector keeps of the user's own containers. */
  Overrides: 'containers[Container] initContainers[Container]',
  /** What the agent is told of a probe. */
  Prober: 'httpGet:HTTPGetAction tcpSocket:TCPSocketAction grpc:GRPCAction timeoutSeconds#',
};

const TOKEN = /^(\w+)([#?*+]|\[\w*\]|\{q?\}|=q)?(!)?(?::(\w*))?(?:@(\w*))?$/;

const TYPES: Readonly<Record<string, FieldType>> = {
  '#': 'number',
  '?': 'flag',
  '*': 'pointer',
  '+': 'texts',
  '{}': 'map',
  '{q}': 'quantities',
  '=q': 'quantity',
};

const tables = new Map(Object.entries(STRUCTS).map(([name, source]) => [name, new Map(source.split(' ').map(fieldOf))]));

/** Fields of a struct by their names, in Go's order; undefined for a struct that is not known. */
export const fieldsOf = (struct: string | undefined): ReadonlyMap<string, Field> | undefined =>
  struct === undefined ? undefined : tables.get(struct);

function fieldOf(token: string): readonly [string, Field] {
  const [, name = '', mark = '', always, struct, mergeKey] = TOKEN.exec(token) ?? [];
  const isList = mark.startsWith('[');
  const type = isList ? 'list' : struct === undefined ? (TYPES[mark] ?? 'text') : struct === '' ? 'opaque' : 'struct';
  const of = (isList ? mark.slice(1, -1) : struct) || undefined;
  const empty = type === 'struct' ? {} : type === 'text' ? '' : null;
  return [name, { name, type, struct: of, mergeKey, always: always ? empty : undefined }];
}

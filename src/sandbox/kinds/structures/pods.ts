/** Pods and what is in them. The notation is that of `notation.ts`. */
export const PODS = `
v1 Pod: spec PodSpec, status PodStatus
PodSpec: activeDeadlineSeconds int64, affinity Affinity, automountServiceAccountToken bool, containers! [Container],
  dnsConfig PodDNSConfig, dnsPolicy string, enableServiceLinks bool, ephemeralContainers [EphemeralContainer], hostAliases [HostAlias],
  hostIPC bool, hostNetwork bool, hostPID bool, hostUsers bool, hostname string, hostnameOverride string,
  imagePullSecrets [LocalObjectReference], initContainers [Container], nodeName string, nodeSelector {string}, os PodOS,
  overhead {quantity}, preemptionPolicy string, priority int32, priorityClassName string, readinessGates [PodReadinessGate],
  resourceClaims [PodResourceClaim], resources ResourceRequirements, restartPolicy string, runtimeClassName string,
  schedulerName string, schedulingGates [PodSchedulingGate], securityContext PodSecurityContext, serviceAccount string,
  serviceAccountName string, setHostnameAsFQDN bool, shareProcessNamespace bool, subdomain string, terminationGracePeriodSeconds int64,
  tolerations [Toleration], topologySpreadConstraints [TopologySpreadConstraint], volumes [Volume]
PodStatus: conditions [PodCondition], containerStatuses [ContainerStatus], ephemeralContainerStatuses [ContainerStatus],
  extendedResourceClaimStatus PodExtendedResourceClaimStatus, hostIP string, hostIPs [HostIP], initContainerStatuses [ContainerStatus],
  message string, nominatedNodeName string, observedGeneration int64, phase string, podIP string, podIPs [PodIP], qosClass string,
  reason string, resize string, resourceClaimStatuses [PodResourceClaimStatus], startTime time
Affinity: nodeAffinity NodeAffinity, podAffinity PodAffinity, podAntiAffinity PodAntiAffinity
Container: args [string], command [string], env [EnvVar], envFrom [EnvFromSource], image string, imagePullPolicy string,
  lifecycle Lifecycle, livenessProbe Probe, name! string, ports [ContainerPort], readinessProbe Probe,
  resizePolicy [ContainerResizePolicy], resources ResourceRequirements, restartPolicy string, restartPolicyRules [ContainerRestartRule],
  securityContext SecurityContext, startupProbe Probe, stdin bool, stdinOnce bool, terminationMessagePath string,
  terminationMessagePolicy string, tty bool, volumeDevices [VolumeDevice], volumeMounts [VolumeMount], workingDir string
PodDNSConfig: nameservers [string], options [PodDNSConfigOption], searches [string]
EphemeralContainer: args [string], command [string], env [EnvVar], envFrom [EnvFromSource], image string, imagePullPolicy string,
  lifecycle Lifecycle, livenessProbe Probe, name! string, ports [ContainerPort], readinessProbe Probe,
  resizePolicy [ContainerResizePolicy], resources ResourceRequirements, restartPolicy string, restartPolicyRules [ContainerRestartRule],
  securityContext SecurityContext, startupProbe Probe, stdin bool, stdinOnce bool, targetContainerName string,
  terminationMessagePath string, terminationMessagePolicy string, tty bool, volumeDevices [VolumeDevice], volumeMounts [VolumeMount],
  workingDir string
HostAlias: hostnames [string], ip! string
PodOS: name! string
PodReadinessGate: conditionType! string
PodResourceClaim: name! string, resourceClaimName string, resourceClaimTemplateName string
ResourceRequirements: claims [ResourceClaim], limits {quantity}, requests {quantity}
PodSchedulingGate: name! string
PodSecurityContext: appArmorProfile AppArmorProfile, fsGroup int64, fsGroupChangePolicy string, runAsGroup int64, runAsNonRoot bool,
  runAsUser int64, seLinuxChangePolicy string, seLinuxOptions SELinuxOptions, seccompProfile SeccompProfile, supplementalGroups [int64],
  supplementalGroupsPolicy string, sysctls [Sysctl], windowsOptions WindowsSecurityContextOptions
Toleration: effect string, key string, operator string, tolerationSeconds int64, value string
TopologySpreadConstraint: labelSelector LabelSelector, matchLabelKeys [string], maxSkew! int32, minDomains int32,
  nodeAffinityPolicy string, nodeTaintsPolicy string, topologyKey! string, whenUnsatisfiable! string
Volume: awsElasticBlockStore AWSElasticBlockStoreVolumeSource, azureDisk AzureDiskVolumeSource, azureFile AzureFileVolumeSource,
  cephfs CephFSVolumeSource, cinder CinderVolumeSource, configMap ConfigMapVolumeSource, csi CSIVolumeSource,
  downwardAPI DownwardAPIVolumeSource, emptyDir EmptyDirVolumeSource, ephemeral EphemeralVolumeSource, fc FCVolumeSource,
  flexVolume FlexVolumeSource, flocker FlockerVolumeSource, gcePersistentDisk GCEPersistentDiskVolumeSource,
  gitRepo GitRepoVolumeSource, glusterfs GlusterfsVolumeSource, hostPath HostPathVolumeSource, image ImageVolumeSource,
  iscsi ISCSIVolumeSource, name! string, nfs NFSVolumeSource, persistentVolumeClaim PersistentVolumeClaimVolumeSource,
  photonPersistentDisk PhotonPersistentDiskVolumeSource, portworxVolume PortworxVolumeSource, projected ProjectedVolumeSource,
  quobyte QuobyteVolumeSource, rbd RBDVolumeSource, scaleIO ScaleIOVolumeSource, secret SecretVolumeSource,
  storageos StorageOSVolumeSource, vsphereVolume VsphereVirtualDiskVolumeSource
PodCondition: lastProbeTime time, lastTransitionTime time, message string, observedGeneration int64, reason string, status! string,
  type! string
ContainerStatus: allocatedResources {quantity}, allocatedResourcesStatus [ResourceStatus], containerID string, image! string,
  imageID! string, lastState ContainerState, name! string, ready! bool, resources ResourceRequirements, restartCount! int32,
  started bool, state ContainerState, stopSignal string, user ContainerUser, volumeMounts [VolumeMountStatus]
PodExtendedResourceClaimStatus: requestMappings! [ContainerExtendedResourceRequest], resourceClaimName! string
HostIP: ip! string
PodIP: ip! string
PodResourceClaimStatus: name! string, resourceClaimName string
NodeAffinity: preferredDuringSchedulingIgnoredDuringExecution [PreferredSchedulingTerm],
  requiredDuringSchedulingIgnoredDuringExecution NodeSelector
PodAffinity: preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm],
  requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm]
PodAntiAffinity: preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm],
  requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm]
EnvVar: name! string, value string, valueFrom EnvVarSource
EnvFromSource: configMapRef ConfigMapEnvSource, prefix string, secretRef SecretEnvSource
Lifecycle: postStart LifecycleHandler, preStop LifecycleHandler, stopSignal string
Probe: exec ExecAction, failureThreshold int32, grpc GRPCAction, httpGet HTTPGetAction, initialDelaySeconds int32, periodSeconds int32,
  successThreshold int32, tcpSocket TCPSocketAction, terminationGracePeriodSeconds int64, timeoutSeconds int32
ContainerPort: containerPort! int32, hostIP string, hostPort int32, name string, protocol string
ContainerResizePolicy: resourceName! string, restartPolicy! string
ContainerRestartRule: action! string, exitCodes ContainerRestartRuleOnExitCodes
SecurityContext: allowPrivilegeEscalation bool, appArmorProfile AppArmorProfile, capabilities Capabilities, privileged bool,
  procMount string, readOnlyRootFilesystem bool, runAsGroup int64, runAsNonRoot bool, runAsUser int64, seLinuxOptions SELinuxOptions,
  seccompProfile SeccompProfile, windowsOptions WindowsSecurityContextOptions
VolumeDevice: devicePath! string, name! string
VolumeMount: mountPath! string, mountPropagation string, name! string, readOnly bool, recursiveReadOnly string, subPath string,
  subPathExpr string
PodDNSConfigOption: name string, value string
ResourceClaim: name! string, request string
AppArmorProfile: localhostProfile string, type! string
SELinuxOptions: level string, role string, type string, user string
SeccompProfile: localhostProfile string, type! string
Sysctl: name! string, value! string
WindowsSecurityContextOptions: gmsaCredentialSpec string, gmsaCredentialSpecName string, hostProcess bool, runAsUserName string
AWSElasticBlockStoreVolumeSource: fsType string, partition int32, readOnly bool, volumeID! string
AzureDiskVolumeSource: cachingMode string, diskName! string, diskURI! string, fsType string, kind string, readOnly bool
AzureFileVolumeSource: readOnly bool, secretName! string, shareName! string
CephFSVolumeSource: monitors! [string], path string, readOnly bool, secretFile string, secretRef LocalObjectReference, user string
CinderVolumeSource: fsType string, readOnly bool, secretRef LocalObjectReference, volumeID! string
ConfigMapVolumeSource: defaultMode int32, items [KeyToPath], name string, optional bool
CSIVolumeSource: driver! string, fsType string, nodePublishSecretRef LocalObjectReference, readOnly bool, volumeAttributes {string}
DownwardAPIVolumeSource: defaultMode int32, items [DownwardAPIVolumeFile]
EmptyDirVolumeSource: medium string, sizeLimit quantity
EphemeralVolumeSource: volumeClaimTemplate PersistentVolumeClaimTemplate
FCVolumeSource: fsType string, lun int32, readOnly bool, targetWWNs [string], wwids [string]
FlexVolumeSource: driver! string, fsType string, options {string}, readOnly bool, secretRef LocalObjectReference
FlockerVolumeSource: datasetName string, datasetUUID string
GCEPersistentDiskVolumeSource: fsType string, partition int32, pdName! string, readOnly bool
GitRepoVolumeSource: directory string, repository! string, revision string
GlusterfsVolumeSource: endpoints! string, path! string, readOnly bool
HostPathVolumeSource: path! string, type string
ImageVolumeSource: pullPolicy string, reference string
ISCSIVolumeSource: chapAuthDiscovery bool, chapAuthSession bool, fsType string, initiatorName string, iqn! string,
  iscsiInterface string, lun! int32, portals [string], readOnly bool, secretRef LocalObjectReference, targetPortal! string
NFSVolumeSource: path! string, readOnly bool, server! string
PersistentVolumeClaimVolumeSource: claimName! string, readOnly bool
PhotonPersistentDiskVolumeSource: fsType string, pdID! string
PortworxVolumeSource: fsType string, readOnly bool, volumeID! string
ProjectedVolumeSource: defaultMode int32, sources [VolumeProjection]
QuobyteVolumeSource: group string, readOnly bool, registry! string, tenant string, user string, volume! string
RBDVolumeSource: fsType string, image! string, keyring string, monitors! [string], pool string, readOnly bool,
  secretRef LocalObjectReference, user string
ScaleIOVolumeSource: fsType string, gateway! string, protectionDomain string, readOnly bool, secretRef! LocalObjectReference,
  sslEnabled bool, storageMode string, storagePool string, system! string, volumeName string
SecretVolumeSource: defaultMode int32, items [KeyToPath], optional bool, secretName string
StorageOSVolumeSource: fsType string, readOnly bool, secretRef LocalObjectReference, volumeName string, volumeNamespace string
VsphereVirtualDiskVolumeSource: fsType string, storagePolicyID string, storagePolicyName string, volumePath! string
ResourceStatus: name! string, resources [ResourceHealth]
ContainerState: running ContainerStateRunning, terminated ContainerStateTerminated, waiting ContainerStateWaiting
ContainerUser: linux LinuxContainerUser
VolumeMountStatus: mountPath! string, name! string, readOnly bool, recursiveReadOnly string
ContainerExtendedResourceRequest: containerName! string, requestName! string, resourceName! string
PreferredSchedulingTerm: preference! NodeSelectorTerm, weight! int32
NodeSelector: nodeSelectorTerms! [NodeSelectorTerm]
WeightedPodAffinityTerm: podAffinityTerm! PodAffinityTerm, weight! int32
PodAffinityTerm: labelSelector LabelSelector, matchLabelKeys [string], mismatchLabelKeys [string], namespaceSelector LabelSelector,
  namespaces [string], topologyKey! string
EnvVarSource: configMapKeyRef ConfigMapKeySelector, fieldRef ObjectFieldSelector, fileKeyRef FileKeySelector,
  resourceFieldRef ResourceFieldSelector, secretKeyRef SecretKeySelector
ConfigMapEnvSource: name string, optional bool
SecretEnvSource: name string, optional bool
LifecycleHandler: exec ExecAction, httpGet HTTPGetAction, sleep SleepAction, tcpSocket TCPSocketAction
ExecAction: command [string]
GRPCAction: port! int32, service string
HTTPGetAction: host string, httpHeaders [HTTPHeader], path string, port! intOrString, scheme string
TCPSocketAction: host string, port! intOrString
ContainerRestartRuleOnExitCodes: operator! string, values [int32]
Capabilities: add [string], drop [string]
KeyToPath: key! string, mode int32, path! string
DownwardAPIVolumeFile: fieldRef ObjectFieldSelector, mode int32, path! string, resourceFieldRef ResourceFieldSelector
PersistentVolumeClaimTemplate: metadata ObjectMeta, spec! PersistentVolumeClaimSpec
VolumeProjection: clusterTrustBundle ClusterTrustBundleProjection, configMap ConfigMapProjection, downwardAPI DownwardAPIProjection,
  podCertificate PodCertificateProjection, secret SecretProjection, serviceAccountToken ServiceAccountTokenProjection
ResourceHealth: health string, resourceID! string
ContainerStateRunning: startedAt time
ContainerStateTerminated: containerID string, exitCode! int32, finishedAt time, message string, reason string, signal int32,
  startedAt time
ContainerStateWaiting: message string, reason string
LinuxContainerUser: gid! int64, supplementalGroups [int64], uid! int64
NodeSelectorTerm: matchExpressions [NodeSelectorRequirement], matchFields [NodeSelectorRequirement]
ConfigMapKeySelector: key! string, name string, optional bool
ObjectFieldSelector: apiVersion string, fieldPath! string
FileKeySelector: key! string, optional bool, path! string, volumeName! string
ResourceFieldSelector: containerName string, divisor quantity, resource! string
SecretKeySelector: key! string, name string, optional bool
SleepAction: seconds! int64
HTTPHeader: name! string, value! string
PersistentVolumeClaimSpec: accessModes [string], dataSource TypedLocalObjectReference, dataSourceRef TypedObjectReference,
  resources VolumeResourceRequirements, selector LabelSelector, storageClassName string, volumeAttributesClassName string,
  volumeMode string, volumeName string
ClusterTrustBundleProjection: labelSelector LabelSelector, name string, optional bool, path! string, signerName string
ConfigMapProjection: items [KeyToPath], name string, optional bool
DownwardAPIProjection: items [DownwardAPIVolumeFile]
PodCertificateProjection: certificateChainPath string, credentialBundlePath string, keyPath string, keyType! string,
  maxExpirationSeconds int32, signerName! string
SecretProjection: items [KeyToPath], name string, optional bool
ServiceAccountTokenProjection: audience string, expirationSeconds int64, path! string
NodeSelectorRequirement: key! string, operator! string, values [string]
TypedObjectReference: apiGroup string, kind! string, name! string, namespace string
VolumeResourceRequirements: limits {quantity}, requests {quantity}
v1 PodTemplate: template PodTemplateSpec
PodTemplateSpec: metadata ObjectMeta, spec PodSpec
`;

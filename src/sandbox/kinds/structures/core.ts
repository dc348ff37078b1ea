/** The core group besides pods, and small groups that go with it. The notation is that of `notation.ts`. */
export const CORE = `
v1 ConfigMap: binaryData {bytes}, data {string}, immutable bool
v1 Secret: data {bytes}, immutable bool, stringData {string}, type string
v1 Namespace: spec NamespaceSpec, status NamespaceStatus
NamespaceSpec: finalizers [string]
NamespaceStatus: conditions [NamespaceCondition], phase string
NamespaceCondition: lastTransitionTime time, message string, reason string, status! string, type! string
v1 ServiceAccount: automountServiceAccountToken bool, imagePullSecrets [LocalObjectReference], secrets [ObjectReference]
v1 Service: spec ServiceSpec, status ServiceStatus
ServiceSpec: allocateLoadBalancerNodePorts bool, clusterIP string, clusterIPs [string], externalIPs [string], externalName string,
  externalTrafficPolicy string, healthCheckNodePort int32, internalTrafficPolicy string, ipFamilies [string], ipFamilyPolicy string,
  loadBalancerClass string, loadBalancerIP string, loadBalancerSourceRanges [string], ports [ServicePort],
  publishNotReadyAddresses bool, selector {string}, sessionAffinity string, sessionAffinityConfig SessionAffinityConfig,
  trafficDistribution string, type string
ServiceStatus: conditions [Condition], loadBalancer LoadBalancerStatus
ServicePort: appProtocol string, name string, nodePort int32, port! int32, protocol string, targetPort intOrString
SessionAffinityConfig: clientIP ClientIPConfig
LoadBalancerStatus: ingress [LoadBalancerIngress]
ClientIPConfig: timeoutSeconds int32
LoadBalancerIngress: hostname string, ip string, ipMode string, ports [PortStatus]
PortStatus: error string, port! int32, protocol! string
v1 PersistentVolumeClaim: spec PersistentVolumeClaimSpec, status PersistentVolumeClaimStatus
PersistentVolumeClaimStatus: accessModes [string], allocatedResourceStatuses {string}, allocatedResources {quantity},
  capacity {quantity}, conditions [PersistentVolumeClaimCondition], currentVolumeAttributesClassName string,
  modifyVolumeStatus ModifyVolumeStatus, phase string
PersistentVolumeClaimCondition: lastProbeTime time, lastTransitionTime time, message string, reason string, status! string,
  type! string
ModifyVolumeStatus: status! string, targetVolumeAttributesClassName string
v1 ResourceQuota: spec ResourceQuotaSpec, status ResourceQuotaStatus
ResourceQuotaSpec: hard {quantity}, scopeSelector ScopeSelector, scopes [string]
ResourceQuotaStatus: hard {quantity}, used {quantity}
ScopeSelector: matchExpressions [ScopedResourceSelectorRequirement]
ScopedResourceSelectorRequirement: operator! string, scopeName! string, values [string]
v1 LimitRange: spec LimitRangeSpec
LimitRangeSpec: limits! [LimitRangeItem]
LimitRangeItem: default {quantity}, defaultRequest {quantity}, max {quantity}, maxLimitRequestRatio {quantity}, min {quantity},
  type! string
v1 Endpoints: subsets [EndpointSubset]
EndpointSubset: addresses [EndpointAddress], notReadyAddresses [EndpointAddress], ports [EndpointPort]
EndpointAddress: hostname string, ip! string, nodeName string, targetRef ObjectReference
EndpointPort: appProtocol string, name string, port! int32, protocol string
discovery.k8s.io/v1 EndpointSlice: addressType! string, endpoints! [Endpoint], ports [EndpointPort]
Endpoint: addresses! [string], conditions EndpointConditions, deprecatedTopology {string}, hints EndpointHints, hostname string,
  nodeName string, targetRef ObjectReference, zone string
EndpointConditions: ready bool, serving bool, terminating bool
EndpointHints: forNodes [ForNode], forZones [ForZone]
ForNode: name! string
ForZone: name! string
coordination.k8s.io/v1 Lease: spec LeaseSpec
LeaseSpec: acquireTime time, holderIdentity string, leaseDurationSeconds int32, leaseTransitions int32, preferredHolder string,
  renewTime time, strategy string
scheduling.k8s.io/v1 PriorityClass: description string, globalDefault bool, preemptionPolicy string, value! int32
storage.k8s.io/v1 StorageClass: allowVolumeExpansion bool, allowedTopologies [TopologySelectorTerm], mountOptions [string],
  parameters {string}, provisioner! string, reclaimPolicy string, volumeBindingMode string
TopologySelectorTerm: matchLabelExpressions [TopologySelectorLabelRequirement]
TopologySelectorLabelRequirement: key! string, values! [string]
`;

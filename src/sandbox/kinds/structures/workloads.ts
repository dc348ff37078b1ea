/** Kinds that make pods, scale them and keep them up. The notation is that of `notation.ts`. */
export const WORKLOADS = `
apps/v1 Deployment: spec DeploymentSpec, status DeploymentStatus
DeploymentSpec: minReadySeconds int32, paused bool, progressDeadlineSeconds int32, replicas int32, revisionHistoryLimit int32,
  selector! LabelSelector, strategy DeploymentStrategy, template! PodTemplateSpec
DeploymentStatus: availableReplicas int32, collisionCount int32, conditions [DeploymentCondition], observedGeneration int64,
  readyReplicas int32, replicas int32, terminatingReplicas int32, unavailableReplicas int32, updatedReplicas int32
DeploymentStrategy: rollingUpdate RollingUpdateDeployment, type string
DeploymentCondition: lastTransitionTime time, lastUpdateTime time, message string, reason string, status! string, type! string
RollingUpdateDeployment: maxSurge intOrString, maxUnavailable intOrString
apps/v1 ReplicaSet: spec ReplicaSetSpec, status ReplicaSetStatus
ReplicaSetSpec: minReadySeconds int32, replicas int32, selector! LabelSelector, template PodTemplateSpec
ReplicaSetStatus: availableReplicas int32, conditions [ReplicaSetCondition], fullyLabeledReplicas int32, observedGeneration int64,
  readyReplicas int32, replicas! int32, terminatingReplicas int32
ReplicaSetCondition: lastTransitionTime time, message string, reason string, status! string, type! string
apps/v1 StatefulSet: spec StatefulSetSpec, status StatefulSetStatus
StatefulSetSpec: minReadySeconds int32, ordinals StatefulSetOrdinals,
  persistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy, podManagementPolicy string, replicas int32,
  revisionHistoryLimit int32, selector! LabelSelector, serviceName string, template! PodTemplateSpec,
  updateStrategy StatefulSetUpdateStrategy, volumeClaimTemplates [PersistentVolumeClaim]
StatefulSetStatus: availableReplicas int32, collisionCount int32, conditions [StatefulSetCondition], currentReplicas int32,
  currentRevision string, observedGeneration int64, readyReplicas int32, replicas! int32, updateRevision string, updatedReplicas int32
StatefulSetOrdinals: start int32
StatefulSetPersistentVolumeClaimRetentionPolicy: whenDeleted string, whenScaled string
StatefulSetUpdateStrategy: rollingUpdate RollingUpdateStatefulSetStrategy, type string
StatefulSetCondition: lastTransitionTime time, message string, reason string, status! string, type! string
RollingUpdateStatefulSetStrategy: maxUnavailable intOrString, partition int32
apps/v1 DaemonSet: spec DaemonSetSpec, status DaemonSetStatus
DaemonSetSpec: minReadySeconds int32, revisionHistoryLimit int32, selector! LabelSelector, template! PodTemplateSpec,
  updateStrategy DaemonSetUpdateStrategy
DaemonSetStatus: collisionCount int32, conditions [DaemonSetCondition], currentNumberScheduled! int32, desiredNumberScheduled! int32,
  numberAvailable int32, numberMisscheduled! int32, numberReady! int32, numberUnavailable int32, observedGeneration int64,
  updatedNumberScheduled int32
DaemonSetUpdateStrategy: rollingUpdate RollingUpdateDaemonSet, type string
DaemonSetCondition: lastTransitionTime time, message string, reason string, status! string, type! string
RollingUpdateDaemonSet: maxSurge intOrString, maxUnavailable intOrString
batch/v1 Job: spec JobSpec, status JobStatus
JobSpec: activeDeadlineSeconds int64, backoffLimit int32, backoffLimitPerIndex int32, completionMode string, completions int32,
  managedBy string, manualSelector bool, maxFailedIndexes int32, parallelism int32, podFailurePolicy PodFailurePolicy,
  podReplacementPolicy string, selector LabelSelector, successPolicy SuccessPolicy, suspend bool, template! PodTemplateSpec,
  ttlSecondsAfterFinished int32
JobStatus: active int32, completedIndexes string, completionTime time, conditions [JobCondition], failed int32, failedIndexes string,
  ready int32, startTime time, succeeded int32, terminating int32, uncountedTerminatedPods UncountedTerminatedPods
PodFailurePolicy: rules! [PodFailurePolicyRule]
SuccessPolicy: rules! [SuccessPolicyRule]
JobCondition: lastProbeTime time, lastTransitionTime time, message string, reason string, status! string, type! string
UncountedTerminatedPods: failed [string], succeeded [string]
PodFailurePolicyRule: action! string, onExitCodes PodFailurePolicyOnExitCodesRequirement,
  onPodConditions [PodFailurePolicyOnPodConditionsPattern]
SuccessPolicyRule: succeededCount int32, succeededIndexes string
PodFailurePolicyOnExitCodesRequirement: containerName string, operator! string, values! [int32]
PodFailurePolicyOnPodConditionsPattern: status! string, type! string
batch/v1 CronJob: spec CronJobSpec, status CronJobStatus
CronJobSpec: concurrencyPolicy string, failedJobsHistoryLimit int32, jobTemplate! JobTemplateSpec, schedule! string,
  startingDeadlineSeconds int64, successfulJobsHistoryLimit int32, suspend bool, timeZone string
CronJobStatus: active [ObjectReference], lastScheduleTime time, lastSuccessfulTime time
JobTemplateSpec: metadata ObjectMeta, spec JobSpec
autoscaling/v2 HorizontalPodAutoscaler: spec HorizontalPodAutoscalerSpec, status HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerSpec: behavior HorizontalPodAutoscalerBehavior, maxReplicas! int32, metrics [MetricSpec], minReplicas int32,
  scaleTargetRef! CrossVersionObjectReference
HorizontalPodAutoscalerStatus: conditions [HorizontalPodAutoscalerCondition], currentMetrics [MetricStatus], currentReplicas int32,
  desiredReplicas! int32, lastScaleTime time, observedGeneration int64
HorizontalPodAutoscalerBehavior: scaleDown HPAScalingRules, scaleUp HPAScalingRules
MetricSpec: containerResource ContainerResourceMetricSource, external ExternalMetricSource, object ObjectMetricSource,
  pods PodsMetricSource, resource ResourceMetricSource, type! string
CrossVersionObjectReference: apiVersion string, kind! string, name! string
HorizontalPodAutoscalerCondition: lastTransitionTime time, message string, reason string, status! string, type! string
MetricStatus: containerResource ContainerResourceMetricStatus, external ExternalMetricStatus, object ObjectMetricStatus,
  pods PodsMetricStatus, resource ResourceMetricStatus, type! string
HPAScalingRules: policies [HPAScalingPolicy], selectPolicy string, stabilizationWindowSeconds int32, tolerance string
ContainerResourceMetricSource: container! string, name! string, target! MetricTarget
ExternalMetricSource: metric! MetricIdentifier, target! MetricTarget
ObjectMetricSource: describedObject! CrossVersionObjectReference, metric! MetricIdentifier, target! MetricTarget
PodsMetricSource: metric! MetricIdentifier, target! MetricTarget
ResourceMetricSource: name! string, target! MetricTarget
ContainerResourceMetricStatus: container! string, current! MetricValueStatus, name! string
ExternalMetricStatus: current! MetricValueStatus, metric! MetricIdentifier
ObjectMetricStatus: current! MetricValueStatus, describedObject! CrossVersionObjectReference, metric! MetricIdentifier
PodsMetricStatus: current! MetricValueStatus, metric! MetricIdentifier
ResourceMetricStatus: current! MetricValueStatus, name! string
HPAScalingPolicy: periodSeconds! int32, type! string, value! int32
MetricTarget: averageUtilization int32, averageValue quantity, type! string, value quantity
MetricIdentifier: name! string, selector LabelSelector
MetricValueStatus: averageUtilization int32, averageValue quantity, value quantity
policy/v1 PodDisruptionBudget: spec PodDisruptionBudgetSpec, status PodDisruptionBudgetStatus
PodDisruptionBudgetSpec: maxUnavailable intOrString, minAvailable intOrString, selector LabelSelector,
  unhealthyPodEvictionPolicy string
PodDisruptionBudgetStatus: conditions [Condition], currentHealthy! int32, desiredHealthy! int32, disruptedPods {time},
  disruptionsAllowed! int32, expectedPods! int32, observedGeneration int64
`;

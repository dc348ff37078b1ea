/** What the fields of an IstioOperator are called in the values of the charts. @see https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/ */
import { at, isBody, stringAt } from '../../../model/body.ts';
import type { Values } from '../../../model/install.ts';
import { mergeValues } from '../../install/merge-values.ts';
import type { Table } from './translate-settings.ts';

/** Containers list their environment, charts have a map of it, and beside that a list of what is not plain text. */
const environment =
  (hasList: boolean) =>
  (list: unknown): Values | undefined => {
    if (!Array.isArray(list)) return undefined;
    const entries = list.filter(isBody);
    const fromElsewhere = entries.filter(({ valueFrom }) => valueFrom !== undefined);
    if (fromElsewhere.length > 0 && !hasList) return undefined;
    const plain = entries.filter((entry) => !fromElsewhere.includes(entry));
    return {
      ...(plain.length > 0 && { env: Object.fromEntries(plain.map(({ name, value }) => [String(name), String(value ?? '')])) }),
      ...(fromElsewhere.length > 0 && { envVarFrom: fromElsewhere }),
    };
  };

/** Charts have a place for the average use of CPU and memory, and for no other metric. */
const metrics =
  (place: Readonly<Record<string, (average: unknown) => Values>>) =>
  (list: unknown): Values | undefined => {
    if (!Array.isArray(list)) return undefined;
    const made = list.map((metric) => {
      const average = at(metric, ['resource', 'target', 'averageUtilization']) ?? at(metric, ['resource', 'targetAverageUtilization']);
      const name = stringAt(metric, 'resource', 'name') ?? '';
      return average === undefined || !Object.hasOwn(place, name) ? undefined : place[name]?.(average);
    });
    return made.every((values) => values !== undefined) ? mergeValues(...made) : undefined;
  };

const rollingOnly = (type: unknown): Values | undefined => (type === 'RollingUpdate' ? {} : undefined);

const same = (...names: readonly string[]): Table => Object.fromEntries(names.map((name) => [name, name]));

export const ISTIOD: Table = {
  ...same('affinity', 'nodeSelector', 'podAnnotations', 'replicaCount', 'resources', 'serviceAnnotations', 'tolerations'),
  ...same('volumeMounts', 'volumes'),
  env: environment(true),
  'hpaSpec.behavior': 'autoscaleBehavior',
  'hpaSpec.maxReplicas': 'autoscaleMax',
  'hpaSpec.metrics': metrics({
    cpu: (average) => ({ cpu: { targetAverageUtilization: average } }),
    memory: (average) => ({ memory: { targetAverageUtilization: average } }),
  }),
  'hpaSpec.minReplicas': 'autoscaleMin',
  'hpaSpec.scaleTargetRef': null,
  imagePullPolicy: 'global.imagePullPolicy',
  'podDisruptionBudget.maxUnavailable': 'pdb.maxUnavailable',
  'podDisruptionBudget.minAvailable': 'pdb.minAvailable',
  priorityClassName: 'global.priorityClassName',
  'strategy.rollingUpdate.maxSurge': 'rollingMaxSurge',
  'strategy.rollingUpdate.maxUnavailable': 'rollingMaxUnavailable',
  'strategy.type': rollingOnly,
};

export const GATEWAY: Table = {
  ...same('affinity', 'imagePullPolicy', 'nodeSelector', 'podAnnotations', 'podDisruptionBudget', 'priorityClassName', 'readinessProbe'),
  ...same('replicaCount', 'resources', 'securityContext', 'strategy', 'tolerations', 'volumeMounts', 'volumes'),
  ...same('service.clusterIP', 'service.externalIPs', 'service.externalTrafficPolicy', 'service.healthCheckNodePort', 'service.ipFamilies'),
  ...same('service.ipFamilyPolicy', 'service.loadBalancerIP', 'service.loadBalancerSourceRanges', 'service.ports', 'service.type'),
  env: environment(true),
  'hpaSpec.behavior': 'autoscaling.autoscaleBehavior',
  'hpaSpec.maxReplicas': 'autoscaling.maxReplicas',
  'hpaSpec.metrics': metrics({
    cpu: (average) => ({ autoscaling: { targetCPUUtilizationPercentage: average } }),
    memory: (average) => ({ autoscaling: { targetMemoryUtilizationPercentage: average } }),
  }),
  'hpaSpec.minReplicas': 'autoscaling.minReplicas',
  'hpaSpec.scaleTargetRef': null,
  serviceAnnotations: 'service.annotations',
};

export const CNI: Table = {
  ...same('affinity', 'podAnnotations', 'resources', 'tolerations'),
  env: environment(false),
  imagePullPolicy: 'pullPolicy',
};

export const ZTUNNEL: Table = {
  ...same('imagePullPolicy', 'podAnnotations', 'resources', 'tolerations', 'volumeMounts', 'volumes'),
  env: environment(false),
};

/** `values.gateways.<name>`, which are those of the former gateway charts. */
export const GATEWAY_VALUES: Table = {
  ...same('env', 'labels', 'nodeSelector', 'podAnnotations', 'replicaCount', 'resources', 'tolerations'),
  autoscaleEnabled: 'autoscaling.enabled',
  autoscaleMax: 'autoscaling.maxReplicas',
  autoscaleMin: 'autoscaling.minReplicas',
  'cpu.targetAverageUtilization': 'autoscaling.targetCPUUtilizationPercentage',
  // Read where it is decided what is installed.
  enabled: null,
  externalTrafficPolicy: 'service.externalTrafficPolicy',
  loadBalancerIP: 'service.loadBalancerIP',
  loadBalancerSourceRanges: 'service.loadBalancerSourceRanges',
  name: null,
  ports: 'service.ports',
  serviceAnnotations: 'service.annotations',
  type: 'service.type',
};

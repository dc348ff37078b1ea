/** What every mesh asks of the cluster below it, before it is installed and when it runs. */
import type { Check } from '../model/check.ts';
import { admissionChecks } from './kubernetes/admission.ts';
import { apiChecks, extensionChecks } from './kubernetes/api.ts';
import { resourcesFree } from './kubernetes/capacity.ts';
import { gatewayApiConsistent } from './kubernetes/gateway-api.ts';
import { leftoverChecks } from './kubernetes/leftovers.ts';
import { networkPluginSuited } from './kubernetes/network.ts';
import { nodeChecks } from './kubernetes/nodes.ts';
import { installPermitted, readsPermitted } from './kubernetes/permissions.ts';
import { proxiesAdmitted } from './kubernetes/proxies-admitted.ts';

export const kubernetesChecks: readonly Check[] = [
  ...apiChecks,
  readsPermitted,
  ...installPermitted,
  ...nodeChecks,
  resourcesFree,
  networkPluginSuited,
  ...extensionChecks,
  ...admissionChecks,
  ...proxiesAdmitted,
  ...leftoverChecks,
  gatewayApiConsistent,
];

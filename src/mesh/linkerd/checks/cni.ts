/** The CNI plugin, which redirects the traffic of pods where their init containers may not. */
import { itemsAt, numberAt, stringAt } from '../../../model/body.ts';
import type { Check, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { quotedList } from '../../../text/words.ts';
import { configuredPlanes } from '../control-planes.ts';
import { CLUSTER_ROLE, CLUSTER_ROLE_BINDING, CNI_RESOURCE, CONFIG_MAP, DAEMON_SET, hints, SERVICE_ACCOUNT } from '../kinds.ts';
import { API, RUNNING_AND_PRE } from './control-plane.ts';

const INSTALLED = 'linkerd/cni-installed';
const UNUSED = 'The CNI plugin is not used.';

async function agents(facts: Facts): Promise<readonly Resource[]> {
  return (await facts.list(DAEMON_SET)).filter(({ labels }) => labels[CNI_RESOURCE] === 'true' || labels['k8s-app'] === 'linkerd-cni');
}

const isWanted = async (facts: Facts): Promise<boolean> => (await configuredPlanes(facts)).some(({ config }) => config.usesCni);

const cniInstalled: Check = {
  id: INSTALLED,
  category: 'control-plane',
  title: 'The CNI plugin, where it is used, is installed with all of its parts.',
  why: 'Pods are injected without an init container and wait for the plugin to redirect their traffic: they do not start.',
  docs: hints('cni-plugin-ds-exists'),
  aliases: ['cni-plugin-cm-exists', 'cni-plugin-cr-exists', 'cni-plugin-crb-exists', 'cni-plugin-sa-exists', 'cni-plugin-ds-exists'],
  modes: RUNNING_AND_PRE,
  needs: [API],
  reads: [DAEMON_SET],
  run: async (facts) => {
    const found = await agents(facts);
    const [first] = found;
    if (!first) {
      if (!(await isWanted(facts))) return { is: 'ok', reason: UNUSED };
      return {
        is: 'failed',
        reason: 'Linkerd is installed with "cniEnabled", but no DaemonSet of the CNI plugin is there.',
        hint: 'Install the chart "linkerd2-cni", or Linkerd without "cniEnabled".',
      };
    }
    const missing = (await Promise.all(found.map((agent) => missingParts(facts, agent)))).flat();
    if (missing.length === 0) return { is: 'ok', reason: `DaemonSet "${first.namespace}/${first.name}".` };
    return {
      is: 'failed',
      reason: `The CNI plugin lacks ${quotedList(missing)}.`,
      hint: 'Install the chart "linkerd2-cni" again.',
      affected: found.map((resource) => ({ resource })),
    };
  },
};

/** @returns each as `ConfigMap linkerd-cni-config` */
async function missingParts(facts: Facts, { namespace, body }: Resource): Promise<readonly string[]> {
  const pod = ['spec', 'template', 'spec'];
  const account = stringAt(body, ...pod, 'serviceAccountName') ?? 'default';
  const configMap = itemsAt(body, ...pod, 'containers')
    .flatMap(({ item }) => itemsAt(item, 'env').map((variable) => stringAt(variable.item, 'valueFrom', 'configMapKeyRef', 'name')))
    .find((name) => name !== undefined);
  const parts = [
    { kind: CONFIG_MAP, namespace, name: configMap ?? 'linkerd-cni-config' },
    { kind: SERVICE_ACCOUNT, namespace, name: account },
    { kind: CLUSTER_ROLE, namespace: '', name: 'linkerd-cni' },
    { kind: CLUSTER_ROLE_BINDING, namespace: '', name: 'linkerd-cni' },
  ];
  const found = await Promise.all(parts.map((part) => facts.get(part)));
  return parts.flatMap(({ kind, name }, index) => (found[index] ? [] : [`${kind.slice(kind.indexOf('/') + 1)} ${name}`]));
}

const cniReady: Check = {
  id: 'linkerd/cni-ready',
  category: 'control-plane',
  title: 'The CNI plugin, where it is used, is ready on every node.',
  why: 'Meshed pods do not start on nodes without it.',
  docs: hints('cni-plugin-ready'),
  aliases: ['cni-plugin-ready'],
  modes: RUNNING_AND_PRE,
  settles: true,
  needs: [INSTALLED],
  reads: [DAEMON_SET],
  run: async (facts) => {
    const found = await agents(facts);
    if (found.length === 0) return { is: 'ok', reason: UNUSED };
    const states = found.map((resource) => ({
      resource,
      wanted: numberAt(resource.body, 'status', 'desiredNumberScheduled') ?? 0,
      ready: numberAt(resource.body, 'status', 'numberReady') ?? 0,
    }));
    const short = states.filter(({ wanted, ready }) => ready < wanted);
    const [first] = short;
    if (!first) return { is: 'ok', reason: `${states.map(({ wanted }) => wanted).join(', ')} of its pods are ready.` };
    const { namespace, name } = first.resource;
    return {
      is: 'failed',
      reason: 'The CNI plugin is not ready on every node.',
      hint: `Run "kubectl -n ${namespace} describe daemonset ${name}".`,
      affected: short.map(({ resource, wanted, ready }) => ({ resource, detail: `${ready} of ${wanted} pods are ready.` })),
    };
  },
};

export const cniChecks: readonly Check[] = [cniInstalled, cniReady];

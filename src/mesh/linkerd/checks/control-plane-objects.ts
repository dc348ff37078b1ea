/** What a control plane needs besides its own Deployments. */
import { stringAt } from '../../../model/body.ts';
import type { Check, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { count, quotedList } from '../../../text/words.ts';
import { missingRoles } from '../bindings.ts';
import { configuredPlanes, controlPlanes, planeVersions } from '../control-planes.ts';
import {
  CLUSTER_ROLE,
  CLUSTER_ROLE_BINDING,
  COMPONENT,
  CRON_JOB,
  DEPLOYMENT,
  EXTENSION,
  hints,
  NAMESPACE,
  NODE,
  SERVICE_ACCOUNT,
} from '../kinds.ts';
import { isSince, parseLinkerdVersion, type Since } from '../versions.ts';
import { API, CONFIG_READABLE, onPlanes } from './control-plane.ts';
import { type Trouble, verdict } from './verdict.ts';

const accountOf = ({ body }: Resource, ...path: readonly string[]): string =>
  stringAt(body, 'spec', ...path, 'template', 'spec', 'serviceAccountName') ?? 'default';

const findAccount = (facts: Facts, namespace: string, name: string): Promise<Resource | undefined> =>
  facts.get({ kind: SERVICE_ACCOUNT, namespace, name });

const accountsExist: Check = onPlanes({
  id: 'linkerd/control-plane-accounts-exist',
  category: 'control-plane',
  title: 'Every component of the control plane has its ServiceAccount.',
  why: 'Pods without their account are not created, and running ones lose their access.',
  docs: hints('l5d-existence-sa'),
  aliases: ['l5d-existence-sa'],
  reads: [DEPLOYMENT, CRON_JOB],
  run: async (facts) => {
    const planes = await controlPlanes(facts);
    const homes = new Set(planes.map(({ namespace }) => namespace));
    const beats = (await facts.list(CRON_JOB)).filter(({ namespace, labels }) => homes.has(namespace) && labels[COMPONENT] === 'heartbeat');
    const users = [
      ...planes.flatMap(({ deployments }) => [...deployments.values()].map((resource) => ({ resource, name: accountOf(resource) }))),
      ...beats.map((resource) => ({ resource, name: accountOf(resource, 'jobTemplate', 'spec') })),
    ];
    const found = await Promise.all(users.map(({ resource, name }) => findAccount(facts, resource.namespace, name)));
    const troubles = users.flatMap(({ resource, name }, index): readonly Trouble[] => {
      if (found[index]) return [];
      const detail = `Its ServiceAccount "${name}" does not exist.`;
      const hint = `Apply ServiceAccount "${resource.namespace}/${name}" again from the installation.`;
      // The heartbeat reports to Linkerd's makers once a day, and nothing depends on it.
      return [{ is: resource.kind === CRON_JOB ? 'warning' : 'failed', resource, detail, hint }];
    });
    const configs = await configuredPlanes(facts);
    const silent = configs.length > 0 && configs.every(({ config }) => !config.hasHeartbeat);
    const ok = `${count(users.length, 'account')}${silent ? '; the heartbeat is disabled' : ''}.`;
    return verdict(troubles, ok, 'ServiceAccounts of the control plane are missing.');
  },
});

const rolesBound: Check = onPlanes({
  id: 'linkerd/control-plane-roles-bound',
  category: 'control-plane',
  title: 'Every component of the control plane is bound to ClusterRoles that exist.',
  why: 'A component that may not watch the cluster sends old endpoints, signs no certificates or injects no proxies.',
  docs: hints('l5d-existence-cr'),
  aliases: ['l5d-existence-cr', 'l5d-existence-crb'],
  reads: [DEPLOYMENT, CLUSTER_ROLE, CLUSTER_ROLE_BINDING],
  run: async (facts) => {
    const missing = await missingRoles(facts);
    const deployments = (await controlPlanes(facts)).flatMap((plane) => [...plane.deployments.values()]);
    const troubles = deployments.flatMap((deployment): readonly Trouble[] => {
      const account = accountOf(deployment);
      const hint = `Apply the ClusterRoles and ClusterRoleBindings of ServiceAccount "${deployment.namespace}/${account}" again from the installation.`;
      return missing(deployment, account).map((affected) => ({ ...affected, is: 'failed', hint }));
    });
    return verdict(troubles, `${count(deployments.length, 'component')}.`, 'Components of the control plane lack their permissions.');
  },
});

const ALWAYS: Since = { edge: [0, 0, 0], stable: [0, 0, 0] };

/** Which release brought which kind. */
const DEFINITIONS: readonly (readonly [kind: `${string}/${string}`, since: Since])[] = [
  ['linkerd.io/ServiceProfile', ALWAYS],
  ['policy.linkerd.io/Server', { edge: [21, 9, 3], stable: [2, 11, 0] }],
  ['policy.linkerd.io/ServerAuthorization', { edge: [21, 9, 3], stable: [2, 11, 0] }],
  ['policy.linkerd.io/AuthorizationPolicy', { edge: [22, 8, 1], stable: [2, 12, 0] }],
  ['policy.linkerd.io/MeshTLSAuthentication', { edge: [22, 8, 1], stable: [2, 12, 0] }],
  ['policy.linkerd.io/NetworkAuthentication', { edge: [22, 8, 1], stable: [2, 12, 0] }],
  ['policy.linkerd.io/HTTPRoute', { edge: [22, 8, 1], stable: [2, 12, 0] }],
  ['workload.linkerd.io/ExternalWorkload', { edge: [24, 2, 4], stable: [2, 15, 0] }],
  ['policy.linkerd.io/EgressNetwork', { edge: [24, 11, 8], stable: [2, 17, 0] }],
  ['policy.linkerd.io/HTTPLocalRateLimitPolicy', { edge: [24, 11, 8], stable: [2, 17, 0] }],
];

const definitionsServed: Check = onPlanes({
  id: 'linkerd/definitions-served',
  category: 'control-plane',
  title: 'The cluster serves every kind that the version of the control plane watches.',
  why: 'The policy controller does not become ready before it can watch all of its kinds.',
  docs: hints('l5d-existence-crd'),
  aliases: ['l5d-existence-crd'],
  settles: true,
  run: async (facts) => {
    const served = await facts.kinds();
    const versions = [...(await planeVersions(facts))].map(parseLinkerdVersion);
    const wanted = DEFINITIONS.filter(([, since]) => versions.some((version) => isSince(version, since)));
    const missing = wanted.filter(([kind]) => !served.has(kind)).map(([kind]) => kind);
    if (missing.length === 0) return { is: 'ok', reason: `${count(wanted.length, 'kind')}.` };
    return {
      is: 'failed',
      reason: `The cluster does not serve ${quotedList(missing, 10)}.`,
      hint: 'Install the chart "linkerd-crds" of the same release as the control plane.',
    };
  },
});

const extensionNamespacesDistinct: Check = {
  id: 'linkerd/extension-namespaces-distinct',
  category: 'control-plane',
  title: 'No two namespaces claim to hold the same extension of Linkerd.',
  why: "Linkerd's tools take one of them by chance, or refuse to work.",
  docs: hints('l5d-extension-namespaces'),
  aliases: ['l5d-extension-namespaces'],
  needs: [API],
  reads: [NAMESPACE],
  run: async (facts) => {
    const labelled = (await facts.list(NAMESPACE)).filter(({ labels }) => labels[EXTENSION] !== undefined);
    const troubles = labelled.flatMap((resource): readonly Trouble[] => {
      const name = resource.labels[EXTENSION];
      if (labelled.filter(({ labels }) => labels[EXTENSION] === name).length < 2) return [];
      const hint = `Remove the label from the namespace that does not hold it: "kubectl label namespace ${resource.name} ${EXTENSION}-".`;
      return [{ is: 'warning', resource, detail: `It is labelled "${EXTENSION}=${name}", as another is.`, hint }];
    });
    return verdict(troubles, `${count(labelled.length, 'namespace')} of extensions.`, 'An extension has several namespaces.');
  },
};

const proxyInitPrivileged: Check = onPlanes({
  id: 'linkerd/proxy-init-privileged',
  category: 'control-plane',
  title: 'The init container may change the rules of the network on every node.',
  why: 'Docker gives a container that does not run as root none of the capabilities that it adds, so that meshed pods do not start there.',
  docs: hints('l5d-proxy-init-run-as-root'),
  aliases: ['l5d-proxy-init-run-as-root'],
  needs: [CONFIG_READABLE],
  reads: [NODE],
  run: async (facts) => {
    const unprivileged = (await configuredPlanes(facts)).some(({ config }) => !config.usesCni && !config.initRunsAsRoot);
    if (!unprivileged) return { is: 'ok', reason: 'It runs as root, or the CNI plugin stands in for it.' };
    const nodes = (await facts.list(NODE)).filter(({ body }) => stringAt(body, 'status', 'nodeInfo', 'operatingSystem') !== 'windows');
    const docker = nodes.flatMap((resource): readonly Trouble[] => {
      const runtime = stringAt(resource.body, 'status', 'nodeInfo', 'containerRuntimeVersion') ?? '';
      if (!runtime.startsWith('docker://')) return [];
      return [
        { is: 'failed', resource, detail: `Its runtime is ${runtime}.`, hint: 'Upgrade Linkerd with "--set proxyInit.runAsRoot=true".' },
      ];
    });
    return verdict(docker, `No node uses Docker.`, 'The init container does not run as root, and nodes use Docker.');
  },
});

export const controlPlaneObjectChecks: readonly Check[] = [
  accountsExist,
  rolesBound,
  definitionsServed,
  proxyInitPrivileged,
  extensionNamespacesDistinct,
];

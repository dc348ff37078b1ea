/** What an installation of Istio finds of earlier ones. */
import type { Check, Facts } from '../../../model/check.ts';
import { shortKind } from '../../../model/resource.ts';
import { resourceSet } from '../../../model/resource-set.ts';
import { count } from '../../../text/words.ts';
import { laxWebhooks } from '../../checks/webhooks.ts';
import { CRD, DEPLOYMENT, MUTATING_WEBHOOK, NAMESPACE, SERVICE, VALIDATING_WEBHOOK } from '../kinds.ts';
import { validationWebhooks } from '../webhooks.ts';
import { type ControlPlane, controlPlanes, injectors } from './control-plane.ts';
import { NEWEST_RELEASE } from './releases.ts';

const PRE = { modes: ['pre'], needs: ['kubernetes/api-reachable'] } as const;

/** Upgrades may leave out one minor version. */
const MOST_STEPS = 2;

const upgradePath: Check = {
  id: 'istio/pre-upgrade-path-short',
  category: 'control-plane',
  title: 'No installation of Istio is too old to be upgraded to a recent release at once.',
  why: 'Upgrades are tested over two minor versions at the most; what changed in between is not taken into account.',
  docs: 'https://istio.io/latest/docs/setup/upgrade/',
  reads: [DEPLOYMENT],
  ...PRE,
  run: async (facts) => {
    const planes = await controlPlanes(facts);
    if (planes.length === 0) return { is: 'ok', reason: 'Istio is not installed.' };
    const users = await namespacesByRevision(facts);
    const shown = planes.map((plane) => describe(plane, users.get(plane.revision) ?? 0)).join(' ');
    const old = planes.filter(({ version }) => version?.major === 1 && NEWEST_RELEASE.minor - version.minor > MOST_STEPS);
    const [first] = old;
    if (!first) return { is: 'ok', reason: shown };
    return {
      is: 'warning',
      reason: `Istio ${first.versionText} cannot be upgraded to 1.${NEWEST_RELEASE.minor} at once. ${shown}`,
      hint: `Upgrade Deployment "${first.deployment.namespace}/${first.deployment.name}" to 1.${(first.version?.minor ?? 0) + MOST_STEPS} first.`,
      affected: old.map(({ deployment, versionText }) => ({ resource: deployment, detail: `It is ${versionText}.` })),
    };
  },
};

const describe = ({ deployment, revision, versionText = 'of an unknown version' }: ControlPlane, users: number): string =>
  `"${deployment.namespace}/${deployment.name}" is ${versionText}, revision "${revision}", and injects ${count(users, 'namespace')}.`;

async function namespacesByRevision(facts: Facts): Promise<ReadonlyMap<string, number>> {
  const webhooks = await injectors(facts);
  const users = new Map<string, number>();
  for (const { name, labels } of await facts.list(NAMESPACE)) {
    if (labels['istio.io/rev'] === undefined && labels['istio-injection'] !== 'enabled') continue;
    const webhook = webhooks.find((each) => each.matchesNamespace({ 'kubernetes.io/metadata.name': name, ...labels }));
    if (webhook) users.set(webhook.revision, (users.get(webhook.revision) ?? 0) + 1);
  }
  return users;
}

const noLeftovers: Check = {
  id: 'istio/pre-no-leftover-webhooks',
  category: 'control-plane',
  title: 'No webhook of an Istio that was removed is left.',
  why: 'The API server calls a service that is gone: it refuses the pods and objects of a new installation, or lets them pass unattended.',
  docs: 'https://istio.io/latest/docs/setup/install/istioctl/#uninstall-istio',
  reads: [MUTATING_WEBHOOK, VALIDATING_WEBHOOK, SERVICE],
  ...PRE,
  run: async (facts) => {
    const webhooks = [...(await injectors(facts)), ...resourceSet(await facts.list(VALIDATING_WEBHOOK)).derive(validationWebhooks)];
    const services = new Set((await facts.list(SERVICE)).map(({ namespace, name }) => `${namespace}/${name}`));
    const orphans = webhooks.filter(({ service }) => service !== undefined && !services.has(`${service.namespace}/${service.name}`));
    const resources = [...new Set(orphans.map(({ resource }) => resource))];
    const definitions = (await facts.list(CRD, { metadataOnly: true })).filter(({ name }) => name.endsWith('.istio.io'));
    const [first] = resources;
    if (!first)
      return {
        is: 'ok',
        reason: `${count(webhooks.length, 'webhook')} and ${count(definitions.length, 'definition')} of Istio are there.`,
      };
    const isLax = laxWebhooks(orphans).length === resources.length;
    return {
      is: isLax ? 'warning' : 'failed',
      reason: 'Webhooks call a control plane that does not exist.',
      hint: `Run "kubectl delete ${shortKind(first.kind).toLowerCase()} ${first.name}".`,
      affected: resources.map((resource) => {
        const service = orphans.find((orphan) => orphan.resource === resource)?.service;
        return { resource, detail: `It calls service "${service?.namespace}/${service?.name}", which does not exist.` };
      }),
    };
  },
};

/** Before 1.22 proxies sent traces there unless told otherwise. */
const LAST_WITH_ZIPKIN = 21;

const upgradeCompatible: Check = {
  id: 'istio/pre-upgrade-keeps-tracing',
  category: 'control-plane',
  title: 'No installation depends on a default that later releases have changed.',
  why: 'From 1.22 on, proxies send traces to zipkin.istio-system only when they are told to: traces end with the upgrade.',
  aliases: ['IST0169'],
  docs: 'https://istio.io/latest/docs/tasks/observability/distributed-tracing/telemetry-api/',
  reads: [DEPLOYMENT],
  ...PRE,
  run: async (facts) => {
    const old = (await controlPlanes(facts)).filter(({ version }) => version?.major === 1 && version.minor <= LAST_WITH_ZIPKIN);
    if (old.length === 0) return { is: 'ok' };
    const zipkin = await facts.get({ kind: SERVICE, namespace: 'istio-system', name: 'zipkin' });
    if (!zipkin) return { is: 'ok' };
    return {
      is: 'warning',
      reason: `Istio ${old[0]?.versionText} sends traces to Service "zipkin" by default; releases from 1.22 on do not.`,
      hint: 'Name Service "istio-system/zipkin" as an extension provider of the mesh configuration, and select it with a Telemetry, before you upgrade.',
      affected: [{ resource: zipkin }],
    };
  },
};

export const preExistingChecks: readonly Check[] = [upgradePath, noLeftovers, upgradeCompatible];

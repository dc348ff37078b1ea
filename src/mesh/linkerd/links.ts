/** Links to other clusters, and what the service mirrors of this one make of them. */
import { objectAt, stringAt } from '../../model/body.ts';
import type { Facts } from '../../model/check.ts';
import type { Resource } from '../../model/resource.ts';
import { CLUSTER_NAME, DEPLOYMENT, LINK, SERVICE } from './kinds.ts';

export interface Link {
  readonly resource: Resource;
  readonly cluster: string;
  /** Name of the Secret with the credentials, in the namespace of the Link. */
  readonly credentials: string | undefined;
  /** False when services of the other cluster are reached pod by pod. */
  readonly hasGateway: boolean;
}

export async function links(facts: Facts): Promise<readonly Link[]> {
  return (await facts.list(LINK)).map((resource) => {
    const spec = objectAt(resource.body, 'spec');
    return {
      resource,
      cluster: stringAt(spec, 'targetClusterName') || resource.name,
      credentials: stringAt(spec, 'clusterCredentialsSecret') || undefined,
      hasGateway: Boolean(stringAt(spec, 'gatewayAddress')) && Boolean(stringAt(spec, 'probeSpec', 'path')),
    };
  });
}

/** `service-mirror` is what `linkerd multicluster link` made; `controller` is what the extension's chart makes. */
const LEGACY = ['service-mirror', 'linkerd-service-mirror'];

export const isLegacyMirror = ({ labels }: Resource): boolean => LEGACY.includes(labels['component'] ?? '');

/** The Deployments that mirror the services of a linked cluster. */
export async function mirrorsOf(facts: Facts, { cluster }: Link): Promise<readonly Resource[]> {
  return (await facts.list(DEPLOYMENT)).filter(
    (deployment) =>
      deployment.labels[CLUSTER_NAME] === cluster && (deployment.labels['component'] === 'controller' || isLegacyMirror(deployment)),
  );
}

const MIRRORED = 'mirror.linkerd.io/mirrored-service';
const GATEWAY = 'mirror.linkerd.io/mirrored-gateway';
const REMOTE_DISCOVERY = 'multicluster.linkerd.io/remote-discovery';
const LOCAL_DISCOVERY = 'multicluster.linkerd.io/local-discovery';

/** Services that stand for ones of other clusters. */
export async function mirrorServices(facts: Facts): Promise<readonly Resource[]> {
  return (await facts.list(SERVICE)).filter(({ labels }) => labels[MIRRORED] !== undefined && labels[GATEWAY] === undefined);
}

/** Endpoints of these are found in the clusters themselves: they have none here. */
export const isDiscovered = ({ labels, annotations }: Resource): boolean =>
  labels[REMOTE_DISCOVERY] !== undefined || Boolean(annotations[REMOTE_DISCOVERY]) || Boolean(annotations[LOCAL_DISCOVERY]);

/** The services that a service mirror keeps for the gateways it probes. */
export async function gatewayMirrors(facts: Facts, { cluster }: Link): Promise<readonly Resource[]> {
  return (await facts.list(SERVICE)).filter(({ labels }) => labels[GATEWAY] !== undefined && labels[CLUSTER_NAME] === cluster);
}

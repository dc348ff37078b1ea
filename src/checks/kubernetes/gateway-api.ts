/** The definitions of Gateway API, which several meshes and ingress controllers share. */
import type { Check, CheckResult } from '../../model/check.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import { count, quotedList } from '../../text/words.ts';
import { REACHABLE, RUNNING_AND_PRE } from './api.ts';

export const CRD: Kind = 'apiextensions.k8s.io/CustomResourceDefinition';

const GATEWAY_GROUP = '.gateway.networking.k8s.io';
const BUNDLE = 'gateway.networking.k8s.io/bundle-version';
const CHANNEL = 'gateway.networking.k8s.io/channel';

export const gatewayApiConsistent: Check = {
  id: 'kubernetes/gateway-api-consistent',
  category: 'kubernetes',
  title: 'The definitions of Gateway API, where installed, come from one release.',
  why: 'Definitions of different releases know different fields, so that routes are refused or fields are dropped.',
  docs: 'https://gateway-api.sigs.k8s.io/guides/getting-started/',
  modes: RUNNING_AND_PRE,
  needs: [REACHABLE],
  reads: [CRD],
  run: async (facts) => gatewayApi(await facts.list(CRD, { metadataOnly: true })),
};

function gatewayApi(definitions: readonly Resource[]): CheckResult {
  const own = definitions.filter(({ name }) => name.endsWith(GATEWAY_GROUP));
  if (own.length === 0) return { is: 'ok', reason: 'Gateway API is not installed.' };
  const bundles = [...new Set(own.map(bundleOf))].sort();
  const owners = [...new Set(own.flatMap(ownerOf))].sort();
  const by = owners.length === 0 ? '' : `, managed by ${quotedList(owners)}`;
  if (bundles.length === 1) return { is: 'ok', reason: `${count(own.length, 'definition')} of ${bundles[0]}${by}.` };
  return {
    is: 'warning',
    reason: `The definitions come from ${bundles.length} releases or channels${by}.`,
    hint: 'Install all of them from one release and channel.',
    affected: own.map((resource) => ({ resource, detail: `It is of ${bundleOf(resource)}.` })),
  };
}

function bundleOf({ annotations }: Resource): string {
  const version = annotations[BUNDLE];
  return version === undefined ? 'no stated release' : `Gateway API ${version} (${annotations[CHANNEL] ?? 'unknown'} channel)`;
}

function ownerOf({ labels, annotations }: Resource): readonly string[] {
  const release = annotations['meta.helm.sh/release-name'];
  if (release) return [`Helm release ${release}`];
  const manager = labels['app.kubernetes.io/managed-by'] ?? labels['addonmanager.kubernetes.io/mode'];
  return manager ? [manager] : [];
}

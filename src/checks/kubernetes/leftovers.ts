/** Meshes that are there already, and what is left of ones that were. */
import { KNOWN_MESHES, type KnownMesh } from '../../mesh/checks/known-meshes.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Affected, Check } from '../../model/check.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import { count, quotedList } from '../../text/words.ts';
import { callsUrl, MUTATING_WEBHOOK, VALIDATING_WEBHOOK } from './admission.ts';
import { PRE, REACHABLE } from './api.ts';
import { CRD } from './gateway-api.ts';

export const NAMESPACE: Kind = 'core/Namespace';
const DEPLOYMENT: Kind = 'apps/Deployment';
const STATEFUL_SET: Kind = 'apps/StatefulSet';

const noLeftovers: Check = {
  id: 'kubernetes/meshes-complete',
  category: 'kubernetes',
  title: 'No mesh has left a part of itself behind.',
  why: 'What an earlier installation left is in the way of the next: webhooks that nobody answers refuse pods, and objects of others are not overwritten.',
  docs: 'https://istio.io/latest/docs/setup/install/helm/#uninstall',
  aliases: ['pre-ns'],
  modes: PRE,
  needs: [REACHABLE],
  reads: [CRD, DEPLOYMENT, STATEFUL_SET, MUTATING_WEBHOOK, VALIDATING_WEBHOOK, NAMESPACE],
  run: async (facts) => {
    const workloads = [...(await facts.list(DEPLOYMENT)), ...(await facts.list(STATEFUL_SET))];
    const webhooks = [...(await facts.list(MUTATING_WEBHOOK)), ...(await facts.list(VALIDATING_WEBHOOK))];
    const definitions = await facts.list(CRD, { metadataOnly: true });
    const namespaces = await facts.list(NAMESPACE);
    const runs: string[] = [];
    const affected: Affected[] = [];
    const incomplete: string[] = [];
    for (const mesh of KNOWN_MESHES) {
      const planes = workloads.filter(({ labels }) => mesh.isControlPlane(labels));
      const own = webhooks.filter((webhook) => isOf(mesh, webhook));
      if (planes.length > 0) runs.push(`${mesh.title} in ${quotedList([...new Set(planes.map(({ namespace }) => namespace))].sort())}`);
      // A control plane outside of the cluster, or one that somebody else runs, is called by a URL.
      if (planes.length > 0 || own.some(callsUrl)) continue;
      const left = leftoversOf(mesh, own, definitions, namespaces);
      if (left.length > 0) incomplete.push(mesh.title);
      affected.push(...left);
    }
    const seen = runs.length === 0 ? 'No mesh is installed.' : `Installed: ${runs.join(', ')}.`;
    if (affected.length === 0) return { is: 'ok', reason: seen };
    return {
      is: 'warning',
      reason: `Parts of ${quotedList(incomplete)} are there, but no control plane. ${seen}`,
      hint: 'Leave them if the installation is under way. Otherwise delete the webhooks first; deleting a definition deletes every object of its kind.',
      affected,
    };
  },
};

function isOf({ group }: KnownMesh, { name, body }: Resource): boolean {
  const domain = group.slice(1);
  return name.endsWith(domain) || itemsAt(body, 'webhooks').some(({ item }) => stringAt(item, 'name')?.endsWith(domain));
}

/** Namespaces alone are no leftovers: many are made before the mesh that is to come. */
function leftoversOf(
  mesh: KnownMesh,
  webhooks: readonly Resource[],
  definitions: readonly Resource[],
  namespaces: readonly Resource[],
): readonly Affected[] {
  const own = definitions.filter(({ name }) => name.endsWith(mesh.group));
  const [first] = own;
  const found = [
    ...webhooks.map((resource) => ({ resource, detail: `It is a webhook of ${mesh.title}.` })),
    ...(first ? [{ resource: first, detail: `It is one of ${count(own.length, 'definition')} of ${mesh.title}.` }] : []),
  ];
  if (found.length === 0) return [];
  const homes = namespaces.filter(({ name }) => mesh.namespaces.includes(name));
  return [...found, ...homes.map((resource) => ({ resource, detail: `${mesh.title} has no control plane here.` }))];
}

/** Deleting a namespace with many objects takes its time. */
const PATIENCE_MS = 10 * 60_000;

const namespacesNotStuck: Check = {
  id: 'kubernetes/namespaces-not-stuck',
  category: 'kubernetes',
  title: 'No namespace is stuck while it is deleted.',
  why: 'Nothing can be created in a namespace that is being deleted, nor can a new one have its name.',
  docs: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/',
  modes: PRE,
  settles: true,
  needs: [REACHABLE],
  reads: [NAMESPACE],
  run: async (facts) => {
    const stuck = (await facts.list(NAMESPACE)).filter(({ body }) => {
      const since = Date.parse(stringAt(body, 'metadata', 'deletionTimestamp') ?? '');
      return facts.now - since > PATIENCE_MS;
    });
    const [first] = stuck;
    if (!first) return { is: 'ok' };
    return {
      is: stuck.some(isOfMesh) ? 'failed' : 'warning',
      reason: `${count(stuck.length, 'namespace')} ${stuck.length === 1 ? 'has' : 'have'} been terminating for more than 10 minutes.`,
      hint: `Run "kubectl get namespace ${first.name} -o yaml" and remove what its conditions name.`,
      affected: stuck.map((resource) => ({ resource, detail: remainsOf(resource) })),
    };
  },
};

const isOfMesh = ({ name }: Resource): boolean => KNOWN_MESHES.some(({ namespaces }) => namespaces.includes(name));

function remainsOf({ body }: Resource): string {
  const held = itemsAt(body, 'status', 'conditions').filter(({ item }) => item['status'] === 'True');
  const last = held.map(({ item }) => stringAt(item, 'message') ?? '').filter((message) => message !== '');
  return last.at(-1) ?? 'Its finalizers are not done.';
}

export const leftoverChecks: readonly Check[] = [noLeftovers, namespacesNotStuck];

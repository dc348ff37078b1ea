/** Webhooks of whatever owner that the API server asks before it stores what an installation brings. */
import { hasReadyEndpoint, SERVICE } from '../../mesh/checks/webhooks.ts';
import { itemsAt, listAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Affected, Check, Facts } from '../../model/check.ts';
import { labelSelectorMatches } from '../../model/labels.ts';
import { groupBy } from '../../model/maps.ts';
import { type Body, type Kind, type Resource, shortKind } from '../../model/resource.ts';
import { count } from '../../text/words.ts';
import { firewallHint, PRE, REACHABLE } from './api.ts';

export const MUTATING_WEBHOOK: Kind = 'admissionregistration.k8s.io/MutatingWebhookConfiguration';
export const VALIDATING_WEBHOOK: Kind = 'admissionregistration.k8s.io/ValidatingWebhookConfiguration';
const ENDPOINT_SLICE: Kind = 'discovery.k8s.io/EndpointSlice';

const webhooksAnswered: Check = {
  id: 'kubernetes/admission-webhooks-answered',
  category: 'kubernetes',
  title: 'Every webhook that could refuse an installation has somebody to answer it.',
  why: 'The API server refuses objects that such a webhook is to be asked about as long as nobody answers.',
  docs: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy',
  modes: PRE,
  settles: true,
  needs: [REACHABLE],
  reads: [MUTATING_WEBHOOK, VALIDATING_WEBHOOK, SERVICE, ENDPOINT_SLICE],
  run: async (facts) => {
    const configurations = [...(await facts.list(MUTATING_WEBHOOK)), ...(await facts.list(VALIDATING_WEBHOOK))];
    const strict = configurations.flatMap((resource) =>
      itemsAt(resource.body, 'webhooks').flatMap(({ item }) => blockerOf(resource, item) ?? []),
    );
    const affected = await unanswered(facts, strict);
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${count(strict.length, 'webhook')} with failurePolicy "Fail".` };
    return {
      is: 'failed',
      reason: `Nobody answers ${count(affected.length, 'webhook configuration')} with failurePolicy "Fail", so that the API server refuses what they are asked about.`,
      hint: `Mend what serves them, or run "kubectl delete ${shortKind(first.resource.kind).toLowerCase()} ${first.resource.name}" if it is gone for good.${firewallHint(await facts.version())}`,
      affected,
    };
  },
};

interface Blocker {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
}

/** @returns undefined for webhooks that stop no installation, and for those that call a URL, which cannot be judged from here */
function blockerOf(resource: Resource, webhook: Body): Blocker | undefined {
  const name = stringAt(webhook, 'clientConfig', 'service', 'name');
  const namespace = stringAt(webhook, 'clientConfig', 'service', 'namespace') ?? '';
  if (name === undefined || stringAt(webhook, 'failurePolicy') === 'Ignore') return undefined;
  const concerned =
    itemsAt(webhook, 'rules').some(({ item }) => concernsInstallation(item)) &&
    labelSelectorMatches(webhook['namespaceSelector'], NEW_NAMESPACE) &&
    labelSelectorMatches(webhook['objectSelector'], {});
  return concerned ? { resource, namespace, name } : undefined;
}

/** Whoever selects by other labels does not see what a mesh brings in a namespace of its own. */
const NEW_NAMESPACE = { 'kubernetes.io/metadata.name': 'a-new-mesh' };

/** What charts of meshes create, by group and plural. */
const INSTALLED: Readonly<Record<string, readonly string[]>> = {
  '': ['configmaps', 'namespaces', 'pods', 'secrets', 'serviceaccounts', 'services'],
  apps: ['daemonsets', 'deployments', 'replicasets'],
  'rbac.authorization.k8s.io': ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'],
  'apiextensions.k8s.io': ['customresourcedefinitions'],
};

const ALL: ReadonlySet<string> = new Set(['*', '*/*']);

function concernsInstallation(rule: Body): boolean {
  const values = (field: string): readonly string[] => stringsAt(rule, field).map(({ value }) => value);
  if (!values('operations').some((operation) => operation === 'CREATE' || operation === '*')) return false;
  const groups = values('apiGroups');
  return Object.entries(INSTALLED).some(
    ([group, plurals]) =>
      (groups.includes(group) || groups.includes('*')) && values('resources').some((name) => ALL.has(name) || plurals.includes(name)),
  );
}

async function unanswered(facts: Facts, blockers: readonly Blocker[]): Promise<readonly Affected[]> {
  const services = new Set((await facts.list(SERVICE)).map(({ namespace, name }) => `${namespace}/${name}`));
  const affected = new Map<Resource, Affected>();
  for (const [key, group] of groupBy(blockers, ({ namespace, name }) => `${namespace}/${name}`)) {
    const [{ namespace, name } = { namespace: '', name: '' }] = group;
    if (services.has(key) && (await hasReadyEndpoint(facts, namespace, name))) continue;
    const detail = `It calls service "${key}", ${services.has(key) ? 'which has no ready endpoint' : 'which does not exist'}.`;
    for (const { resource } of group) affected.set(resource, { resource, detail });
  }
  return [...affected.values()];
}

/** True when some entry calls an address outside of the cluster. */
export const callsUrl = ({ body }: Resource): boolean =>
  listAt(body, 'webhooks').some((webhook) => stringAt(webhook, 'clientConfig', 'url') !== undefined);

export const admissionChecks: readonly Check[] = [webhooksAnswered];

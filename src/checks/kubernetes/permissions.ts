/** What the user may do. */
import type { Check, CheckResult, Facts } from '../../model/check.ts';
import type { AccessQuestion } from '../../model/cluster.ts';
import { groupBy } from '../../model/maps.ts';
import { isClusterScoped, type Kind, shortKind } from '../../model/resource.ts';
import { count, quotedList } from '../../text/words.ts';
import { ALWAYS, PRE, REACHABLE } from './api.ts';

const DOCS = 'https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access';
const NAMED = 10;

export const readsPermitted: Check = {
  id: 'kubernetes/reads-permitted',
  category: 'kubernetes',
  title: 'You may read everything that the checks read.',
  why: 'Checks cannot judge what they may not read.',
  docs: DOCS,
  modes: ALWAYS,
  needs: [REACHABLE],
  run: async (facts) => {
    const { namespace } = facts;
    const served = await facts.kinds();
    // Of a kind that is not served there is nothing to read, and a role seldom speaks of it.
    const reads = facts.reads.filter((kind) => served.has(kind));
    const denied = await refused(facts, 'list', reads);
    if (denied.length === 0) return { is: 'ok', reason: `${count(reads.length, 'kind')} in all namespaces.` };
    if (namespace !== undefined) return limitedTo(namespace, reads, denied, facts);
    return {
      is: 'failed',
      reason: `You may not list ${kindList(denied)} in all namespaces, so that other checks cannot judge.`,
      hint: 'Ask for a ClusterRole that may list them, such as "view" with nodes and webhook configurations added, use other credentials with --context or --as, or check a single namespace with -n.',
    };
  },
};

/** Who asks about one namespace often may read nothing else, and still gets the checks of its workloads. */
async function limitedTo(namespace: string, reads: readonly Kind[], denied: readonly Kind[], facts: Facts): Promise<CheckResult> {
  const served = await facts.kinds();
  const namespaced = denied.filter((kind) => served.get(kind)?.namespaced);
  const closed = new Set(await refused(facts, 'list', namespaced, namespace));
  const unread = denied.filter((kind) => !namespaced.includes(kind) || closed.has(kind));
  const inside = namespaced.filter((kind) => !closed.has(kind));
  if (unread.length === reads.length) {
    return {
      is: 'failed',
      reason: `You may list ${kindList(unread)} neither in all namespaces nor in namespace "${namespace}", so that no check can judge.`,
      hint: `Ask for a Role that may list them in namespace "${namespace}", such as "view", or use other credentials with --context or --as.`,
    };
  }
  const only = inside.length === 0 ? '' : ` You may list ${kindList(inside)} in namespace "${namespace}" only.`;
  const never = unread.length === 0 ? '' : ` You may not list ${kindList(unread)}.`;
  return {
    is: 'warning',
    reason: `Checks are limited to what can be read, and those of the control plane and of the cluster are skipped.${only}${never}`,
    hint: 'Ask somebody who may read the whole cluster for those checks.',
  };
}

const kindList = (kinds: readonly Kind[]): string => quotedList(kinds.map(shortKind), NAMED);

/** Those of the kinds for which the answer is no. */
async function refused(facts: Facts, verb: string, kinds: readonly Kind[], namespace?: string): Promise<readonly Kind[]> {
  const answers = await facts.access(kinds.map((kind) => questionOf(verb, kind, namespace)));
  return kinds.filter((_, index) => answers[index]?.allowed !== true);
}

const questionOf = (verb: string, kind: Kind, namespace: string | undefined): AccessQuestion => ({
  ...{ verb, kind },
  namespace: isClusterScoped(kind) ? undefined : namespace,
});

/** Charts are applied by patches, and what they created is deleted when they are uninstalled. */
const VERBS = ['create', 'patch', 'delete'];

interface Group {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly alias: string;
  readonly kinds: readonly Kind[];
  /** Only some extensions need these. */
  readonly extra?: readonly Kind[];
  readonly extraReason?: string;
}

const GROUPS: readonly Group[] = [
  {
    id: 'kubernetes/definitions-permitted',
    title: "You may install a mesh's own kinds.",
    why: 'The kinds that configure a mesh are CustomResourceDefinitions; without them its control plane does not start.',
    alias: 'pre-k8s-cluster-k8s',
    kinds: ['apiextensions.k8s.io/CustomResourceDefinition'],
  },
  {
    id: 'kubernetes/cluster-objects-permitted',
    title: 'You may install what a mesh needs outside of namespaces.',
    why: 'A control plane reads all namespaces and is called for new pods: both need objects of the whole cluster.',
    alias: 'pre-k8s-cluster-k8s',
    kinds: [
      'core/Namespace',
      'rbac.authorization.k8s.io/ClusterRole',
      'rbac.authorization.k8s.io/ClusterRoleBinding',
      'admissionregistration.k8s.io/MutatingWebhookConfiguration',
      'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
    ],
    extra: ['apiregistration.k8s.io/APIService'],
    extraReason: "Linkerd's viz, which brings one, could not be installed.",
  },
  {
    id: 'kubernetes/workloads-permitted',
    title: 'You may install the workloads of a mesh.',
    why: 'Control planes, gateways and node agents are workloads with services, accounts and configuration of their own.',
    alias: 'pre-k8s',
    kinds: [
      'apps/Deployment',
      'apps/DaemonSet',
      'core/Service',
      'core/ServiceAccount',
      'core/ConfigMap',
      'core/Secret',
      'rbac.authorization.k8s.io/Role',
      'rbac.authorization.k8s.io/RoleBinding',
      'policy/PodDisruptionBudget',
      'autoscaling/HorizontalPodAutoscaler',
      'batch/CronJob',
    ],
  },
];

function installable({ id, title, why, alias, kinds, extra = [], extraReason = '' }: Group): Check {
  return {
    ...{ id, title, why, docs: DOCS, category: 'kubernetes', aliases: [alias], modes: PRE, needs: [REACHABLE] },
    run: async (facts) => {
      const refusals = await refusedVerbs(facts, [...kinds, ...extra]);
      const sentences = [...groupBy(refusals, ({ refused: no }) => quotedList(no.map(shortKind), 20))].map(
        ([names, same]) => `You may not ${alternatives(same.map(({ verb }) => verb))} ${names}.`,
      );
      if (sentences.length === 0) return { is: 'ok', reason: `${count(kinds.length, 'kind')}.` };
      const isOnlyExtra = refusals.every(({ refused: no }) => no.every((kind) => extra.includes(kind)));
      return {
        is: isOnlyExtra ? 'warning' : 'failed',
        reason: `${sentences.join(' ')}${isOnlyExtra ? ` ${extraReason}` : ''}`,
        hint: 'Ask for the ClusterRole "cluster-admin" for the installation, or use other credentials with --context or --as.',
      };
    },
  };
}

const alternatives = (words: readonly string[]): string => words.join(', ').replace(/, ([^,]*)$/, ' or $1');

interface RefusedVerb {
  readonly verb: string;
  readonly refused: readonly Kind[];
}

async function refusedVerbs(facts: Facts, kinds: readonly Kind[]): Promise<readonly RefusedVerb[]> {
  const questions = VERBS.flatMap((verb) => kinds.map((kind) => questionOf(verb, kind, facts.namespace)));
  const answers = await facts.access(questions);
  const denied = questions.filter((_, index) => answers[index]?.allowed !== true);
  return VERBS.map((verb) => ({ verb, refused: denied.filter((each) => each.verb === verb).map(({ kind }) => kind) })).filter(
    ({ refused: no }) => no.length > 0,
  );
}

const secretsReadable: Check = {
  id: 'kubernetes/secrets-readable',
  category: 'kubernetes',
  title: 'You may read Secrets.',
  why: 'Installers keep what they installed in Secrets, and compare the certificates of a mesh that is there already.',
  docs: DOCS,
  aliases: ['pre-k8s'],
  modes: PRE,
  needs: [REACHABLE],
  run: async (facts) => {
    const denied = await refused(facts, 'get', ['core/Secret'], facts.namespace);
    if (denied.length === 0) return { is: 'ok' };
    return {
      is: 'failed',
      reason: `You may not get Secrets${facts.namespace === undefined ? ' in all namespaces' : ` in namespace "${facts.namespace}"`}.`,
      hint: 'Ask for a role that may, or use other credentials with --context or --as.',
    };
  },
};

export const installPermitted: readonly Check[] = [...GROUPS.map(installable), secretsReadable];

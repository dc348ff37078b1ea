/** Proxies, and the applications beside them, as they are run: resources, privileges, probes, identities, images. */
import { booleanAt, has, itemsAt, numberAt, objectAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Check, CheckResult, Facts } from '../../../model/check.ts';
import { groupBy } from '../../../model/maps.ts';
import type { Body } from '../../../model/resource.ts';
import { imageProblem } from './images.ts';
import type { ProxiedWorkload } from './proxied-workloads.ts';
import { POD, type PostureTraits, postureCheck } from './traits.ts';
import { type VerdictWords, verdictOn } from './verdict.ts';

export function proxyPosture(traits: PostureTraits): readonly Check[] {
  const { mesh, docs, nodeAgent, proxyResources } = traits;
  const none = `No pod has a proxy of ${traits.title}.`;
  const each = async (
    facts: Facts,
    words: Omit<VerdictWords, 'none'>,
    problem: (workload: ProxiedWorkload) => string | undefined,
  ): Promise<CheckResult> => verdictOn(await traits.workloads(facts), { none, ...words }, problem);
  return [
    postureCheck({
      id: `${mesh}/posture-proxy-resources-set`,
      title: 'Every proxy requests CPU and memory, and has a limit of memory.',
      why: 'Proxies without requests are starved or evicted first, and one without a limit can take the memory of its node.',
      docs: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
      reads: [POD],
      run: (facts) =>
        each(facts, { reason: (number) => `The proxies of ${number} lack resources.`, hint: proxyResources }, ({ proxy, apps }) =>
          // Those of gateways are judged with the control plane.
          apps.length === 0 ? undefined : missingResources(proxy),
        ),
    }),
    postureCheck({
      id: `${mesh}/posture-proxies-unprivileged`,
      title: 'No proxy runs as root or privileged.',
      why: 'Whoever breaks out of a proxy that runs as root is root on the node.',
      docs: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
      reads: [POD],
      run: (facts) =>
        each(
          facts,
          {
            reason: (number) => `The proxies of ${number} have more rights than they need.`,
            hint: 'Leave the securityContext to the injector, and restart the workloads.',
          },
          ({ proxy, pod }) => privilegesOf(proxy, objectAt(pod.body, 'spec', 'securityContext')),
        ),
    }),
    postureCheck({
      id: `${mesh}/posture-traffic-redirected-by-node-agent`,
      title: 'Pods of the mesh need no privileged init container.',
      why: 'Everybody who creates pods in the mesh must be allowed to add NET_ADMIN to them, with which they can do more than redirect traffic.',
      docs,
      reads: [POD],
      run: (facts) =>
        each(
          facts,
          { reason: (number) => `The pods of ${number} have an init container with the capability NET_ADMIN.`, hint: nodeAgent },
          ({ pod }) => {
            const init = itemsAt(pod.body, 'spec', 'initContainers').find(({ item }) => addsNetAdmin(item))?.item;
            return init && `Its init container "${stringAt(init, 'name')}" adds NET_ADMIN.`;
          },
        ),
    }),
    postureCheck({
      id: `${mesh}/posture-workloads-probed`,
      title: 'Every workload of the mesh says when it is ready.',
      why: 'Without a readiness probe requests are sent to an application as soon as its process exists.',
      docs: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
      reads: [POD],
      run: (facts) =>
        each(
          facts,
          {
            reason: (number) => `The pods of ${number} have no readiness probe.`,
            hint: 'Add a "readinessProbe" to the container that serves requests.',
          },
          ({ apps, isJob }) => (isJob || apps.length === 0 || apps.some(isProbed) ? undefined : 'No container has a readinessProbe.'),
        ),
    }),
    postureCheck({
      id: `${mesh}/posture-identities-distinct`,
      title: 'Workloads of the mesh have service accounts of their own.',
      why: "A workload's service account is its identity in the mesh: those that share one cannot be told apart by any policy.",
      docs: 'https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts',
      reads: [POD],
      run: async (facts) => {
        const sharing = sharedDefaults(await traits.workloads(facts));
        return each(
          facts,
          {
            reason: (number) => `${number} share the service account "default" of their namespace with others, and its identity.`,
            hint: 'Create a ServiceAccount for each workload, and name it in "serviceAccountName" of its pods.',
          },
          (workload) => (sharing.has(workload.resource.namespace) && usesDefault(workload) ? 'It runs as "default".' : undefined),
        );
      },
    }),
    postureCheck({
      id: `${mesh}/posture-proxy-images-pinned`,
      title: 'The images of proxies name a version.',
      why: 'What "latest" means changes without notice: restarted pods get another proxy than their neighbours, maybe one that the control plane does not support.',
      docs: 'https://kubernetes.io/docs/concepts/containers/images/#image-names',
      reads: [POD],
      run: (facts) =>
        each(
          facts,
          {
            reason: (number) => `The proxies of ${number} have images without a version.`,
            hint: 'Name the version, or the digest, of the image in the values of the mesh.',
          },
          ({ proxy }) => imageProblem(stringAt(proxy, 'image')),
        ),
    }),
  ];
}

/** A limit of CPU is left out on purpose by many: a proxy that is throttled delays every request. */
function missingResources(container: Body): string | undefined {
  const wanted = [
    ['requests', 'cpu', 'request of CPU'],
    ['requests', 'memory', 'request of memory'],
    ['limits', 'memory', 'limit of memory'],
  ] as const;
  const missing = wanted.flatMap(([field, resource, words]) => (has(container, 'resources', field, resource) ? [] : [words]));
  // A request that is not written is that of the limit.
  const left = missing.filter(
    (words) => !words.startsWith('request') || !has(container, 'resources', 'limits', words.endsWith('CPU') ? 'cpu' : 'memory'),
  );
  return left.length === 0 ? undefined : `It has no ${left.join(', no ')}.`;
}

function privilegesOf(container: Body, podContext: Body): string | undefined {
  if (booleanAt(container, 'securityContext', 'privileged') === true) return 'The proxy is privileged.';
  const user = numberAt(container, 'securityContext', 'runAsUser') ?? numberAt(podContext, 'runAsUser');
  if (user === 0) return 'The proxy runs as root.';
  if (booleanAt(container, 'securityContext', 'allowPrivilegeEscalation') === true) return 'The proxy may gain privileges.';
  return undefined;
}

/** Native sidecars are init containers too, and need no such right. */
const addsNetAdmin = (container: Body): boolean =>
  stringsAt(container, 'securityContext', 'capabilities', 'add').some(({ value }) => value === 'NET_ADMIN') ||
  booleanAt(container, 'securityContext', 'privileged') === true;

const isProbed = (container: Body): boolean => has(container, 'readinessProbe');

const usesDefault = ({ pod }: ProxiedWorkload): boolean => (stringAt(pod.body, 'spec', 'serviceAccountName') || 'default') === 'default';

/** Namespaces where more than one workload runs as the default account; a single one has it for itself. */
function sharedDefaults(workloads: readonly ProxiedWorkload[]): ReadonlySet<string> {
  const byNamespace = groupBy(workloads.filter(usesDefault), ({ resource }) => resource.namespace);
  return new Set([...byNamespace].flatMap(([namespace, group]) => (group.length > 1 ? [namespace] : [])));
}

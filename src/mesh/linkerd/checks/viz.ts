/** Linkerd's extension for metrics and tap. */
import { itemsAt, listAt, stringAt } from '../../../model/body.ts';
import type { Check, CheckResult, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { count, quotedList } from '../../../text/words.ts';
import { brokenContainers } from '../../checks/pods.ts';
import { missingRoles } from '../bindings.ts';
import { controlPlanes } from '../control-planes.ts';
import { extensionNamespace, extensionPods } from '../extensions.ts';
import { API_SERVICE, CLUSTER_ROLE, CLUSTER_ROLE_BINDING, hints, NAMESPACE, POD } from '../kinds.ts';
import { dataPlaneProxies, proxiesAmong } from '../proxies.ts';
import { servingTrouble } from '../serving-certificates.ts';
import { API } from './control-plane.ts';
import { proxyTroubles } from './data-plane.ts';
import { type Trouble, verdict } from './verdict.ts';
import { proxiesCurrent } from './versions.ts';

const NOT_INSTALLED: CheckResult = { is: 'ok', reason: 'The extension "viz" is not installed.', isMoot: true };

type VizCheck = Omit<Check, 'run' | 'category'> & { judge(facts: Facts, home: Resource): Promise<CheckResult> };

/** A check of the extension, which has nothing to say where it is not installed. */
export function onViz({ judge, ...check }: VizCheck): Check {
  return {
    ...check,
    category: 'extensions',
    needs: [API, ...(check.needs ?? [])],
    reads: [NAMESPACE, ...(check.reads ?? [])],
    run: async (facts) => {
      const home = await extensionNamespace(facts, 'viz');
      return home ? judge(facts, home) : NOT_INSTALLED;
    },
  };
}

/** Charts of the extension name their components so, whatever the release is called. */
const COMPONENTS = ['web', 'tap', 'metrics-api', 'tap-injector'];

const podsReady = onViz({
  id: 'linkerd/viz-pods-ready',
  title: 'Every component of viz has a pod, and all of its pods are ready.',
  why: 'Without them there are no metrics, no tap and no dashboard; traffic is not concerned.',
  docs: hints('l5d-viz-pods-running'),
  aliases: ['l5d-viz-ns-exists', 'l5d-viz-pods-running'],
  settles: true,
  reads: [POD],
  judge: async (facts, home) => {
    const pods = await extensionPods(facts, home);
    const missing = COMPONENTS.filter((component) => !pods.some(({ labels }) => labels['component'] === component));
    const hint = `Run "kubectl -n ${home.name} get pods", and install the extension again if its Deployments are gone.`;
    if (missing.length > 0)
      return { is: 'warning', reason: `There is no pod of ${quotedList(missing)}.`, hint, affected: [{ resource: home }] };
    const troubles = pods.flatMap((resource): readonly Trouble[] => {
      const detail = brokenContainers(resource);
      if (detail === undefined) return [];
      return [{ is: 'warning', resource, detail, hint: `Run "kubectl -n ${home.name} describe pod ${resource.name}".` }];
    });
    return verdict(troubles, `${count(pods.length, 'pod')}.`, 'Pods of viz are not ready.');
  },
});

const podsMeshed = onViz({
  id: 'linkerd/viz-proxies-ready',
  title: 'The pods of viz have proxies that are ready.',
  why: 'Its parts accept each other by their identities, and do not talk to one that is not meshed.',
  docs: hints('l5d-viz-pods-injection'),
  aliases: ['l5d-viz-pods-injection', 'l5d-viz-proxy-healthy'],
  settles: true,
  reads: [POD],
  judge: async (facts, home) => {
    const pods = await extensionPods(facts, home);
    const proxies = proxiesAmong(pods);
    // Jobs that label the namespace run without a proxy.
    const bare = pods.filter((pod) => COMPONENTS.includes(pod.labels['component'] ?? '') && !proxies.some((proxy) => proxy.pod === pod));
    const hint = `Run "kubectl -n ${home.name} rollout restart deployment" once the injector is ready.`;
    const troubles = bare.map((resource): Trouble => ({ is: 'warning', resource, detail: 'It has no proxy.', hint }));
    return troubles.length > 0 ? verdict(troubles, '', 'Pods of viz are not meshed.') : proxyTroubles(facts, proxies);
  },
});

const proxiesSameRelease = onViz({
  id: 'linkerd/viz-proxies-current',
  title: 'The proxies of viz are of the release that new pods get.',
  why: 'Its proxies lack the fixes of the release that is installed.',
  docs: hints('l5d-viz-proxy-cp-version'),
  aliases: ['l5d-viz-proxy-cp-version', 'l5d-viz-proxy-cli-version'],
  settles: true,
  reads: [POD],
  judge: async (facts, home) => {
    if ((await controlPlanes(facts)).length === 0) return { is: 'skipped', reason: 'There is no control plane of Linkerd.' };
    return proxiesCurrent(facts, proxiesAmong(await extensionPods(facts, home)));
  },
});

/** The dashboard has a Role as well, and does without the rest. */
const BOUND = ['tap', 'metrics-api', 'tap-injector'];

const permissionsExist = onViz({
  id: 'linkerd/viz-permissions-exist',
  title: 'The components of viz are bound to ClusterRoles that exist.',
  why: 'Tap cannot tell who may watch whom, and the metrics API finds no pods.',
  docs: hints('l5d-viz-cr-exists'),
  aliases: ['l5d-viz-cr-exists', 'l5d-viz-crb-exists'],
  reads: [POD, CLUSTER_ROLE, CLUSTER_ROLE_BINDING],
  judge: async (facts, home) => {
    const missing = await missingRoles(facts);
    const hint = 'Install the extension again: its chart brings the roles.';
    const pods = (await extensionPods(facts, home)).filter(({ labels }) => BOUND.includes(labels['component'] ?? ''));
    const troubles = pods.flatMap((pod): readonly Trouble[] => {
      const account = stringAt(pod.body, 'spec', 'serviceAccountName') ?? 'default';
      return missing(pod, account).map((affected) => ({ ...affected, is: 'failed', hint }));
    });
    return verdict(troubles, `${count(pods.length, 'pod')}.`, 'Components of viz lack their permissions.');
  },
});

const TAP = { kind: API_SERVICE, namespace: '', name: 'v1alpha1.tap.linkerd.io' } as const;
const TAP_EXISTS = 'linkerd/viz-tap-api-available';

const tapAvailable = onViz({
  id: TAP_EXISTS,
  title: "The API server reaches viz's tap.",
  why: 'No request can be watched, and while an extended API does not answer namespaces cannot be deleted.',
  docs: hints('l5d-tap-api'),
  aliases: ['l5d-tap-api'],
  settles: true,
  judge: async (facts, home) => {
    const service = await facts.get(TAP);
    if (!service) {
      return {
        is: 'failed',
        reason: `APIService "${TAP.name}" does not exist.`,
        hint: 'Install the extension "viz" again.',
        affected: [{ resource: home }],
      };
    }
    const available = itemsAt(service.body, 'status', 'conditions').find(({ item }) => item['type'] === 'Available')?.item;
    if (available?.['status'] !== 'False') return { is: 'ok' };
    return {
      is: 'warning',
      reason:
        `The API server does not reach it: ${stringAt(available, 'message') || stringAt(available, 'reason') || 'it is not available'}.`.replace(
          /\.\.$/,
          '.',
        ),
      hint: `Run "kubectl describe apiservice ${TAP.name}"; in private clusters a firewall may keep the API server from port 8089 of the pods.`,
      affected: [{ resource: service }],
    };
  },
});

const tapCertificate = onViz({
  id: 'linkerd/viz-tap-certificate-valid',
  title: "The API server trusts the certificate of viz's tap, and will for a good part of its lifetime.",
  why: 'Without trust in it the API server asks tap nothing.',
  docs: hints('l5d-tap-cert-valid'),
  aliases: ['l5d-tap-cert-valid', 'l5d-tap-cert-not-expiring-soon'],
  judge: async (facts, home) => {
    const caller = await facts.get(TAP);
    if (!caller) return { is: 'skipped', reason: `APIService "${TAP.name}" does not exist.` };
    const trouble = await servingTrouble(facts, {
      caller,
      bundle: stringAt(caller.body, 'spec', 'caBundle') || undefined,
      service: { namespace: home.name, name: 'tap' },
    });
    const hint =
      'Renew Secret "tap-k8s-tls" and the caBundle together: an upgrade of the extension makes both anew, or cert-manager keeps them.';
    return verdict(trouble ? [{ ...trouble, hint }] : [], 'It does.', 'The API server does not trust tap, or will not for long.');
  },
});

const EXTERNAL = 'viz.linkerd.io/external-prometheus';

const prometheusReady = onViz({
  id: 'linkerd/viz-prometheus-ready',
  title: "Viz's own Prometheus is installed and ready, unless it uses another.",
  why: 'Viz has no metrics without it.',
  docs: hints('l5d-viz-prometheus'),
  aliases: ['l5d-viz-prometheus'],
  settles: true,
  reads: [POD],
  judge: async (facts, home) => {
    if (home.annotations[EXTERNAL] !== undefined) return { is: 'ok', reason: 'It uses a Prometheus of yours.' };
    const pods = (await extensionPods(facts, home)).filter(({ labels }) => labels['component'] === 'prometheus');
    if (pods.length > 0) {
      const troubles = pods.flatMap((resource): readonly Trouble[] => {
        const detail = brokenContainers(resource);
        const hint = `Run "kubectl -n ${home.name} describe pod ${resource.name}".`;
        return detail === undefined ? [] : [{ is: 'warning', resource, detail, hint }];
      });
      return verdict(troubles, `${count(pods.length, 'pod')}.`, 'Prometheus is not ready.');
    }
    if (await usesOtherPrometheus(facts, home)) return { is: 'ok', reason: 'It uses a Prometheus of yours.' };
    return {
      is: 'warning',
      reason: `There is no pod of Prometheus in namespace "${home.name}".`,
      hint: `Install the extension again, or annotate the namespace with "${EXTERNAL}" if it uses another Prometheus.`,
      affected: [{ resource: home }],
    };
  },
});

/** The metrics API is told where Prometheus is. Charts leave the annotation of the namespace to whoever makes it. */
async function usesOtherPrometheus(facts: Facts, home: Resource): Promise<boolean> {
  const api = (await extensionPods(facts, home)).find(({ labels }) => labels['component'] === 'metrics-api');
  const args = itemsAt(api?.body, 'spec', 'containers').flatMap(({ item }) => listAt(item, 'args').map(String));
  const url = args.find((argument) => argument.startsWith('-prometheus-url='));
  return url !== undefined && !url.includes(`//prometheus.${home.name}.`);
}

const metricsApiReady = onViz({
  id: 'linkerd/viz-metrics-api-ready',
  title: "Viz's metrics API says that it is ready.",
  why: 'The dashboard and the commands of viz ask it for everything.',
  docs: hints('l5d-viz-metrics-api'),
  aliases: ['l5d-viz-existence-client', 'l5d-viz-metrics-api'],
  settles: true,
  reads: [POD],
  judge: async (facts, home) => {
    const api = (await extensionPods(facts, home)).find(({ labels }) => labels['component'] === 'metrics-api');
    if (!api) return { is: 'skipped', reason: 'There is no pod of the metrics API.' };
    const answer = await facts.ask(api, 9995, '/ready');
    if (!answer) return { is: 'skipped', reason: `Pod "${home.name}/${api.name}" does not answer on its admin port 9995.` };
    if (answer.status === 200) return { is: 'ok' };
    return {
      is: 'warning',
      reason: `It answered with status ${answer.status} when asked whether it is ready.`,
      hint: `Run "kubectl -n ${home.name} logs ${api.name} -c metrics-api", which tells whether it reaches Prometheus.`,
      affected: [{ resource: api }],
    };
  },
});

const TAP_ENABLED = 'viz.linkerd.io/tap-enabled';

const tapEnabled = onViz({
  id: 'linkerd/viz-tap-enabled',
  title: 'It is known which pods can be tapped.',
  why: 'Pods that were injected before viz was installed cannot be tapped before they restart.',
  docs: 'https://linkerd.io/2/tasks/securing-linkerd-tap/',
  reads: [POD],
  judge: async (facts) => {
    const proxies = await dataPlaneProxies(facts);
    const off = proxies.filter(({ pod }) => pod.annotations['viz.linkerd.io/disable-tap'] === 'true').length;
    const before = proxies.filter(({ pod }) => pod.annotations[TAP_ENABLED] !== 'true').length - off;
    const parts = [
      before > 0 ? ` ${before} ${before === 1 ? 'was' : 'were'} injected before viz and can be tapped after a restart.` : '',
      off > 0 ? ` ${off} ${off === 1 ? 'has' : 'have'} tap disabled.` : '',
    ];
    return { is: 'ok', reason: `${proxies.length - before - off} of ${count(proxies.length, 'pod')} can be tapped.${parts.join('')}` };
  },
});

export const vizChecks: readonly Check[] = [
  podsReady,
  podsMeshed,
  proxiesSameRelease,
  permissionsExist,
  tapAvailable,
  tapCertificate,
  prometheusReady,
  metricsApiReady,
  tapEnabled,
];

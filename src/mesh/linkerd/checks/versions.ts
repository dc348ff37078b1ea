/** Whether everything of Linkerd is of the release that new pods get. meshctl asks nobody outside what the latest release is. */
import type { Check, CheckResult, Facts } from '../../../model/check.ts';
import { groupBy } from '../../../model/maps.ts';
import { count, quotedList } from '../../../text/words.ts';
import { configuredPlanes, controlPlanePods, controlPlanes, planeOf, planeVersions, versionOfComponent } from '../control-planes.ts';
import { DEPLOYMENT, hints, NAMESPACE, POD, PROXY_VERSION } from '../kinds.ts';
import { namespacesOf } from '../namespaces.ts';
import { dataPlaneProxies, type ProxyPod, proxiesAmong } from '../proxies.ts';
import { parseLinkerdVersion, type Skew, skewOf } from '../versions.ts';
import { CONFIG_READABLE, onPlanes } from './control-plane.ts';
import { type Trouble, verdict } from './verdict.ts';

const componentsAgree: Check = onPlanes({
  id: 'linkerd/control-plane-versions-agree',
  category: 'versions',
  title: 'The components of the control plane tell their version, and it is one.',
  why: 'Components of different releases speak different versions of their own protocols: an upgrade is under way, or was not finished.',
  docs: hints('l5d-version-control'),
  aliases: ['l5d-version-control'],
  settles: true,
  reads: [DEPLOYMENT],
  run: async (facts) => {
    for (const { namespace, deployments } of await controlPlanes(facts)) {
      const versions = groupBy(deployments.values(), versionOfComponent);
      if (versions.has(undefined) && versions.size === 1) {
        return { is: 'skipped', reason: `Neither labels nor images tell the version of the control plane in namespace "${namespace}".` };
      }
      if (versions.size === 1) continue;
      return {
        is: 'warning',
        reason: `The components in namespace "${namespace}" are of several versions.`,
        hint: 'Finish the upgrade: apply the whole chart of one release.',
        affected: [...deployments.values()].map((resource) => ({
          resource,
          detail: `It is of version ${versionOfComponent(resource) ?? 'unknown'}.`,
        })),
      };
    }
    return { is: 'ok', reason: `${quotedList([...(await planeVersions(facts))])}.` };
  },
});

const ownProxiesCurrent: Check = onPlanes({
  id: 'linkerd/control-plane-proxies-current',
  category: 'versions',
  title: "The control plane's own proxies are of the release that new pods get.",
  why: 'The control plane talks to itself and to others through proxies that lack the fixes of its release.',
  docs: hints('l5d-cp-proxy-version'),
  aliases: ['l5d-cp-proxy-version', 'l5d-cp-proxy-cli-version'],
  settles: true,
  needs: [CONFIG_READABLE],
  reads: [POD],
  run: async (facts) => {
    const pods = await Promise.all((await controlPlanes(facts)).map((plane) => controlPlanePods(facts, plane)));
    return proxiesCurrent(facts, proxiesAmong(pods.flat()));
  },
});

const dataPlaneCurrent: Check = onPlanes({
  id: 'linkerd/data-plane-proxies-current',
  category: 'versions',
  title: 'Every proxy is of the release that new pods get.',
  why: 'Proxies of older releases lack fixes, and do not understand all that a newer control plane sends.',
  docs: hints('l5d-data-plane-version'),
  aliases: ['l5d-data-plane-version', 'l5d-data-plane-cli-version'],
  settles: true,
  needs: [CONFIG_READABLE],
  reads: [POD, NAMESPACE],
  run: async (facts) => proxiesCurrent(facts, await dataPlaneProxies(facts)),
});

export const versionChecks: readonly Check[] = [componentsAgree, ownProxiesCurrent, dataPlaneCurrent];

const WORDS: Readonly<Record<Exclude<Skew, 'same' | 'same-line'>, string>> = {
  behind: 'is older',
  ahead: 'is newer',
  'other-channel': 'is of another channel',
};

/** Releases of the same minor version, or of the same month, pass: workloads need no restart for each of them. */
export async function proxiesCurrent(facts: Facts, proxies: readonly ProxyPod[]): Promise<CheckResult> {
  if (proxies.length === 0) return { is: 'ok', reason: 'No pod has a proxy.' };
  const planes = await configuredPlanes(facts);
  const namespaces = await namespacesOf(facts);
  let unknown = 0;
  let near = 0;
  const troubles = proxies.flatMap(({ pod, version: text }): readonly Trouble[] => {
    // A pod or its namespace may ask for a version of its own.
    const own = pod.annotations[PROXY_VERSION] ?? namespaces.get(pod.namespace)?.annotations[PROXY_VERSION];
    const wantedText = own ?? planeOf(pod, planes)?.config.proxyVersion;
    const [version, wanted] = [text, wantedText].map((each) => (each === undefined ? undefined : parseLinkerdVersion(each)));
    if (text !== undefined && text === wantedText) return [];
    if (!version || !wanted) {
      unknown++;
      return [];
    }
    const skew = skewOf(version, wanted);
    if (skew === 'same') return [];
    if (skew === 'same-line') {
      near++;
      return [];
    }
    const hint = `Restart what made the pod, such as with "kubectl -n ${pod.namespace} rollout restart", so that it is injected anew.`;
    return [{ is: 'warning', resource: pod, detail: `Its proxy, ${text}, ${WORDS[skew]}: new pods get ${wantedText}.`, hint }];
  });
  const notes = [
    near === 0 ? '' : ` ${near} of them ${near === 1 ? 'is' : 'are'} of another release of the same line.`,
    unknown === 0 ? '' : ` The images of ${unknown} do not tell a version that compares.`,
  ].join('');
  if (unknown === proxies.length)
    return { is: 'skipped', reason: 'The images of the proxies, or the control plane, do not tell a version.' };
  const judged = proxies.length - unknown;
  const others = `${troubles.length} of ${judged === 1 ? '1 proxy' : `${judged} proxies`}`;
  return verdict(
    troubles,
    `${count(judged, 'pod')}.${notes}`,
    `${others} ${troubles.length === 1 ? 'is' : 'are'} of another release than new pods get.${notes}`,
  );
}

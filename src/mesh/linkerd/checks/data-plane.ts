/** The proxies of Linkerd, as the API server knows them. */
import type { Check, CheckResult, Facts } from '../../../model/check.ts';
import { groupBy } from '../../../model/maps.ts';
import type { Resource } from '../../../model/resource.ts';
import { type Certificate, readCertificates } from '../../../text/pem.ts';
import { count, quotedList, quotedSample } from '../../../text/words.ts';
import { isEnded } from '../../checks/pods.ts';
import { sidecarsReady } from '../../checks/sidecars.ts';
import { type ControlPlane, configuredPlanes, controlPlanes, planeOf } from '../control-planes.ts';
import { issuerRef, readIssuer, rootsOf, trustAnchors } from '../identity.ts';
import { ifPermitted } from '../if-permitted.ts';
import { type Decision, decide, injectors } from '../injection.ts';
import { COMPONENT, hints, INJECT, MUTATING_WEBHOOK, NAMESPACE, POD } from '../kinds.ts';
import { namespacesOf } from '../namespaces.ts';
import { dataPlaneProxies, environmentOf, PROXY, type ProxyPod, proxyOf } from '../proxies.ts';
import { API, onPlanes } from './control-plane.ts';
import { type Trouble, verdict } from './verdict.ts';

const proxiesReady: Check = {
  id: 'linkerd/data-plane-proxies-ready',
  category: 'data-plane',
  title: 'Every proxy is ready.',
  why: 'A pod whose proxy is not ready gets no requests, and can send none into the mesh.',
  docs: hints('l5d-data-plane-ready'),
  aliases: ['l5d-data-plane-ready', 'l5d-data-plane-exists'],
  settles: true,
  needs: [API],
  reads: [POD],
  run: async (facts) => proxyTroubles(facts, await dataPlaneProxies(facts)),
};

export const proxyTroubles = ({ now }: Facts, proxies: readonly ProxyPod[]): CheckResult =>
  sidecarsReady(
    proxies.map(({ pod, version = '' }) => ({ pod, containers: [PROXY], image: version })),
    now,
  );

const podsInjected: Check = onPlanes({
  id: 'linkerd/data-plane-pods-injected',
  category: 'data-plane',
  title: 'Every pod that is to be injected has its proxy.',
  why: 'Traffic of a pod without proxy is neither encrypted nor authorized by the mesh, and policies that ask for an identity refuse it.',
  docs: 'https://linkerd.io/2/features/proxy-injection/',
  reads: [POD, NAMESPACE, MUTATING_WEBHOOK],
  run: async (facts) => {
    const unmeshed = await decisions(facts);
    const troubles = unmeshed.flatMap(({ pod, decision }) => notInjected(pod, decision));
    const leftOut = unmeshed.filter(({ decision }) => decision.is === 'left-out');
    return verdict(troubles, leftOutWords(leftOut), 'Pods run without the proxy that they should have, and bypass the mesh.');
  },
});

interface Unmeshed {
  readonly pod: Resource;
  readonly decision: Decision;
}

async function decisions(facts: Facts): Promise<readonly Unmeshed[]> {
  const known = await injectors(facts);
  const namespaces = await namespacesOf(facts);
  const mountsOwnToken = (await configuredPlanes(facts)).every(({ config }) => config.mountsOwnToken);
  return (await facts.scoped(POD)).flatMap((pod) => {
    const namespace = namespaces.get(pod.namespace);
    if (!namespace || isEnded(pod) || pod.labels[COMPONENT] !== undefined || proxyOf(pod)) return [];
    return [{ pod, decision: decide(pod, namespace, known, mountsOwnToken) }];
  });
}

function notInjected(pod: Resource, { is, because = '' }: Decision): readonly Trouble[] {
  if (is === 'injected') {
    const detail = 'It was created before it was to be injected, or while the injector was away.';
    const hint = `Restart what made pod "${pod.namespace}/${pod.name}", such as with "kubectl -n ${pod.namespace} rollout restart", so that it is injected.`;
    return [{ is: 'warning', resource: pod, detail, hint }];
  }
  if (is !== 'impossible') return [];
  const hint = `Mend the pod template of what made pod "${pod.namespace}/${pod.name}", or set "${INJECT}: disabled" in it.`;
  return [{ is: 'warning', resource: pod, detail: `It cannot be injected, because ${because}.`, hint }];
}

/** Pods that nobody wants in the mesh are no trouble, but their number and reasons are worth knowing. */
function leftOutWords(leftOut: readonly Unmeshed[]): string {
  if (leftOut.length === 0) return 'They have.';
  const reasons = [...groupBy(leftOut, ({ decision }) => decision.because ?? '')].map(
    ([because, group]) =>
      `${group.length} because ${because} (${quotedSample(
        group.map(({ pod }) => `${pod.namespace}/${pod.name}`),
        1,
      )})`,
  );
  return `${count(leftOut.length, 'pod')} ${leftOut.length === 1 ? 'is' : 'are'} left out: ${reasons.join(', ')}.`;
}

const anchorsCurrent: Check = onPlanes({
  id: 'linkerd/data-plane-trust-current',
  category: 'certificates',
  title: 'Every proxy trusts the anchor of the issuer, and none that was taken away.',
  why: 'A proxy with other trust anchors refuses the proxies that got their certificates later, and gets none itself.',
  docs: hints('l5d-identity-data-plane-proxies-certs-match-ca'),
  aliases: ['l5d-identity-data-plane-proxies-certs-match-ca'],
  settles: true,
  reads: [POD],
  run: async (facts) => {
    const planes = await Promise.all((await controlPlanes(facts)).map(async (plane) => ({ plane, ...(await trustOf(facts, plane)) })));
    const read = rememberedBundles();
    const judged = (await dataPlaneProxies(facts)).flatMap((proxy) => {
      const trust = planeOf(proxy.pod, planes);
      const bundle = environmentOf(proxy, 'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS');
      return trust && bundle !== undefined && trust.needed.length > 0 ? [{ pod: proxy.pod, trust, own: read(bundle) }] : [];
    });
    if (judged.length === 0) return { is: 'ok', reason: 'No proxy tells its trust anchors.' };
    const troubles = judged.flatMap(({ pod, trust, own }) => trustTrouble(pod, trust, own) ?? []);
    const lacking = judged.filter(({ trust, own }) => trust.all.some(({ fingerprint }) => !own.has(fingerprint))).length;
    const lack = `${count(lacking, 'pod')} ${lacking === 1 ? 'lacks' : 'lack'} an anchor of the bundle: restart before the issuer is replaced.`;
    const reason = troubles.some(({ is }) => is === 'failed')
      ? 'Proxies do not trust the issuer.'
      : 'Proxies trust an anchor that was taken away, and whoever has its key.';
    return verdict(troubles, `${count(judged.length, 'pod')}.${lacking === 0 ? '' : ` ${lack}`}`, reason);
  },
});

type Bundle = ReadonlyMap<string, Certificate>;

function trustTrouble(resource: Resource, { all, needed }: Trust, own: Bundle): Trouble | undefined {
  const { namespace, name } = resource;
  const hint = `Restart what made pod "${namespace}/${name}", such as with "kubectl -n ${namespace} rollout restart", so that it gets the trust anchors of today.`;
  if (!needed.some(({ fingerprint }) => own.has(fingerprint)))
    return { is: 'failed', resource, detail: 'None of its trust anchors is the one of the issuer.', hint };
  const dropped = [...own].filter(([fingerprint]) => !all.some((anchor) => anchor.fingerprint === fingerprint));
  if (dropped.length === 0) return undefined;
  const names = quotedList(dropped.map(([, { subject, serial }]) => subject || serial));
  return { is: 'warning', resource, detail: `It still trusts ${names}, which the trust anchors no longer hold.`, hint };
}

interface Trust {
  readonly all: readonly Certificate[];
  /** Each of these is enough: the issuer's own, or any where the issuer may not be read. */
  readonly needed: readonly Certificate[];
}

async function trustOf(facts: Facts, plane: ControlPlane): Promise<Trust> {
  const all = (await trustAnchors(facts, plane)) ?? [];
  const secret = await ifPermitted(facts.get(issuerRef(plane)));
  const issuer = secret && readIssuer(secret);
  const roots = issuer ? rootsOf(issuer, all) : [];
  return { all, needed: roots.length > 0 ? roots : all };
}

/** Most pods have the same bundle, letter by letter. @returns certificates by their fingerprints */
function rememberedBundles(): (text: string) => Bundle {
  const known = new Map<string, Bundle>();
  return (text) => {
    const found = known.get(text) ?? new Map(readCertificates(text).map((each) => [each.fingerprint, each]));
    known.set(text, found);
    return found;
  };
}

export const dataPlaneChecks: readonly Check[] = [proxiesReady, podsInjected, anchorsCurrent];

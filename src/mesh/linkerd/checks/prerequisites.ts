/** What Linkerd asks of a cluster beyond what every mesh does. */
import { booleanAt, itemsAt } from '../../../model/body.ts';
import type { Check, CheckResult, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { compareVersions, parseVersion, type Version } from '../../../text/semver.ts';
import { quotedList } from '../../../text/words.ts';
import { controlPlanes, planeVersions } from '../control-planes.ts';
import { CRD, CREATED_BY, DEPLOYMENT, hints } from '../kinds.ts';
import { isSince, parseLinkerdVersion, type Since } from '../versions.ts';
import { API, RUNNING_AND_PRE } from './control-plane.ts';

/** What 2.20 and newer ask for; 2.19 was content with 1.22. */
const OLDEST_KUBERNETES: Version = { major: 1, minor: 31, patch: 0, prerelease: [] };
const ASKING: Since = { edge: [26, 6, 3], stable: [2, 20, 0] };

const kubernetesRecent: Check = {
  id: 'linkerd/kubernetes-version-supported',
  category: 'kubernetes',
  title: 'The version of Kubernetes is one that Linkerd supports.',
  why: "Linkerd's releases use features of the API that older versions lack, such as native sidecars.",
  docs: hints('k8s-version'),
  aliases: ['k8s-version'],
  modes: RUNNING_AND_PRE,
  needs: [API],
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const text = await facts.version();
    const version = parseVersion(text);
    if (!version) return { is: 'skipped', reason: `The server calls its version "${text}", which is none.` };
    if (compareVersions({ ...version, prerelease: [] }, OLDEST_KUBERNETES) >= 0) return { is: 'ok', reason: `It is ${text}.` };
    const oldest = `v${OLDEST_KUBERNETES.major}.${OLDEST_KUBERNETES.minor}`;
    const installed = [...(await planeVersions(facts))].flatMap((each) => parseLinkerdVersion(each) ?? []);
    if (facts.mode !== 'pre' && installed.length > 0 && !installed.some((each) => isSince(each, ASKING))) {
      return { is: 'ok', reason: `It is ${text}; releases of Linkerd newer than the one installed need ${oldest}.` };
    }
    return {
      is: facts.mode === 'pre' ? 'failed' : 'warning',
      reason: `The server runs ${text}, but current releases of Linkerd need ${oldest} or newer.`,
      hint: 'Upgrade Kubernetes, or install an older release of Linkerd.',
    };
  },
};

const ROUTES = ['httproutes', 'grpcroutes'].map((plural) => `${plural}.gateway.networking.k8s.io`);

/** The policy controller watches Gateway API's routes, and asks for version v1 of both. */
const WATCHES_V1: Since = { edge: [25, 4, 1], stable: [2, 18, 0] };

const gatewayApiServed: Check = {
  id: 'linkerd/gateway-api-served',
  category: 'kubernetes',
  title: "Gateway API's HTTPRoute and GRPCRoute are installed in version v1.",
  why: 'The policy controller does not become ready before it can watch the routes.',
  docs: hints('gateway-api-crd'),
  aliases: ['gateway-api-crd'],
  modes: RUNNING_AND_PRE,
  settles: true,
  needs: [API],
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const found = await Promise.all(ROUTES.map((name) => facts.get({ kind: CRD, namespace: '', name })));
    const missing = ROUTES.filter((_, index) => !found[index]);
    const dated = found.flatMap((definition) => (definition && !isByLinkerd(definition) && !servesV1(definition) ? [definition] : []));
    if (missing.length === 0 && dated.length === 0) return { is: 'ok', reason: ownerOf(found) };
    if (await isOfNoConcern(facts)) return { is: 'ok', reason: 'The version of Linkerd that is installed does without them.' };
    const lacks = missing.length === 0 ? [] : [`${quotedList(missing)} ${missing.length === 1 ? 'is' : 'are'} not installed.`];
    const old = dated.map(({ name }) => `"${name}" does not serve v1.`);
    return {
      is: 'failed',
      reason: [...lacks, ...old].join(' '),
      hint: 'Install the standard channel of Gateway API v1.1.1 or newer, or let Linkerd install it ("--set installGatewayAPI=true" of its chart of definitions).',
      affected: dated.map((resource) => ({ resource })),
    };
  },
};

const isByLinkerd = ({ annotations }: Resource): boolean => annotations[CREATED_BY] !== undefined;

const servesV1 = ({ body }: Resource): boolean =>
  itemsAt(body, 'spec', 'versions').some(({ item }) => item['name'] === 'v1' && booleanAt(item, 'served') !== false);

function ownerOf(definitions: readonly (Resource | undefined)[]): string {
  const own = definitions.filter((definition) => definition && isByLinkerd(definition)).length;
  return own === definitions.length ? 'Linkerd has installed them, and others must not replace them.' : 'They are not those of Linkerd.';
}

async function isOfNoConcern(facts: Facts): Promise<boolean> {
  if (facts.mode === 'pre') return false;
  const versions = [...(await planeVersions(facts))].flatMap((each) => parseLinkerdVersion(each) ?? []);
  return versions.length > 0 && !versions.some((version) => isSince(version, WATCHES_V1));
}

const notInstalled: Check = {
  id: 'linkerd/not-installed',
  category: 'control-plane',
  title: 'No control plane of Linkerd is installed yet.',
  why: 'A second control plane takes over the webhooks and definitions of the first, which belong to the whole cluster.',
  docs: hints('pre-ns'),
  aliases: ['pre-ns'],
  modes: ['pre'],
  needs: [API],
  reads: [DEPLOYMENT],
  run: async (facts): Promise<CheckResult> => {
    const planes = await controlPlanes(facts);
    if (planes.length === 0) return { is: 'ok' };
    return {
      is: 'warning',
      reason: `A control plane is installed in namespace ${quotedList(planes.map(({ namespace }) => namespace))}.`,
      hint: 'Upgrade it instead of installing another, or uninstall it first.',
      affected: planes.flatMap(({ deployments }) => [...deployments.values()].map((resource) => ({ resource }))),
    };
  },
};

export const prerequisiteChecks: readonly Check[] = [kubernetesRecent, gatewayApiServed, notInstalled];

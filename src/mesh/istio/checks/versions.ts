/** Versions that have to go together: of Istio, Kubernetes, and the parts of Istio. */
import type { Check } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { parseVersion, type Version } from '../../../text/semver.ts';
import { count, quotedList } from '../../../text/words.ts';
import { CRD, DEPLOYMENT } from '../kinds.ts';
import { CONTROL_PLANE_EXISTS, type ControlPlane, controlPlanes } from './control-plane.ts';
import { releaseOf } from './releases.ts';

const SUPPORTED = 'https://istio.io/latest/docs/releases/supported-releases/';
const UNKNOWN = 'The version of the control plane is not known.';

const kubernetesSupported: Check = {
  id: 'istio/versions-kubernetes-supported',
  category: 'versions',
  title: 'The release of Istio supports the version of Kubernetes.',
  why: 'Istio is not tested with other versions: what it asks of the API may be missing there.',
  aliases: ['IST0142'],
  docs: `${SUPPORTED}#support-status-of-istio-releases`,
  needs: [CONTROL_PLANE_EXISTS],
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const text = await facts.version();
    const kubernetes = parseVersion(text);
    const planes = versioned(await controlPlanes(facts));
    if (!kubernetes || planes.length === 0)
      return { is: 'skipped', reason: kubernetes ? UNKNOWN : `Kubernetes calls its version "${text}".` };
    const tooOld = planes.flatMap(({ deployment, version, versionText }) => {
      const release = releaseOf(version);
      if (!release || kubernetes.major !== 1 || kubernetes.minor >= release.kubernetes[0]) return [];
      return [{ resource: deployment, detail: `Istio ${versionText} supports Kubernetes 1.${release.kubernetes[0]} and newer.` }];
    });
    const [first] = tooOld;
    if (first) {
      return {
        is: 'warning',
        reason: `Kubernetes ${text} is older than the release of Istio supports.`,
        hint: `Upgrade Kubernetes before istiod in Deployment "${first.resource.namespace}/${first.resource.name}" is upgraded any further.`,
        affected: tooOld,
      };
    }
    const isNewer = planes.some(({ version }) => kubernetes.minor > (releaseOf(version)?.kubernetes[1] ?? kubernetes.minor));
    return { is: 'ok', reason: isNewer ? `${text} is newer than what the release was tested with.` : `${text}.` };
  },
};

const releaseMaintained: Check = {
  id: 'istio/versions-release-maintained',
  category: 'versions',
  title: 'The release of Istio still gets patches.',
  why: 'Vulnerabilities found in Istio or Envoy are not mended in releases that are out of support.',
  docs: SUPPORTED,
  needs: [CONTROL_PLANE_EXISTS],
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const planes = versioned(await controlPlanes(facts));
    if (planes.length === 0) return { is: 'skipped', reason: UNKNOWN };
    const affected = planes.flatMap(({ deployment, version, versionText }) => {
      const ended = releaseOf(version)?.ended;
      // Vendors that mark their versions keep releases alive for longer.
      if (ended === undefined || version.prerelease.length > 0 || facts.now <= Date.parse(ended)) return [];
      return [{ resource: deployment, detail: `Patches for Istio 1.${version.minor} ended on ${ended}; it is ${versionText}.` }];
    });
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${quotedList([...new Set(planes.map(({ versionText = '' }) => versionText))])}.` };
    return {
      is: 'warning',
      reason: "Istio's project no longer patches the release, unless a vendor of yours does.",
      hint: `Plan the upgrade of Deployment "${first.resource.namespace}/${first.resource.name}", by one or two minor versions at a time.`,
      affected,
    };
  },
};

/** Upgrades may leave out one minor version. */
const MOST_APART = 2;

const controlPlanesClose: Check = {
  id: 'istio/versions-control-planes-close',
  category: 'versions',
  title: 'Control planes of one cluster are at most two minor versions apart.',
  why: 'They share definitions and configuration; upgrades are tested over two minor versions at the most.',
  docs: 'https://istio.io/latest/docs/setup/upgrade/canary/',
  needs: [CONTROL_PLANE_EXISTS],
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const planes = versioned(await controlPlanes(facts));
    if (planes.length < 2) return { is: 'ok', reason: `${count(planes.length, 'control plane')} of a known version.` };
    const sorted = [...planes].sort((left, right) => left.version.minor - right.version.minor);
    const [oldest, newest] = [sorted[0], sorted.at(-1)];
    const apart = (newest?.version.minor ?? 0) - (oldest?.version.minor ?? 0);
    if (apart <= MOST_APART || oldest?.version.major !== newest?.version.major)
      return { is: 'ok', reason: `${count(apart, 'minor version')} apart.` };
    return {
      is: 'warning',
      reason: `Revisions "${oldest?.revision}" and "${newest?.revision}" are ${apart} minor versions apart.`,
      hint: `Move what Deployment "${oldest?.deployment.namespace}/${oldest?.deployment.name}" serves to a newer revision, and remove it.`,
      affected: planes.map(({ deployment, versionText }) => ({ resource: deployment, detail: `It is ${versionText}.` })),
    };
  },
};

interface VersionedPlane extends ControlPlane {
  readonly version: Version;
}

function versioned(planes: readonly ControlPlane[]): readonly VersionedPlane[] {
  return planes.flatMap((plane) => (plane.version ? [{ ...plane, version: plane.version }] : []));
}

const definitionsCurrent: Check = {
  id: 'istio/versions-definitions-current',
  category: 'versions',
  title: "Istio's CustomResourceDefinitions are of the control plane's minor version or newer.",
  why: 'Definitions have a chart of their own, which is easily forgotten in an upgrade: fields and kinds that are new in the release are dropped or refused.',
  docs: 'https://istio.io/latest/docs/setup/upgrade/helm/',
  needs: [CONTROL_PLANE_EXISTS],
  reads: [CRD, DEPLOYMENT],
  run: async (facts) => {
    const minors = versioned(await controlPlanes(facts)).map(({ version }) => version.minor);
    const definitions = (await facts.list(CRD, { metadataOnly: true })).filter(({ name }) => name.endsWith('.istio.io'));
    // The charts of recent releases state their version; a definition that states none is not judged.
    const stated = definitions.flatMap((definition) => {
      const text = statedVersion(definition);
      const version = parseVersion(text ?? '');
      return version?.major === 1 ? [{ definition, text, minor: version.minor }] : [];
    });
    if (stated.length === 0 || minors.length === 0) return { is: 'ok', reason: 'The definitions do not state a version.' };
    const newest = Math.max(...minors);
    const old = stated.filter(({ minor }) => minor < newest);
    const [first] = old;
    if (!first) return { is: 'ok', reason: `${count(stated.length, 'definition')}.` };
    return {
      is: 'warning',
      reason: `${count(old.length, 'definition')} of Istio ${old.length === 1 ? 'is' : 'are'} older than the control plane.`,
      hint: `Upgrade the chart "base" of Istio to 1.${newest} before istiod: "kubectl get crd ${first.definition.name} -o yaml" tells what is there.`,
      affected: old.map(({ definition, text }) => ({ resource: definition, detail: `It is of Istio ${text}.` })),
    };
  },
};

/** `helm.sh/chart` is `base-1.30.0`. */
function statedVersion({ labels }: Resource): string | undefined {
  return labels['app.kubernetes.io/version'] ?? /-(\d[\w.]*)/.exec(labels['helm.sh/chart'] ?? '')?.[1];
}

export const versionChecks: readonly Check[] = [kubernetesSupported, releaseMaintained, controlPlanesClose, definitionsCurrent];

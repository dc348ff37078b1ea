/** Whether proxies are of the minor version that new pods get. */
import type { Check, Facts } from '../../model/check.ts';
import { parseVersion, type Version } from '../../text/semver.ts';
import { versionOfImage } from './images.ts';
import { needingPlane, planeVersion, proxiesOf, type SidecarMesh } from './sidecar-mesh.ts';
import { POD, type SidecarPod } from './sidecars.ts';

interface ProxyVersions {
  readonly docs: string;
  /** Minor versions that a proxy may be behind. */
  readonly mostBehind: number;
  /** The version that a proxy states; its image's when absent. */
  versionOf?(facts: Facts): Promise<(proxy: SidecarPod) => string | undefined>;
  /** What the control plane gives to new pods; its own version when absent. */
  current?(facts: Facts): Promise<string | undefined>;
}

export function versionsCheck(mesh: SidecarMesh, { docs, mostBehind, versionOf, current }: ProxyVersions): Check {
  return needingPlane(mesh, {
    id: `${mesh.id}/data-plane-versions-supported`,
    category: 'versions',
    title: `Every proxy of ${mesh.title} has the minor version that its control plane gives to new pods.`,
    why: 'Proxies far behind do not understand the configuration that the control plane sends, and miss its fixes.',
    docs,
    reads: [POD],
    run: async (facts) => {
      const wanted = await (current ? current(facts) : planeVersion(mesh, facts));
      const target = parseVersion(wanted ?? '');
      const proxies = await proxiesOf(mesh, facts);
      if (proxies.length === 0) return { is: 'ok', reason: 'No pod has a proxy.' };
      const stated = (await versionOf?.(facts)) ?? (({ image }) => versionOfImage(image));
      const known = proxies.flatMap((proxy) => {
        const text = stated(proxy);
        const version = parseVersion(text ?? '');
        return version && target ? [{ pod: proxy.pod, text, minors: minorsBehind(version, target) }] : [];
      });
      if (known.length === 0) return { is: 'skipped', reason: 'The images of proxies or control planes do not tell their versions.' };
      const unknown = known.length < proxies.length ? ` The version of ${proxies.length - known.length} more is not known.` : '';
      const skewed = known.filter(({ minors }) => minors !== 0);
      const [first] = skewed;
      if (!first) return { is: 'ok', reason: `${known.length} of ${proxies.length}.${unknown}` };
      return {
        is: skewed.some(({ minors }) => minors > mostBehind) ? 'failed' : 'warning',
        reason: `${skewed.length} of ${known.length === 1 ? '1 proxy' : `${known.length} proxies`} ${skewed.length === 1 ? 'has' : 'have'} another version than new pods get.${unknown}`,
        hint: `Restart the workloads, such as that of pod "${first.pod.namespace}/${first.pod.name}", so that they are injected anew.`,
        affected: skewed.map(({ pod, text }) => ({ resource: pod, detail: `The proxy is ${text}, new ones are ${wanted}.` })),
      };
    },
  });
}

/** How many a proxy is behind, negative when it is ahead. A new major version follows upon the last minor one. */
const minorsBehind = (version: Version, target: Version): number =>
  version.major === target.major ? target.minor - version.minor : Math.sign(target.major - version.major);

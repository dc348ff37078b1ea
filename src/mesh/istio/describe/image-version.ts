import type { Resource } from '../../../model/resource.ts';
import { proxyImage } from '../checks/proxies.ts';

/** Tag of the proxy's image: `1.30.0`; undefined for a pod without a proxy, and for an image by digest alone. */
export function imageVersion(pod: Resource): string | undefined {
  const [, tag] = /:([^:/@]+)(?:@.*)?$/.exec(proxyImage(pod) ?? '') ?? [];
  return tag;
}

/** The images of the proxy and of its init container: hub, name and tag of the values, the variant from whoever says it last. */
import { at, objectAt, stringAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { withVariant } from '../proxy-image.ts';

export interface Images {
  readonly proxy: string;
  readonly init: string;
}

/** @param values that the templates are rendered with */
export function imagesOf(values: Body, proxyConfig: Body, annotations: Readonly<Record<string, string>>): Images {
  const global = objectAt(values, 'global');
  const annotated = annotations['sidecar.istio.io/proxyImageType'];
  const url = (name: string, type: string): string => {
    const variant = annotated ?? (type || (stringAt(global, 'variant') ?? ''));
    return `${stringAt(global, 'hub') ?? ''}/${name}:${withVariant(String(at(global, ['tag']) ?? ''), variant)}`;
  };
  return {
    proxy: url(stringAt(global, 'proxy', 'image') || 'proxyv2', stringAt(proxyConfig, 'image', 'imageType') ?? ''),
    init: url(stringAt(global, 'proxy_init', 'image') || 'proxyv2', ''),
  };
}

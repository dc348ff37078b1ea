/** @see https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/#service-attributes */
import { stringAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';

type Texts = Readonly<Record<string, string>>;

const OWN = 'resource.opentelemetry.io/';

/** What describes the service of a pod, as OTEL_RESOURCE_ATTRIBUTES has it: `service.namespace=shop,…` */
export function serviceAttributes(annotations: Texts, labels: Texts, namespace: string, containers: readonly Body[]): string {
  const [first] = containers;
  const own = (name: string): string | undefined => annotations[OWN + name] || undefined;
  const attributes = {
    'service.namespace': own('service.namespace') ?? namespace,
    'service.version':
      own('service.version') ??
      (labels['app.kubernetes.io/version'] || (first && containers.length === 1 ? versionOf(stringAt(first, 'image') ?? '') : '')),
    // Kubernetes fills in the name of the pod, which is not known yet.
    'service.instance.id': own('service.instance.id') ?? (first ? `${namespace}.$(POD_NAME).${stringAt(first, 'name') ?? ''}` : ''),
  };
  return Object.entries(attributes)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** Tag and digest of an image: `1.21@sha256:…` */
function versionOf(image: string): string {
  const [name = '', digest = ''] = image.split(/@(.*)/s);
  const colon = name.lastIndexOf(':');
  const tag = colon > name.lastIndexOf('/') ? name.slice(colon + 1) : '';
  return [tag, digest].filter((part) => part !== '').join('@');
}

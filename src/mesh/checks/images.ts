/** What the reference of a container image tells. */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import { parseVersion } from '../../text/semver.ts';

/** `registry:5000/kuma-cp:2.11.2@sha256:…` → `2.11.2`; undefined when the image has no tag. */
function tagOf(image: string): string | undefined {
  return /:([\w.-]+)$/.exec(image.replace(/@.*$/, ''))?.[1];
}

/** The version that the tag states, without a leading `v`; undefined when it states none. */
export function versionOfImage(image: string): string | undefined {
  const tag = tagOf(image)?.replace(/^v(?=\d)/, '');
  return tag !== undefined && parseVersion(tag) ? tag : undefined;
}

/** Containers that a Deployment or its like gives to its pods. */
export function templateContainers({ body }: Resource): readonly Body[] {
  return itemsAt(body, 'spec', 'template', 'spec', 'containers').map(({ item }) => item);
}

/** The version of what a workload runs: of its first image, or else as its chart has labelled it. */
export function versionOfWorkload(workload: Resource): string | undefined {
  const [container] = templateContainers(workload);
  const labelled = workload.labels['app.kubernetes.io/version'];
  return (
    versionOfImage(stringAt(container, 'image') ?? '') ?? (labelled && parseVersion(labelled) ? labelled.replace(/^v/, '') : undefined)
  );
}

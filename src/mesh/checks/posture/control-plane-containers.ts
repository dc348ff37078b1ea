/** The containers of control planes and gateways as they are run: probes, resources, images. */
import { has, itemsAt, stringAt } from '../../../model/body.ts';
import type { Check, CheckResult, Facts } from '../../../model/check.ts';
import type { Body, Resource } from '../../../model/resource.ts';
import { imageProblem } from './images.ts';
import { type PostureTraits, postureCheck } from './traits.ts';
import { type VerdictWords, verdictOn } from './verdict.ts';

export function containerPosture(traits: PostureTraits): readonly Check[] {
  const { mesh, title, controlPlaneKinds: kinds, proxy, isPlaceholder = () => false } = traits;
  const none = `No control plane of ${title} runs in this cluster.`;
  /** Where a sidecar stands beside other containers, it is judged with the sidecars. */
  const containersOf = ({ body }: Resource): readonly Body[] => {
    const all = itemsAt(body, 'spec', 'template', 'spec', 'containers').map(({ item }) => item);
    const written = all.filter((container) => !isPlaceholder(stringAt(container, 'image') ?? ''));
    return written.length > 1 ? written.filter((container) => container['name'] !== proxy) : written;
  };
  const each = async (
    facts: Facts,
    words: Omit<VerdictWords, 'none'>,
    problem: (containers: readonly Body[]) => string | undefined,
  ): Promise<CheckResult> => {
    const workloads = (await traits.controlPlane(facts)).map((resource) => ({ resource, containers: containersOf(resource) }));
    return verdictOn(workloads, { none, ...words }, ({ containers }) => (containers.length === 0 ? undefined : problem(containers)));
  };
  return [
    postureCheck({
      id: `${mesh}/posture-control-plane-probed`,
      title: 'The control plane and its gateways say when they are ready.',
      why: 'Proxies and webhooks are sent to a pod of the control plane that cannot answer yet.',
      docs: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
      reads: kinds,
      run: (facts) =>
        each(
          facts,
          {
            reason: (number, verb) => `${number} of ${title} ${verb} no readiness probe.`,
            hint: 'Install the control plane with the probes of its chart.',
          },
          (containers) => (containers.some((item) => has(item, 'readinessProbe')) ? undefined : 'No container has a readinessProbe.'),
        ),
    }),
    postureCheck({
      id: `${mesh}/posture-control-plane-resources-set`,
      title: 'The control plane and its gateways request CPU and memory.',
      why: 'Without requests the control plane gets what others leave, and is evicted first.',
      docs: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
      reads: kinds,
      run: (facts) =>
        each(
          facts,
          {
            reason: (number, verb) => `${number} of ${title} ${verb} containers without requests.`,
            hint: 'Set the resources in the values of the control plane or of the gateway.',
          },
          unrequested,
        ),
    }),
    postureCheck({
      id: `${mesh}/posture-control-plane-images-pinned`,
      title: 'The images of the control plane and its gateways name a version.',
      why: 'What "latest" means changes without notice, and replicas of different versions disagree.',
      docs: 'https://kubernetes.io/docs/concepts/containers/images/#image-names',
      reads: kinds,
      run: (facts) =>
        each(
          facts,
          {
            reason: (number, verb) => `${number} of ${title} ${verb} images without a version.`,
            hint: 'Name the version, or the digest, of the image in the values.',
          },
          (containers) => containers.map((item) => imageProblem(stringAt(item, 'image'))).find((problem) => problem !== undefined),
        ),
    }),
  ];
}

/** A request that is not written is that of the limit. */
function unrequested(containers: readonly Body[]): string | undefined {
  const states = (item: Body, name: string): boolean => has(item, 'resources', 'requests', name) || has(item, 'resources', 'limits', name);
  const names = containers
    .filter((item) => !['cpu', 'memory'].every((name) => states(item, name)))
    .map((item) => `"${stringAt(item, 'name') ?? ''}"`);
  return names.length === 0 ? undefined : `${names.join(', ')} ${names.length === 1 ? 'requests' : 'request'} no CPU or no memory.`;
}

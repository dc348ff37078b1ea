/** What each istiod says of itself. */
import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Affected, Check } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { parseVersion } from '../../../text/semver.ts';
import { count } from '../../../text/words.ts';
import { POD } from '../kinds.ts';
import { CONTROL_PLANE_EXISTS, versionOfImage } from './control-plane.ts';
import { askIstiods, type IstiodAnswer, monitoringPort } from './istiod.ts';

const ANSWERS = 'istio/control-plane-answers';
export const NONE_READY = 'No istiod pod of this cluster is ready.';

export const controlPlaneAnswers: Check = {
  id: ANSWERS,
  category: 'control-plane',
  title: 'Every istiod answers on its port for monitoring.',
  why: 'Its metrics, its version and what it knows of the proxies are read there: nobody sees what goes wrong while it is silent.',
  settles: true,
  docs: 'https://istio.io/latest/docs/ops/diagnostic-tools/controlz/',
  needs: [CONTROL_PLANE_EXISTS],
  reads: [POD],
  run: async (facts) => {
    const { answers } = await askIstiods(facts, '/version');
    if (answers.length === 0) return { is: 'skipped', reason: NONE_READY };
    const affected = answers.flatMap(silence);
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${count(answers.length, 'pod')}.` };
    const { namespace, name } = first.resource;
    return {
      is: 'warning',
      reason: `Silent: ${affected.length} of ${count(answers.length, 'ready istiod pod')}.`,
      hint: `Run "kubectl -n ${namespace} logs ${name}", and look at its argument --monitoringAddr.`,
      affected,
    };
  },
};

function silence({ pod, answer }: IstiodAnswer): readonly Affected[] {
  if (answer === undefined) return [{ resource: pod, detail: `Nothing answers on port ${monitoringPort(pod)}.` }];
  if (answer.status < 400) return [];
  return [{ resource: pod, detail: `Port ${monitoringPort(pod)} answers with status ${answer.status}.` }];
}

export const istiodVersionAsImage: Check = {
  id: 'istio/versions-istiod-as-image',
  category: 'versions',
  title: 'Every istiod is of the version that its image is tagged with.',
  why: 'Everybody who reads the tag, other checks among them, compares proxies and releases with a version that does not run.',
  docs: 'https://istio.io/latest/docs/reference/commands/istioctl/#istioctl-version',
  needs: [ANSWERS],
  reads: [POD],
  run: async (facts) => {
    const { answers } = await askIstiods(facts, '/version');
    const affected = answers.flatMap(disagreement);
    const [first] = affected;
    if (!first) return { is: 'ok' };
    return {
      is: 'warning',
      reason: 'An istiod is of another version than the tag of its image says.',
      hint: `Run "kubectl -n ${first.resource.namespace} get pod ${first.resource.name} -o yaml" for its image, and tag it with the version that it holds.`,
      affected,
    };
  },
};

/** Whoever builds images of their own may number them by a scheme of their own, which shows in the major version. */
function disagreement({ pod, answer }: IstiodAnswer): readonly Affected[] {
  const tag = versionOfImage(imageOf(pod));
  const tagged = parseVersion(tag ?? '');
  // `1.30.0-1a2b3c-Clean`: version, commit, state of the sources.
  const text = /^\d+\.\d+\.\d+/.exec(answer?.body ?? '')?.[0];
  const said = parseVersion(text ?? '');
  if (!tagged || !said || tagged.major !== said.major) return [];
  if (tagged.minor === said.minor && tagged.patch === said.patch) return [];
  return [{ resource: pod, detail: `Its image is tagged ${tag}, but it says that it is ${text}.` }];
}

function imageOf({ body }: Resource): string {
  const containers = itemsAt(body, 'spec', 'containers');
  const discovery = containers.find(({ item }) => item['name'] === 'discovery') ?? containers[0];
  return stringAt(discovery?.item, 'image') ?? '';
}

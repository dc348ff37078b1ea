/** Who manages an object that is there already. */
import { stringAt } from '../model/body.ts';
import type { Resource } from '../model/resource.ts';
import { type Belonging, MANAGED_BY, RELEASE_NAME, RELEASE_NAMESPACE } from './desired.ts';

export interface Owner {
  /** `release "istio-system/istiod" of helm`, `Argo CD`. */
  readonly title: string;
  /** What to do instead. */
  readonly hint: string;
}

interface Sign {
  readonly title: string;
  readonly hint: string;
  readonly labels?: readonly string[];
  readonly annotations?: readonly string[];
}

const GITOPS = 'Change it where it is kept, in the repository, or tell the tool to let go of it first.';

/** They may have Helm run for them, so that their objects belong to releases too. */
const CONTROLLERS: readonly Sign[] = [
  { title: 'Argo CD', hint: GITOPS, labels: ['argocd.argoproj.io/instance'], annotations: ['argocd.argoproj.io/tracking-id'] },
  { title: 'Flux', hint: GITOPS, labels: ['kustomize.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/name'] },
];

/** Istio's charts write these labels themselves: only where no release claims the object, they tell of istioctl. */
const ISTIOCTL: Sign = {
  title: 'istioctl',
  hint: 'Go on with istioctl, or migrate: "istioctl uninstall --revision …" once the pods use the new control plane, or --take-ownership to take its objects over.',
  labels: ['operator.istio.io/component', 'install.operator.istio.io/owning-resource'],
};

const shows = ({ labels = [], annotations = [] }: Sign, live: Resource): boolean =>
  labels.some((key) => live.labels[key] !== undefined) || annotations.some((key) => live.annotations[key] !== undefined);

/** @returns undefined for an object that nobody claims, or that belongs to the release */
export function ownerOf(live: Resource, { release, namespace }: Belonging): Owner | undefined {
  const { labels, annotations } = live;
  const [name, within] = [annotations[RELEASE_NAME], annotations[RELEASE_NAMESPACE]];
  const controller = CONTROLLERS.find((each) => shows(each, live));
  if (controller) return controller;
  if (name !== undefined && (name !== release || within !== namespace)) {
    return {
      title: `release "${within ?? '?'}/${name}" of helm`,
      hint: `Run "helm list -n ${within ?? 'NAMESPACE'}": upgrade that release, or uninstall it first.`,
    };
  }
  if (name !== undefined) return undefined;
  if (shows(ISTIOCTL, live)) return ISTIOCTL;
  if (annotations['linkerd.io/created-by']?.startsWith('linkerd/cli') === true) {
    return {
      title: 'the linkerd command line',
      hint: 'Go on with "linkerd upgrade", or take its objects over with --take-ownership, giving the charts its trust anchor and issuer.',
    };
  }
  const manager = labels[MANAGED_BY];
  return {
    title: manager === undefined || manager === 'Helm' ? 'somebody else: it belongs to no release' : `"${manager}", as its label says`,
    hint: 'Delete it if it is left over, or take it over with --take-ownership.',
  };
}

/** Whether a release that goes must leave the object: another release or a tool has taken it over since. */
export const isTakenOver = (live: Resource, belonging: Belonging): boolean =>
  live.annotations[RELEASE_NAME] !== undefined && ownerOf(live, belonging) !== undefined;

/** Objects that Kubernetes makes by itself, and namespaces, belong to nobody. */
export const isShared = ({ kind, name, body }: Resource): boolean =>
  kind === 'core/Namespace' ||
  (kind === 'core/ServiceAccount' && name === 'default') ||
  stringAt(body, 'metadata', 'labels', 'kubernetes.io/bootstrapping') !== undefined;

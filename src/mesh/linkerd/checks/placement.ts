/** Settings of Linkerd that stand where it does not read them. */
import type { Check } from '../../../model/check.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import { quotedList } from '../../../text/words.ts';
import { COMPONENT, EXTENSION, hints, INJECT, POD, SERVICE } from '../kinds.ts';
import { API } from './control-plane.ts';
import { type Trouble, verdict } from './verdict.ts';

interface Row {
  readonly id: string;
  readonly title: string;
  readonly anchor: string;
  readonly kind: Kind;
  readonly from: 'labels' | 'annotations';
  isMisplaced(key: string): boolean;
  readonly why: string;
}

const isConfig = (key: string): boolean => /^config\.(?:alpha\.|beta\.)?linkerd\.io\//.test(key);

const ROWS: readonly Row[] = [
  {
    id: 'linkerd/pod-settings-are-annotations',
    title: "No pod carries a setting of Linkerd's as a label.",
    anchor: 'l5d-data-plane-pod-labels',
    kind: POD,
    from: 'labels',
    isMisplaced: (key) => key === INJECT || isConfig(key),
    why: 'Linkerd reads these from annotations only: the setting has no effect.',
  },
  {
    id: 'linkerd/service-settings-are-annotations',
    title: "No service carries a setting of Linkerd's as a label.",
    anchor: 'l5d-data-plane-services-labels',
    kind: SERVICE,
    from: 'labels',
    isMisplaced: isConfig,
    why: 'Linkerd reads these from annotations only: the setting has no effect.',
  },
  {
    id: 'linkerd/service-exports-are-labels',
    title: 'No service is exported to other clusters by an annotation.',
    anchor: 'l5d-data-plane-services-annotations',
    kind: SERVICE,
    from: 'annotations',
    isMisplaced: (key) => key === 'mirror.linkerd.io/exported' || key === 'mirror.linkerd.io/federated',
    why: 'Service mirrors select services by labels: the service is not exported.',
  },
];

export const placementChecks: readonly Check[] = ROWS.map(({ id, title, anchor, kind, from, isMisplaced, why }) => ({
  ...{ id, title, why, category: 'configuration', docs: hints(anchor), aliases: [anchor], needs: [API], reads: [kind] },
  run: async (facts) => {
    const right = from === 'labels' ? 'annotations' : 'labels';
    const troubles = (await facts.scoped(kind)).flatMap((resource): readonly Trouble[] => {
      const keys = Object.keys(resource[from]).filter(isMisplaced).sort();
      if (keys.length === 0 || isOfLinkerd(resource)) return [];
      const where = kind === POD ? 'the pod template of what made it' : 'the service';
      const hint = `Move ${quotedList(keys)} from the ${from} to the ${right} of ${where}.`;
      return [{ is: 'warning', resource, detail: `${quotedList(keys)} ${keys.length === 1 ? 'is' : 'are'} among its ${from}.`, hint }];
    });
    return verdict(troubles, 'None does.', why);
  },
}));

const isOfLinkerd = ({ labels }: Resource): boolean => labels[COMPONENT] !== undefined || labels[EXTENSION] !== undefined;

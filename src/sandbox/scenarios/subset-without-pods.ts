import { bookinfoMesh, destinationRule, reviewsRoute } from './_bookinfo.ts';
import type { Scenario } from './_scenario.ts';

export const subsetWithoutPods: Scenario = {
  name: 'subset-without-pods',
  summary: 'bookinfo, but a tenth of the requests for reviews goes to subset v4, which no pod belongs to',
  options: () =>
    bookinfoMesh({
      replace: ({ kind, metadata: { name } }) => {
        if (kind === 'DestinationRule' && name === 'reviews') return destinationRule('reviews', ['v1', 'v2', 'v3', 'v4']);
        return kind === 'VirtualService' && name === 'reviews' ? reviewsRoute({ v1: 80, v2: 5, v3: 5, v4: 10 }) : undefined;
      },
    }),
};

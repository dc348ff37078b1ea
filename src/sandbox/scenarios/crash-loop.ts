import { bookinfoMesh } from './_bookinfo.ts';
import type { Scenario } from './_scenario.ts';

const LOG = 'Starting reviews v3\nFATAL: the environment variable STAR_COLOR is not set\n';

export const crashLoop: Scenario = {
  name: 'crash-loop',
  summary: 'bookinfo, but the pod of reviews-v3 crashes again and again; its log tells why',
  options: () => bookinfoMesh({ crashing: { 'reviews-v3': LOG } }),
};

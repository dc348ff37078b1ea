import { bookinfoMesh } from './_bookinfo.ts';
import type { Scenario } from './_scenario.ts';

export const deadIstiod: Scenario = {
  name: 'dead-istiod',
  summary: 'bookinfo, but istiod crashes again and again, so that new pods are refused',
  options: () => bookinfoMesh({ istiod: 'CrashLoopBackOff' }),
};

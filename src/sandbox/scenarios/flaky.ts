import { bookinfoMesh } from './_bookinfo.ts';
import type { Scenario } from './_scenario.ts';

export const flaky: Scenario = {
  name: 'flaky',
  summary: 'bookinfo behind an API server that answers every fourth request with 503',
  options: () => ({ ...bookinfoMesh(), failEvery: 4 }),
};

import { bookinfoMesh } from './_bookinfo.ts';
import type { Scenario } from './_scenario.ts';

export const slow: Scenario = {
  name: 'slow',
  summary: 'bookinfo behind an API server that takes a second for every answer',
  options: () => ({ ...bookinfoMesh(), delayMs: 1000 }),
};

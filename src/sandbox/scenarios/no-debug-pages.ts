import { bookinfoMesh } from './_bookinfo.ts';
import type { Scenario } from './_scenario.ts';

export const noDebugPages: Scenario = {
  name: 'no-debug-pages',
  summary: 'bookinfo, with an istiod that shows nothing over HTTP, and tells of its proxies over xDS alone',
  options: () => bookinfoMesh({ settings: { ENABLE_DEBUG_ON_HTTP: 'false' } }),
};

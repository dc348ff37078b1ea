import { bookinfoMesh } from './_bookinfo.ts';
import type { Scenario } from './_scenario.ts';

/** When the configuration was last changed; everything else is an hour old. */
const SINCE_MS = 20 * 60_000;

export const staleProxy: Scenario = {
  name: 'stale-proxy',
  summary: 'bookinfo, but the proxy of productpage has acknowledged neither clusters nor endpoints for twenty minutes',
  options: () => bookinfoMesh({ stale: { labels: { app: 'productpage' }, sinceMs: SINCE_MS } }),
};

import { objectAt } from '../../model/body.ts';
import type { KubeObject } from '../store/object.ts';
import { bookinfoMesh, destinationRule } from './_bookinfo.ts';
import type { Scenario } from './_scenario.ts';

/** When the configuration was last changed; everything else is an hour old. */
const SINCE_MS = 20 * 60_000;

/** What was changed then: it got its subset and a wider limit. */
const FORMER = destinationRule('details', [], { connectionPool: { http: { http2MaxRequests: 100 } } });

const before = (object: KubeObject): KubeObject =>
  object.kind === FORMER.kind && object.metadata.name === FORMER.metadata.name ? { ...object, spec: objectAt(FORMER, 'spec') } : object;

export const staleProxy: Scenario = {
  name: 'stale-proxy',
  summary: 'bookinfo, but the proxy of productpage has acknowledged neither clusters nor endpoints for twenty minutes',
  options: () => bookinfoMesh({ stale: { labels: { app: 'productpage' }, sinceMs: SINCE_MS, before } }),
};

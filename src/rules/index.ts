/** Rule families by name. A test compares this list with the folders. */
import type { Rule } from '../model/rule.ts';

type Family = () => Promise<{ readonly rules: readonly Rule[] }>;

export const families: Readonly<Record<string, Family>> = {
  'gateway-api': () => import('./gateway-api/index.ts'),
  'istio-annotation': () => import('./istio-annotation/index.ts'),
  'istio-deprecation': () => import('./istio-deprecation/index.ts'),
  'istio-destination': () => import('./istio-destination/index.ts'),
  'istio-extension': () => import('./istio-extension/index.ts'),
  'istio-gateway': () => import('./istio-gateway/index.ts'),
  'istio-injection': () => import('./istio-injection/index.ts'),
  'istio-multicluster': () => import('./istio-multicluster/index.ts'),
  'istio-routing': () => import('./istio-routing/index.ts'),
  'istio-security': () => import('./istio-security/index.ts'),
  'istio-service': () => import('./istio-service/index.ts'),
  'istio-sidecar': () => import('./istio-sidecar/index.ts'),
  'istio-telemetry': () => import('./istio-telemetry/index.ts'),
  'istio-validation': () => import('./istio-validation/index.ts'),
  'istio-webhook': () => import('./istio-webhook/index.ts'),
  structure: () => import('./structure/index.ts'),
};

/** Every rule there is, ordered by id. */
export async function allRules(): Promise<readonly Rule[]> {
  const loaded = await Promise.all(Object.values(families).map((load) => load()));
  return loaded.flatMap((family) => family.rules).sort((left, right) => (left.meta.id < right.meta.id ? -1 : 1));
}

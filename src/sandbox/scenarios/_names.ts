/** What the parts of a scenario have to agree on. */

export const ROOT_NAMESPACE = 'istio-system';
export const HUB = 'registry.istio.io/release';
export const VERSION = '1.30.0';

/** The annotation by which a pod does not become ready; see `controllers/pods.ts`. */
export const FATE = 'sandbox.meshctl.dev/fate';
export const BOOKINFO = 'bookinfo';

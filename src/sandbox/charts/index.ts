/** Every chart of the sandbox's repository. */
import type { ChartSource } from './chart-source.ts';
import { base } from './istio/base.ts';
import { cni, gateway, ztunnel } from './istio/data-plane.ts';
import { istiod } from './istio/istiod.ts';
import { controlPlane } from './linkerd/control-plane.ts';
import { crds } from './linkerd/crds.ts';

export const sandboxCharts = (): readonly ChartSource[] => [base, istiod, cni, ztunnel, gateway, crds, controlPlane()];

/** Rule families by name. A test compares this list with the folders. All are loaded together: each file of its own costs more than it holds. */
import type { Rule } from '../model/rule.ts';
import { rules as gatewayApi } from './gateway-api/index.ts';
import { rules as istioAnnotation } from './istio-annotation/index.ts';
import { rules as istioDeprecation } from './istio-deprecation/index.ts';
import { rules as istioDestination } from './istio-destination/index.ts';
import { rules as istioExtension } from './istio-extension/index.ts';
import { rules as istioGateway } from './istio-gateway/index.ts';
import { rules as istioInjection } from './istio-injection/index.ts';
import { rules as istioMulticluster } from './istio-multicluster/index.ts';
import { rules as istioRouting } from './istio-routing/index.ts';
import { rules as istioSecurity } from './istio-security/index.ts';
import { rules as istioService } from './istio-service/index.ts';
import { rules as istioSidecar } from './istio-sidecar/index.ts';
import { rules as istioTelemetry } from './istio-telemetry/index.ts';
import { rules as istioValidation } from './istio-validation/index.ts';
import { rules as istioWebhook } from './istio-webhook/index.ts';
import { rules as structure } from './structure/index.ts';

export const families: Readonly<Record<string, readonly Rule[]>> = {
  'gateway-api': gatewayApi,
  'istio-annotation': istioAnnotation,
  'istio-deprecation': istioDeprecation,
  'istio-destination': istioDestination,
  'istio-extension': istioExtension,
  'istio-gateway': istioGateway,
  'istio-injection': istioInjection,
  'istio-multicluster': istioMulticluster,
  'istio-routing': istioRouting,
  'istio-security': istioSecurity,
  'istio-service': istioService,
  'istio-sidecar': istioSidecar,
  'istio-telemetry': istioTelemetry,
  'istio-validation': istioValidation,
  'istio-webhook': istioWebhook,
  structure,
};

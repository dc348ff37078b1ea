/** What istiod's webhook refuses or warns of in a single object, beyond what its schema says. Other objects are never looked at here. */

import type { Rule } from '../../model/rule.ts';
import { annotationsAccepted } from './annotations-accepted.ts';
import { authorizationActionComplete } from './authorization-action-complete.ts';
import { authorizationCustomAttributes } from './authorization-custom-attributes.ts';
import { authorizationRulesComplete } from './authorization-rules-complete.ts';
import { authorizationValuesValid } from './authorization-values-valid.ts';
import { clientTlsValid } from './client-tls-valid.ts';
import { connectionPoolValid } from './connection-pool-valid.ts';
import { corsPolicyValid } from './cors-policy-valid.ts';
import { denyRuleNamesPort } from './deny-rule-names-port.ts';
import { destinationRuleHostValid } from './destination-rule-host-valid.ts';
import { destinationsValid } from './destinations-valid.ts';
import { directResponseSmall } from './direct-response-small.ts';
import { directResponseValid } from './direct-response-valid.ts';
import { durationsPrecise } from './durations-precise.ts';
import { egressProxyValid } from './egress-proxy-valid.ts';
import { envoyFilterAvoided } from './envoy-filter-avoided.ts';
import { envoyFilterFieldsAgree } from './envoy-filter-fields-agree.ts';
import { envoyFilterFieldsKnown } from './envoy-filter-fields-known.ts';
import { envoyFilterHasTypedConfig } from './envoy-filter-has-typed-config.ts';
import { envoyFilterMatchFits } from './envoy-filter-match-fits.ts';
import { envoyFilterMatchHasEffect } from './envoy-filter-match-has-effect.ts';
import { envoyFilterNamesCurrent } from './envoy-filter-names-current.ts';
import { envoyFilterPatchesComplete } from './envoy-filter-patches-complete.ts';
import { envoyFilterTypesKnown } from './envoy-filter-types-known.ts';
import { envoyFilterValuesFit } from './envoy-filter-values-fit.ts';
import { exportToValid } from './export-to-valid.ts';
import { failoverHasOutlierDetection } from './failover-has-outlier-detection.ts';
import { faultAbortHasStatus } from './fault-abort-has-status.ts';
import { faultValid } from './fault-valid.ts';
import { gatewayHostsValid } from './gateway-hosts-valid.ts';
import { gatewayNameFormCurrent } from './gateway-name-form-current.ts';
import { gatewayNameValid } from './gateway-name-valid.ts';
import { gatewayPortsValid } from './gateway-ports-valid.ts';
import { gatewayServersComplete } from './gateway-servers-complete.ts';
import { httpsRedirectHasEffect } from './https-redirect-has-effect.ts';
import { jwksWithoutPrivateKeys } from './jwks-without-private-keys.ts';
import { jwtRulesValid } from './jwt-rules-valid.ts';
import { loadBalancerValid } from './load-balancer-valid.ts';
import { localitySettingsValid } from './locality-settings-valid.ts';
import { matchConditionsValid } from './match-conditions-valid.ts';
import { meshConfigFieldsAgree } from './mesh-config-fields-agree.ts';
import { meshConfigFieldsKnown } from './mesh-config-fields-known.ts';
import { meshConfigValuesFit } from './mesh-config-values-fit.ts';
import { mirrorPercentageValid } from './mirror-percentage-valid.ts';
import { operatorFieldsKnown } from './operator-fields-known.ts';
import { outlierDetectionValid } from './outlier-detection-valid.ts';
import { redirectValid } from './redirect-valid.ts';
import { regularExpressionsValid } from './regular-expressions-valid.ts';
import { retriesValid } from './retries-valid.ts';
import { rewriteValid } from './rewrite-valid.ts';
import { routeWeightsValid } from './route-weights-valid.ts';
import { selectorHasLabels } from './selector-has-labels.ts';
import { selectorLabelsValid } from './selector-labels-valid.ts';
import { serverTlsEffective } from './server-tls-effective.ts';
import { serverTlsFitsProtocol } from './server-tls-fits-protocol.ts';
import { serverTlsValid } from './server-tls-valid.ts';
import { serviceEntryAddressesValid } from './service-entry-addresses-valid.ts';
import { serviceEntryEndpointsValid } from './service-entry-endpoints-valid.ts';
import { serviceEntryHostsValid } from './service-entry-hosts-valid.ts';
import { serviceEntryPortsValid } from './service-entry-ports-valid.ts';
import { serviceEntryResolvable } from './service-entry-resolvable.ts';
import { serviceEntrySelectorUsed } from './service-entry-selector-used.ts';
import { serviceEntryTcpHasOneHost } from './service-entry-tcp-has-one-host.ts';
import { serviceEntryWildcardWhole } from './service-entry-wildcard-whole.ts';
import { sidecarConnectionPoolFits } from './sidecar-connection-pool-fits.ts';
import { sidecarHostsNotRepeated } from './sidecar-hosts-not-repeated.ts';
import { sidecarHostsValid } from './sidecar-hosts-valid.ts';
import { sidecarListenersValid } from './sidecar-listeners-valid.ts';
import { sidecarNotEmpty } from './sidecar-not-empty.ts';
import { sidecarTlsSupported } from './sidecar-tls-supported.ts';
import { sniHostsAreNames } from './sni-hosts-are-names.ts';
import { sniHostsValid } from './sni-hosts-valid.ts';
import { subsetsValid } from './subsets-valid.ts';
import { targetKindsSupported } from './target-kinds-supported.ts';
import { telemetryOneTracing } from './telemetry-one-tracing.ts';
import { telemetryTagOverridesNamed } from './telemetry-tag-overrides-named.ts';
import { telemetryTagsValid } from './telemetry-tags-valid.ts';
import { trafficPolicyComplete } from './traffic-policy-complete.ts';
import { tunnelValid } from './tunnel-valid.ts';
import { virtualServiceActionsAgree } from './virtual-service-actions-agree.ts';
import { virtualServiceGatewaysValid } from './virtual-service-gateways-valid.ts';
import { virtualServiceHeadersValid } from './virtual-service-headers-valid.ts';
import { virtualServiceHostsValid } from './virtual-service-hosts-valid.ts';
import { virtualServiceRulesComplete } from './virtual-service-rules-complete.ts';
import { workloadAddressSet } from './workload-address-set.ts';
import { workloadEntryValid } from './workload-entry-valid.ts';
import { workloadGroupValid } from './workload-group-valid.ts';

export const rules: readonly Rule[] = [
  annotationsAccepted,
  authorizationActionComplete,
  authorizationCustomAttributes,
  authorizationRulesComplete,
  authorizationValuesValid,
  clientTlsValid,
  connectionPoolValid,
  corsPolicyValid,
  denyRuleNamesPort,
  destinationRuleHostValid,
  destinationsValid,
  directResponseSmall,
  directResponseValid,
  durationsPrecise,
  egressProxyValid,
  envoyFilterAvoided,
  envoyFilterFieldsAgree,
  envoyFilterFieldsKnown,
  envoyFilterHasTypedConfig,
  envoyFilterMatchFits,
  envoyFilterMatchHasEffect,
  envoyFilterNamesCurrent,
  envoyFilterPatchesComplete,
  envoyFilterTypesKnown,
  envoyFilterValuesFit,
  exportToValid,
  failoverHasOutlierDetection,
  faultAbortHasStatus,
  faultValid,
  gatewayHostsValid,
  gatewayNameFormCurrent,
  gatewayNameValid,
  gatewayPortsValid,
  gatewayServersComplete,
  httpsRedirectHasEffect,
  jwksWithoutPrivateKeys,
  jwtRulesValid,
  loadBalancerValid,
  localitySettingsValid,
  matchConditionsValid,
  meshConfigFieldsAgree,
  meshConfigFieldsKnown,
  meshConfigValuesFit,
  mirrorPercentageValid,
  operatorFieldsKnown,
  outlierDetectionValid,
  redirectValid,
  regularExpressionsValid,
  retriesValid,
  rewriteValid,
  routeWeightsValid,
  selectorHasLabels,
  selectorLabelsValid,
  serverTlsEffective,
  serverTlsFitsProtocol,
  serverTlsValid,
  serviceEntryAddressesValid,
  serviceEntryEndpointsValid,
  serviceEntryHostsValid,
  serviceEntryPortsValid,
  serviceEntryResolvable,
  serviceEntrySelectorUsed,
  serviceEntryTcpHasOneHost,
  serviceEntryWildcardWhole,
  sidecarConnectionPoolFits,
  sidecarHostsNotRepeated,
  sidecarHostsValid,
  sidecarListenersValid,
  sidecarNotEmpty,
  sidecarTlsSupported,
  sniHostsAreNames,
  sniHostsValid,
  subsetsValid,
  targetKindsSupported,
  telemetryOneTracing,
  telemetryTagOverridesNamed,
  telemetryTagsValid,
  trafficPolicyComplete,
  tunnelValid,
  virtualServiceActionsAgree,
  virtualServiceGatewaysValid,
  virtualServiceHeadersValid,
  virtualServiceHostsValid,
  virtualServiceRulesComplete,
  workloadAddressSet,
  workloadEntryValid,
  workloadGroupValid,
];

/** How requests are routed: VirtualServices, DestinationRules and what they refer to. */
import type { Rule } from '../../model/rule.ts';
import { destinationHostExists } from './destination-host-exists.ts';
import { destinationPortChosen } from './destination-port-chosen.ts';
import { destinationPortExists } from './destination-port-exists.ts';
import { destinationSubsetExists } from './destination-subset-exists.ts';
import { gatewayExists } from './gateway-exists.ts';
import { gatewayNotInternal } from './gateway-not-internal.ts';
import { hostsServedByGateway } from './hosts-served-by-gateway.ts';
import { jwtClaimsAreAuthenticated } from './jwt-claims-are-authenticated.ts';
import { matchNotDuplicated } from './match-not-duplicated.ts';
import { meshHostsDoNotConflict } from './mesh-hosts-do-not-conflict.ts';
import { requestIdKept } from './request-id-kept.ts';
import { ruleReachable } from './rule-reachable.ts';
import { subsetRulesReachGateway } from './subset-rules-reach-gateway.ts';
import { virtualServiceHasHosts } from './virtual-service-has-hosts.ts';

export const rules: readonly Rule[] = [
  destinationHostExists,
  destinationPortChosen,
  destinationPortExists,
  destinationSubsetExists,
  gatewayExists,
  gatewayNotInternal,
  hostsServedByGateway,
  jwtClaimsAreAuthenticated,
  matchNotDuplicated,
  meshHostsDoNotConflict,
  requestIdKept,
  ruleReachable,
  subsetRulesReachGateway,
  virtualServiceHasHosts,
];

/** DestinationRules and ServiceEntries: where traffic can be sent, and how it is secured on the way. */
import type { Rule } from '../../model/rule.ts';
import { caCertificatesSet } from './ca-certificates-set.ts';
import { destinationRuleHostExists } from './destination-rule-host-exists.ts';
import { portCaCertificatesSet } from './port-ca-certificates-set.ts';
import { routedSubsetSelectsWorkloads } from './routed-subset-selects-workloads.ts';
import { serviceEntryAddressesSet } from './service-entry-addresses-set.ts';
import { serviceEntryProtocolsAgree } from './service-entry-protocols-agree.ts';
import { strictWorkloadsGetMutualTls } from './strict-workloads-get-mutual-tls.ts';
import { subsetSelectsWorkloads } from './subset-selects-workloads.ts';

export const rules: readonly Rule[] = [
  caCertificatesSet,
  destinationRuleHostExists,
  portCaCertificatesSet,
  routedSubsetSelectsWorkloads,
  serviceEntryAddressesSet,
  serviceEntryProtocolsAgree,
  strictWorkloadsGetMutualTls,
  subsetSelectsWorkloads,
];

/** Networks and services that span clusters. */
import type { Rule } from '../../model/rule.ts';
import { networkRegistriesKnown } from './network-registries-known.ts';
import { servicesAlikeInClusters } from './services-alike-in-clusters.ts';

export const rules: readonly Rule[] = [networkRegistriesKnown, servicesAlikeInClusters];

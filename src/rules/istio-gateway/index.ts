/** Gateways: their ports, hosts, certificates and the workloads that serve them. */
import type { Rule } from '../../model/rule.ts';
import { certificateNotShared } from './certificate-not-shared.ts';
import { credentialExists } from './credential-exists.ts';
import { credentialValid } from './credential-valid.ts';
import { selectorMatchesWorkload } from './selector-matches-workload.ts';
import { serverPortExposed } from './server-port-exposed.ts';
import { serversDoNotConflict } from './servers-do-not-conflict.ts';

export const rules: readonly Rule[] = [
  certificateNotShared,
  credentialExists,
  credentialValid,
  selectorMatchesWorkload,
  serverPortExposed,
  serversDoNotConflict,
];

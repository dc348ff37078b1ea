/** Services and the workloads behind them, as the mesh reads them. */
import type { Rule } from '../../model/rule.ts';
import { externalNamePortNamed } from './external-name-port-named.ts';
import { portProtocolNamed } from './port-protocol-named.ts';
import { targetPortHasOneServicePort } from './target-port-has-one-service-port.ts';
import { userIdNotReserved } from './user-id-not-reserved.ts';
import { workloadPortsHaveOneProtocol } from './workload-ports-have-one-protocol.ts';

export const rules: readonly Rule[] = [
  externalNamePortNamed,
  portProtocolNamed,
  targetPortHasOneServicePort,
  userIdNotReserved,
  workloadPortsHaveOneProtocol,
];

/** Which port of the workload is called, and what its proxy takes it for. */
import type { AuthzRequest } from '../../../model/authz.ts';
import type { Resource } from '../../../model/resource.ts';
import type { Workload } from '../../../model/workloads.ts';
import { handlingOfPort, type PortHandling, workloadPorts } from '../workload-ports.ts';

export interface AskedPort {
  readonly request: AuthzRequest;
  readonly handling: PortHandling | undefined;
  readonly notes: readonly string[];
}

/** Policies are asked with the port of the pod; whoever names that of a Service means the one it leads to. */
export function portMeant(request: AuthzRequest, workload: Workload, services: readonly Resource[]): AskedPort {
  const ports = workloadPorts(workload, services);
  const wanted = request.port;
  const own = ports.find(({ port }) => port === wanted);
  if (wanted === undefined) {
    const served = ports.filter((port) => port.services.length > 0);
    const [only] = served.length > 0 ? served : ports;
    const handlings = new Set((served.length > 0 ? served : ports).map(handlingOfPort));
    if (!only || (served.length > 0 ? served : ports).length > 1)
      return { request, handling: handlings.size === 1 ? [...handlings][0] : undefined, notes: [] };
    return { request: { ...request, port: only.port }, handling: handlingOfPort(only), notes: [] };
  }
  if (own) return { request, handling: handlingOfPort(own), notes: [] };
  const behind = ports.find((port) => port.services.some((each) => each.port === wanted));
  if (!behind) return { request, handling: 'detected', notes: [] };
  const notes = [`Port ${wanted} is the Service's; policies are asked with the pod's, ${behind.port}.`];
  return { request: { ...request, port: behind.port }, handling: handlingOfPort(behind), notes };
}

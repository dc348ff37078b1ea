/** What a ztunnel has of the mesh, as its administration tells it. */
import { stringAt } from '../../model/body.ts';
import type { Ambient, AmbientPort, AmbientService, AmbientWorkload } from './ambient.ts';
import type { AmbientMatch, AmbientPolicy } from './ambient-policies.ts';

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

export const heldConfiguration = (ambient: Ambient): object => ({
  workloads: [...ambient.workloads].sort((left, right) => byText(left.uid, right.uid)).map(workload),
  services: [...ambient.services]
    .sort((left, right) => byText(left.service.host, right.service.host))
    .map((each) => service(each, ambient.workloads)),
  policies: ambient.policies.map(policy),
  stagedServices: {},
});

function policy({ namespace, name, scope, action, rules }: AmbientPolicy): object {
  const value = (each: string | undefined): object => (each === undefined ? { Presence: [] } : { Exact: each });
  const match = (of: AmbientMatch): object => Object.fromEntries(Object.entries(of).map(([key, values]) => [key, values.map(value)]));
  return {
    ...{ name, namespace, scope, action, dryRun: false },
    rules: rules.map((clauses) => clauses.map((matches) => matches.map(match))),
  };
}

function workload({ pod, uid, address, isHealthy, isTunnelled, policies, canonical, workloadName, services }: AmbientWorkload): object {
  return {
    workloadIps: [address],
    ...{
      protocol: isTunnelled ? 'HBONE' : 'TCP',
      networkMode: 'Standard',
      uid,
      name: pod.metadata.name,
      namespace: pod.metadata.namespace,
    },
    ...{ trustDomain: 'cluster.local', serviceAccount: stringAt(pod, 'spec', 'serviceAccountName') ?? 'default', workloadName },
    ...{ workloadType: 'deployment', canonicalName: canonical.name, canonicalRevision: canonical.revision },
    node: stringAt(pod, 'spec', 'nodeName'),
    ...(policies.length > 0 ? { authorizationPolicies: policies } : {}),
    ...{ status: isHealthy ? 'Healthy' : 'Unhealthy', clusterId: 'Kubernetes' },
    ...(services.size === 0 ? {} : { services: [...services.keys()] }),
    capacity: 1,
  };
}

const portMap = (ports: readonly AmbientPort[]): object =>
  Object.fromEntries(ports.map(({ servicePort, targetPort }) => [String(servicePort), targetPort]));

/** Endpoints that are not healthy are left out. */
function service({ service: own, ports, waypoint }: AmbientService, workloads: readonly AmbientWorkload[]): object {
  const { name, namespace, host, clusterIp } = own;
  const endpoints = workloads.flatMap(({ uid, services, isHealthy }) => {
    const target = services.get(`${namespace}/${host}`);
    return target && isHealthy ? [[uid, { workloadUid: uid, port: portMap(target), status: 'Healthy' }]] : [];
  });
  return {
    ...{ name, namespace, hostname: host, vips: clusterIp === 'None' ? [] : [`/${clusterIp}`], ports: portMap(ports) },
    ...{ endpoints: Object.fromEntries(endpoints), subjectAltNames: [] },
    ...(waypoint === undefined ? {} : { waypoint: { destination: `${namespace}/${waypoint}`, hboneMtlsPort: 15_008 } }),
    ...{ ipFamilies: 'IPv4', canonical: true, visibility: 'Public' },
  };
}

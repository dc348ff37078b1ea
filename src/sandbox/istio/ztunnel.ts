/** The administration port of ztunnel. @see https://github.com/istio/ztunnel/blob/master/src/admin.rs */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { stringAt } from '../../model/body.ts';
import { type Ambient, type AmbientPort, type AmbientService, type AmbientWorkload, STRICT } from './ambient.ts';

/** A certificate that it holds for the workloads of an identity. */
interface HeldCertificate {
  readonly identity: string;
  /** PEM, the leaf first, the authority last. */
  readonly chain: readonly string[];
}

export interface Ztunnel {
  readonly ambient: Ambient;
  readonly version: string;
  readonly certificates: readonly HeldCertificate[];
}

export function answerZtunnel(request: IncomingMessage, response: ServerResponse, ztunnel: Ztunnel): void {
  request.resume();
  const { pathname } = new URL(request.url ?? '/', 'http://ztunnel');
  if (pathname === '/config_dump') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(dump(ztunnel), undefined, 2));
  } else if (pathname === '/logging') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('current log level is hickory_server::server::server_future=off,info\n');
  } else {
    response.writeHead(404).end();
  }
}

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const dump = ({ ambient, version, certificates }: Ztunnel): object => ({
  workloads: [...ambient.workloads].sort((left, right) => byText(left.uid, right.uid)).map(workload),
  services: [...ambient.services]
    .sort((left, right) => byText(left.service.host, right.service.host))
    .map((each) => service(each, ambient.workloads)),
  policies: [
    {
      ...{ name: STRICT.name, namespace: STRICT.namespace, scope: 'WorkloadSelector', action: 'Deny' },
      rules: [[[{ notPrincipals: [{ Presence: [] }] }]]],
      dryRun: false,
    },
  ],
  stagedServices: {},
  staticConfig: { workloads: [], policies: [], services: [] },
  version: { version, gitRevision: '0123456789abcdef', istioVersion: version, buildStatus: 'Clean' },
  config: { proxyMode: 'Shared', xdsOnDemand: false, clusterId: 'Kubernetes', network: '' },
  certificates: certificates.map(({ identity, chain }) => ({
    ...{ identity, state: 'Available', certChain: chain.slice(0, 1).map(certificate), rootCerts: chain.slice(-1).map(certificate) },
  })),
});

function workload({ pod, uid, address, isHealthy, isTunnelled, isStrict, canonical, workloadName, services }: AmbientWorkload): object {
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
    ...(isStrict ? { authorizationPolicies: [`${STRICT.namespace}/${STRICT.name}`] } : {}),
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

function certificate(pem: string): object {
  const read = new X509Certificate(pem);
  const time = (text: string): string => new Date(text).toISOString().replace('.000Z', 'Z');
  return {
    pem: Buffer.from(pem).toString('base64'),
    serialNumber: BigInt(`0x${read.serialNumber}`).toString(),
    validFrom: time(read.validFrom),
    expirationTime: time(read.validTo),
  };
}

/**
 * istiod's xDS ports as tools use them: what it tells of its proxies. The one with TLS asks who wants to know.
 * @see https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
 */
import type { Duplex } from 'node:stream';
import { fieldsOf } from '../api/protobuf.ts';
import type { Account } from '../api/tokens.ts';
import { type Certificate, issueCertificate } from '../pki/certificate.ts';
import { type GrpcCall, type GrpcMethod, GrpcProblem, grpcServer } from '../programs/grpc-server.ts';
import type { KubeObject } from '../store/object.ts';
import { type Istiod, settingOf } from './istiod.ts';
import { configDump, syncStatus } from './xds-answers.ts';

const PLAIN_PORT = 15_010;
const SECURE_PORT = 15_012;
const AUDIENCE = 'istio-ca';
const METHOD = 'envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';
const DAY_MS = 86_400_000;

interface Place {
  readonly pod: KubeObject;
  readonly isSecure: boolean;
}

/** @returns a function that opens a connection to a port of an istiod; undefined for ports that are none of xDS */
export function xdsServer(istiod: Istiod, authority: Certificate): (pod: KubeObject, port: number) => Duplex | undefined {
  const methods = { [METHOD]: (call: GrpcCall<Place>) => converse(istiod, call) };
  const certificates = new Map<string, Certificate>();
  const certificateFor = ({ pod }: Place): Certificate => {
    const { uid = '' } = pod.metadata;
    const certificate = certificates.get(uid) ?? servingCertificate(pod, authority);
    certificates.set(uid, certificate);
    return certificate;
  };
  const openPlain = grpcServer<Place>(methods);
  const openSecure = grpcServer<Place>(methods, certificateFor);
  return (pod, port) => {
    if (port === PLAIN_PORT) return openPlain({ pod, isSecure: false });
    return port === SECURE_PORT ? openSecure({ pod, isSecure: true }) : undefined;
  };
}

function servingCertificate({ metadata }: KubeObject, issuer: Certificate): Certificate {
  const revision = metadata.labels?.['istio.io/rev'] ?? 'default';
  const services = ['istiod', 'istiod-remote', 'istio-pilot', ...(revision === 'default' ? [] : [`istiod-${revision}`])];
  const dnsNames = services.map((service) => `${service}.${metadata.namespace}.svc`);
  // By the clock of the machine, as its clients check it.
  const notBefore = Date.now() - DAY_MS;
  return issueCertificate({ commonName: '', dnsNames, issuer, notBefore, notAfter: notBefore + 365 * DAY_MS });
}

const converse: (istiod: Istiod, call: GrpcCall<Place>) => ReturnType<GrpcMethod<Place>> = async function* (
  istiod,
  { place, metadata, messages },
) {
  const caller = place.isSecure ? callerOf(istiod, metadata.authorization) : undefined;
  let isKnown = false;
  for await (const bytes of messages) {
    const request = readRequest(bytes);
    if (!isKnown) authorize(request, caller);
    isKnown = true;
    const answer = answerTo(istiod, place.pod, request, caller);
    if (answer) yield answer;
  }
};

function callerOf({ inside }: Istiod, authorization = ''): Account {
  const account = authorization.startsWith('Bearer ') ? inside.judge(authorization.slice('Bearer '.length), [AUDIENCE]) : undefined;
  if (!account) throw new GrpcProblem('UNAUTHENTICATED', 'authentication failure');
  return account;
}

/** The node that asks must be the one that its credentials are for. */
function authorize({ nodeId, namespace, account }: XdsRequest, caller: Account | undefined): void {
  if (nodeId === '') throw new GrpcProblem('INVALID_ARGUMENT', 'missing node information');
  if (nodeId.split('~').length !== 4) throw new GrpcProblem('INVALID_ARGUMENT', `missing parts in the service node "${nodeId}"`);
  if (!caller || (caller.namespace === namespace && (account === '' || caller.name === account))) return;
  const own = `spiffe://cluster.local/ns/${caller.namespace}/sa/${caller.name}`;
  throw new GrpcProblem('PERMISSION_DENIED', `authorization failed: no identities ([${own}]) matched ${namespace}/${account}`);
}

function answerTo(istiod: Istiod, pod: KubeObject, { type, names }: XdsRequest, caller: Account | undefined): Uint8Array | undefined {
  const isOpen = settingOf(pod, 'ENABLE_DEBUG_ENDPOINT_AUTH') === 'false';
  if (type.startsWith('istio.io/debug') && !caller && !isOpen) throw new GrpcProblem('UNAUTHENTICATED', 'authentication required');
  // Those of the control plane's own namespace see all.
  const only = caller && caller.namespace !== pod.metadata.namespace && !isOpen ? caller.namespace : undefined;
  if (type === 'istio.io/debug/syncz') return syncStatus(istiod, pod, only);
  if (type === 'istio.io/debug/config_dump') return configDump(istiod, pod, names, only);
  return undefined;
}

interface XdsRequest {
  readonly nodeId: string;
  /** Of the node's metadata. */
  readonly namespace: string;
  readonly account: string;
  readonly type: string;
  readonly names: readonly string[];
}

function readRequest(bytes: Buffer): XdsRequest {
  const all = [...fieldsOf(bytes)];
  const texts = (number: number): readonly string[] => all.flatMap((field) => (field.number === number ? String(field.value) : []));
  const node = bytesAt(bytes, 2);
  const metadata = new Map(
    [...fieldsOf(bytesAt(node, 3))].map(({ value }) => [textAt(value as Buffer, 1), textAt(bytesAt(value as Buffer, 2), 3)]),
  );
  return {
    nodeId: textAt(node, 1),
    namespace: metadata.get('NAMESPACE') ?? '',
    account: metadata.get('SERVICE_ACCOUNT') ?? '',
    type: texts(4).at(-1) ?? '',
    names: texts(3),
  };
}

/** The last value of a field; empty when it is absent. */
function bytesAt(bytes: Buffer, number: number): Buffer {
  const value = [...fieldsOf(bytes)].filter((field) => field.number === number).at(-1)?.value;
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

const textAt = (bytes: Buffer, number: number): string => bytesAt(bytes, number).toString();

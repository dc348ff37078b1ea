/**
 * istiod's debug interface over xDS, which is there also where its pages are turned off.
 *
 * As istioctl does, it proves with a token that it may ask: of the service account `default` beside istiod, for istiod
 * alone. Unlike istioctl, it gives the token to nobody but a program that the mesh's authority vouches for.
 * @see https://istio.io/latest/docs/reference/commands/istioctl/#istioctl-proxy-status
 */
import { EXIT, MeshctlError } from '../../../errors.ts';
import { itemsAt, numberAt, stringAt } from '../../../model/body.ts';
import type { Cluster, PodTls } from '../../../model/cluster.ts';
import type { Resource } from '../../../model/resource.ts';
import { jsonValue } from '../../../text/json-value.ts';
import { decode, encode } from '../../../text/protobuf.ts';
import { CONFIG_MAP } from '../kinds.ts';
import { DISCOVERY_REQUEST, DISCOVERY_RESPONSE } from './messages.ts';

const METHOD = 'envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';
const SECURE_PORT = 15012;
const PLAIN_PORT = 15010;
const ACCOUNT = 'default';

interface XdsResource {
  /** `type.googleapis.com/envoy.service.status.v3.ClientConfig`. */
  readonly type: string;
  readonly value: Uint8Array;
}

export interface XdsAnswer {
  /** The pod of istiod that answered, and its version, where it tells. */
  readonly controlPlane: { readonly id: string; readonly version: string } | undefined;
  readonly resources: readonly XdsResource[];
}

export interface XdsOptions {
  /** Port 15010, without a token: istiods answer there that do not ask who wants to know. */
  readonly plaintext?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @param typeUrl `istio.io/debug/syncz`
 * @throws MeshctlError E_GRPC_UNAUTHENTICATED and others of `PodPort.call`, E_ISTIO_AUTHORITY when istiod's certificate could not be verified
 */
export async function debugOverXds(
  cluster: Cluster,
  istiod: Resource,
  typeUrl: string,
  resourceNames: readonly string[],
  { plaintext = false, signal }: XdsOptions = {},
): Promise<XdsAnswer> {
  const { namespace } = istiod;
  const [tls, token] = plaintext ? [] : await Promise.all([tlsOf(cluster, istiod, signal), tokenFor(cluster, istiod, signal)]);
  const metadata = { GENERATOR: 'event', ISTIO_VERSION: '65536.65536.65536', NAMESPACE: namespace, SERVICE_ACCOUNT: ACCOUNT };
  const node = { id: `sidecar~127.0.0.1~meshctl.${namespace}~${namespace}.svc.cluster.local`, metadata };
  const answers = cluster
    .podPort(istiod, portOf(istiod, plaintext))
    .call(METHOD, encode(DISCOVERY_REQUEST, { node, resourceNames, typeUrl }), {
      kind: 'conversation',
      tls,
      metadata: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal,
    });
  // The first answer is all there is to it; later ones would tell of changes.
  for await (const bytes of answers) return answerIn(bytes);
  signal?.throwIfAborted();
  throw new MeshctlError('E_ISTIOD', `istiod ${namespace}/${istiod.name} has no answer to "${typeUrl}".`, { exit: EXIT.unreachable });
}

function answerIn(bytes: Uint8Array): XdsAnswer {
  const response = decode('DiscoveryResponse', DISCOVERY_RESPONSE, bytes);
  const plane = jsonValue(stringAt(response, 'controlPlane', 'identifier') ?? '');
  const id = stringAt(plane, 'ID');
  return {
    controlPlane: id === undefined ? undefined : { id, version: stringAt(plane, 'Info', 'version') ?? '' },
    resources: itemsAt(response, 'resources').map(({ item }) => ({
      type: stringAt(item, 'type') ?? '',
      value: (item['value'] as Uint8Array | undefined) ?? new Uint8Array(),
    })),
  };
}

const containers = ({ body }: Resource) => itemsAt(body, 'spec', 'containers').map(({ item }) => item);

function portOf(istiod: Resource, plaintext: boolean): number {
  const named = containers(istiod)
    .flatMap((container) => itemsAt(container, 'ports'))
    .find(({ item }) => stringAt(item, 'name') === (plaintext ? 'grpc-xds' : 'tls-xds'));
  return numberAt(named?.item, 'containerPort') ?? (plaintext ? PLAIN_PORT : SECURE_PORT);
}

const settingOf = (istiod: Resource, name: string): string | undefined =>
  containers(istiod)
    .flatMap((container) => itemsAt(container, 'env'))
    .flatMap(({ item }) => (stringAt(item, 'name') === name ? (stringAt(item, 'value') ?? []) : []))
    .at(-1);

async function tlsOf(cluster: Cluster, istiod: Resource, signal: AbortSignal | undefined): Promise<PodTls> {
  const { namespace, labels } = istiod;
  const name = settingOf(istiod, 'PILOT_CA_CERT_CONFIGMAP') ?? 'istio-ca-root-cert';
  const ca = stringAt((await cluster.get({ kind: CONFIG_MAP, namespace, name }, signal))?.body, 'data', 'root-cert.pem') ?? '';
  if (ca === '') {
    const hint = 'istiod writes it when it has its authority; is it running?';
    const message = `Nothing says who signs for istiod ${namespace}/${istiod.name}: ConfigMap ${namespace}/${name} has no root-cert.pem.`;
    throw new MeshctlError('E_ISTIO_AUTHORITY', message, { hint, exit: EXIT.unreachable });
  }
  const revision = labels['istio.io/rev'] ?? 'default';
  const own = `istiod.${namespace}.svc`;
  return { ca, names: revision === 'default' ? [own] : [`istiod-${revision}.${namespace}.svc`, own] };
}

function tokenFor(cluster: Cluster, istiod: Resource, signal: AbortSignal | undefined): Promise<string> {
  const audience = settingOf(istiod, 'TOKEN_AUDIENCES')?.split(',')[0] || 'istio-ca';
  return cluster.token({ kind: 'core/ServiceAccount', namespace: istiod.namespace, name: ACCOUNT }, { audience, signal });
}

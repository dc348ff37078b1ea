/** What the policy controller answers of a port of a pod: the Server that selects it, or the default, and who is let in. */
import { itemsAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import { labelSelectorMatches } from '../../model/labels.ts';
import { GrpcProblem } from '../programs/grpc-server.ts';
import { message, type WrittenField } from '../programs/protobuf-writer.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import { isOpaque } from './exchange-view.ts';
import { CLUSTER_NETWORKS, INBOUND_POLICY, identityName } from './names.ts';
import { proxyOf } from './pods.ts';
import { duration, ip, mapEntries } from './written-values.ts';

const DETECT_MS = 10_000;
const POLICIES = 'policy.linkerd.io';
const NOTHING = Buffer.alloc(0);
const EVERYWHERE = ['0.0.0.0/0'];

const defaultPolicyOf = (pod: KubeObject): string =>
  pod.metadata.annotations?.['config.linkerd.io/default-inbound-policy'] ?? INBOUND_POLICY;

/** @param workload `emojivoto:web-1` */
export function inboundServer(store: Store, workload: string, port: number): Buffer {
  const [namespace = '', name = ''] = workload.split(':');
  const pod = store.get('core/Pod', namespace, name);
  if (!pod || !proxyOf(pod) || port < 1 || port > 65_535) throw new GrpcProblem('NOT_FOUND', 'unknown pod');
  const server = store.list(`${POLICIES}/Server`, namespace).find((each) => selects(each, pod, port));
  const authorizations = server ? authorizationsOf(store, server) : defaultAuthorizations(defaultPolicyOf(pod));
  const labels = server
    ? { group: POLICIES, kind: 'server', name: server.metadata.name }
    : { group: '', kind: 'default', name: defaultPolicyOf(pod) };
  return message(
    [1, protocolOf(server, isOpaque(pod, port))],
    ...authorizations.map((each) => [3, each] as const),
    ...mapEntries(labels).map((entry) => [4, entry] as const),
  );
}

function selects(server: KubeObject, pod: KubeObject, port: number): boolean {
  if (!labelSelectorMatches(objectAt(server, 'spec', 'podSelector'), pod.metadata.labels ?? {})) return false;
  const wanted = objectAt(server, 'spec')['port'];
  const named = itemsAt(pod, 'spec', 'containers').flatMap(({ item }) => itemsAt(item, 'ports'));
  return wanted === port || named.some(({ item }) => item['name'] === wanted && item['containerPort'] === port);
}

const PROTOCOLS: Readonly<Record<string, WrittenField>> = {
  opaque: [2, NOTHING],
  TLS: [3, NOTHING],
  'HTTP/1': [4, NOTHING],
  'HTTP/2': [5, NOTHING],
  gRPC: [6, NOTHING],
};

function protocolOf(server: KubeObject | undefined, opaque: boolean): Buffer {
  const stated = PROTOCOLS[stringAt(server, 'spec', 'proxyProtocol') ?? (opaque && !server ? 'opaque' : '')];
  return message(stated ?? [1, message([1, duration(DETECT_MS)])]);
}

const authorization = (labels: Readonly<Record<string, string>>, networks: readonly string[], clients: Buffer): Buffer =>
  message(
    ...networks.filter((each) => !each.includes(':')).map((each) => [1, message([1, network(each)])] as const),
    [2, clients],
    ...mapEntries(labels).map((entry) => [3, entry] as const),
  );

function network(text: string): Buffer {
  const [base = '', prefix = '32'] = text.split('/');
  return message([1, ip(base)], [2, Number(prefix)]);
}

const ANYONE = message([1, NOTHING]);
const meshed = (names: readonly string[]): Buffer => {
  const fields = names.map(
    (name): WrittenField =>
      name === '*'
        ? [2, NOTHING]
        : name.startsWith('*.')
          ? [
              2,
              message(
                ...name
                  .split('.')
                  .slice(1)
                  .map((part) => [1, part] as const),
              ),
            ]
          : [1, message([1, name])],
  );
  return message([2, message([2, message(...fields)])]);
};

function defaultAuthorizations(policy: string): readonly Buffer[] {
  if (policy === 'deny') return [];
  const labels = { group: '', kind: 'default', name: policy };
  const networks = policy.startsWith('cluster-') ? CLUSTER_NETWORKS.split(',') : EVERYWHERE;
  if (policy.endsWith('-tls-unauthenticated')) return [authorization(labels, networks, message([2, message([1, NOTHING])]))];
  return [authorization(labels, networks, policy.endsWith('-unauthenticated') ? ANYONE : meshed(['*']))];
}

function authorizationsOf(store: Store, server: KubeObject): readonly Buffer[] {
  const { name, namespace = '' } = server.metadata;
  return store
    .list(`${POLICIES}/AuthorizationPolicy`, namespace)
    .filter((each) => {
      const target = objectAt(each, 'spec', 'targetRef');
      return target['kind'] === 'Namespace' ? target['name'] === namespace : target['kind'] === 'Server' && target['name'] === name;
    })
    .map((policy) => {
      const required = itemsAt(policy, 'spec', 'requiredAuthenticationRefs').map(({ item }) => item);
      const named = (kind: string) =>
        required.flatMap((ref) =>
          ref['kind'] === kind
            ? (store.get(`${POLICIES}/${kind}`, stringAt(ref, 'namespace') ?? namespace, stringAt(ref, 'name') ?? '') ?? [])
            : [],
        );
      const accounts = required.flatMap((ref) =>
        ref['kind'] === 'ServiceAccount' ? [identityName(stringAt(ref, 'name') ?? '', stringAt(ref, 'namespace') ?? namespace)] : [],
      );
      const names = [
        ...accounts,
        ...named('MeshTLSAuthentication').flatMap((each) => stringsAt(each, 'spec', 'identities').map(({ value }) => value)),
      ];
      const networks = named('NetworkAuthentication').flatMap((each) =>
        itemsAt(each, 'spec', 'networks').map(({ item }) => String(item['cidr'])),
      );
      const labels = { group: POLICIES, kind: 'authorizationpolicy', name: policy.metadata.name };
      return authorization(labels, networks.length > 0 ? networks : EVERYWHERE, names.length > 0 ? meshed(names) : ANYONE);
    });
}

/** Options → the request that is asked about. */
import { MeshctlError } from '../errors.ts';
import { targetWorkloads } from '../gather/target-workloads.ts';
import type { AuthzRequest, Client } from '../model/authz.ts';
import { stringAt } from '../model/body.ts';
import type { MeshAdapter } from '../model/mesh-adapter.ts';
import { friendlyName } from '../model/resource.ts';
import type { ResourceSet } from '../model/resource-set.ts';
import { parseAddress } from '../text/ip-network.ts';
import { type Options, textOf, textsOf } from './define.ts';

const TELLING = ['from', 'fromIp', 'remoteIp', 'port', 'method', 'path', 'host', 'sni', 'requestPrincipal'];

/** @returns undefined when no option tells of a request */
export function requestOf(options: Options, namespace: string, mesh: MeshAdapter, resources: ResourceSet): AuthzRequest | undefined {
  const isAsked = TELLING.some((name) => textOf(options, name) !== undefined);
  if (!isAsked && textsOf(options, 'header').length + textsOf(options, 'jwtClaim').length === 0) return undefined;
  const client = clientOf(textOf(options, 'from'), namespace, mesh, resources);
  return {
    from: client?.from,
    fromIp: addressOf(textOf(options, 'fromIp'), '--from-ip') ?? client?.address,
    remoteIp: addressOf(textOf(options, 'remoteIp'), '--remote-ip'),
    port: portOf(textOf(options, 'port')),
    method: textOf(options, 'method')?.toUpperCase(),
    path: pathOf(textOf(options, 'path')),
    host: textOf(options, 'host'),
    sni: textOf(options, 'sni'),
    headers: new Map(
      textsOf(options, 'header')
        .map((text) => pairOf(text, '--header'))
        .map(([name, value]) => [name.toLowerCase(), value]),
    ),
    requestPrincipal: principalOf(textOf(options, 'requestPrincipal')),
    claims: claimsOf(textsOf(options, 'jwtClaim')),
  };
}

interface Told {
  readonly from: Client | 'none';
  readonly address?: string | undefined;
}

function clientOf(text: string | undefined, namespace: string, mesh: MeshAdapter, resources: ResourceSet): Told | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return { from: 'none' };
  const identity = identityOf(text);
  if (identity) return { from: identity };
  const { target, workloads } = targetWorkloads(text, namespace, resources);
  const [workload] = workloads;
  if (!workload) throw new MeshctlError('E_TARGET', `${friendlyName(target)} has no pods that could be clients.`, { hint: IDENTITIES });
  const pod = workload.isPod ? workload.resource : undefined;
  const hasProxy = mesh.hasIdentity ? mesh.hasIdentity(workload, resources) : !pod || mesh.proxyOf?.(pod) !== undefined;
  return {
    from: {
      namespace: workload.namespace,
      serviceAccount: stringAt(workload.podSpec, 'serviceAccountName') || 'default',
      labels: workload.labels,
      title: friendlyName(target),
      unproven: hasProxy ? undefined : 'it has no proxy, and shows no identity',
    },
    address: stringAt(pod?.body, 'status', 'podIP'),
  };
}

const IDENTITIES = 'Write NAMESPACE/SERVICEACCOUNT, pod/NAME, deploy/NAME, spiffe://…, or none for a client outside the mesh.';

/** `pod/x` names a workload, `shop/cart` a service account. */
const TYPES = /^(?:po|pods?|deploy|deployments?|sts|statefulsets?|ds|daemonsets?|rs|replicasets?|svc|services?|gtw|gateways?)\//i;

function identityOf(text: string): Client | undefined {
  const [, trustDomain, spiffeNamespace, spiffeAccount] = /^(?:spiffe:\/\/)?([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(text) ?? [];
  if (trustDomain !== undefined && spiffeNamespace !== undefined && spiffeAccount !== undefined) {
    return { trustDomain, namespace: spiffeNamespace, serviceAccount: spiffeAccount, title: text };
  }
  if (TYPES.test(text)) return undefined;
  const [, namespace, serviceAccount] = /^([^/\s]+)\/([^/\s]+)$/.exec(text) ?? [];
  if (namespace !== undefined && serviceAccount !== undefined) return { namespace, serviceAccount, title: `service account ${text}` };
  if (text.includes('/')) throw new MeshctlError('E_USAGE', `--from "${text}" names no client.`, { hint: IDENTITIES });
  return undefined;
}

function addressOf(text: string | undefined, flag: string): string | undefined {
  if (text === undefined || parseAddress(text)) return text;
  throw new MeshctlError('E_USAGE', `${flag} "${text}" is no address.`, { hint: 'Write an address of IPv4 or IPv6, such as 10.0.0.7.' });
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port <= 65_535) return port;
  throw new MeshctlError('E_USAGE', `--port "${text}" is no port.`, { hint: 'Ports go from 1 to 65535.' });
}

function pathOf(text: string | undefined): string | undefined {
  if (text === undefined || text.startsWith('/')) return text;
  throw new MeshctlError('E_USAGE', `--path "${text}" does not begin with a slash.`, { hint: `Write it as a request has it: "/${text}".` });
}

function principalOf(text: string | undefined): string | undefined {
  if (text === undefined || text === 'none' || /[^/]\/[^/]/.test(text)) return text;
  throw new MeshctlError('E_USAGE', `--request-principal "${text}" names no token.`, {
    hint: 'Write ISSUER/SUBJECT, as in "https://issuer.example.com/alice", or none for a request without a token.',
  });
}

function pairOf(text: string, flag: string): readonly [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  throw new MeshctlError('E_USAGE', `${flag} "${text}" has no value.`, {
    hint: `Write ${flag} NAME=VALUE, and NAME= for one that is not there.`,
  });
}

function claimsOf(texts: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const claims = new Map<string, string[]>();
  for (const [name, value] of texts.map((text) => pairOf(text, '--jwt-claim'))) {
    const values = claims.get(name) ?? [];
    if (value !== '') values.push(value);
    claims.set(name, values);
  }
  return claims;
}

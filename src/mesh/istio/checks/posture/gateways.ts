/** What gateways offer to the outside. */
import { booleanAt, itemsAt, numberAt, stringAt, stringsAt } from '../../../../model/body.ts';
import type { Affected, Check, CheckResult, Facts } from '../../../../model/check.ts';
import { concerns } from '../../../../model/check-scope.ts';
import type { Body, Resource } from '../../../../model/resource.ts';
import { count } from '../../../../text/words.ts';
import { postureCheck } from '../../../checks/posture/traits.ts';
import { GATEWAY, HTTP_ROUTE, KUBERNETES_GATEWAY } from '../../kinds.ts';

const SECURE = 'https://istio.io/latest/docs/ops/best-practices/security/#gateways';

export const gatewayHostsNamed: Check = postureCheck({
  id: 'istio/posture-gateway-hosts-named',
  title: 'Gateways serve hosts that they name.',
  why: 'A server for every host takes requests for any name that leads to it, and a VirtualService of any namespace can claim one.',
  docs: 'https://istio.io/latest/docs/ops/best-practices/security/#restrict-gateway-creation-privileges',
  reads: [GATEWAY],
  run: async (facts) =>
    judged(
      await serversOf(facts),
      'Gateways serve every host.',
      'List the hosts in "servers[].hosts", with a namespace before them if only its routes are meant, as in "shop/shop.example.com".',
      ({ server, hosts }) => (servesRequests(server) && !redirects(server) && hosts.some(isEveryHost) ? 'serves every host.' : undefined),
    ),
});

export const gatewayHttpRedirects: Check = postureCheck({
  id: 'istio/posture-gateway-http-redirected',
  title: 'Gateways serve plain HTTP only to redirect it.',
  why: 'What is sent over plain HTTP, cookies and tokens included, can be read and changed on its way.',
  docs: SECURE,
  reads: [GATEWAY, KUBERNETES_GATEWAY, HTTP_ROUTE],
  run: async (facts) => {
    const result = await judged(
      [...(await serversOf(facts)), ...(await listenersOf(facts))],
      'Gateways serve plain HTTP.',
      'Set "tls: { httpsRedirect: true }" on the server of port 80, and serve HTTPS beside it; of Gateway API, attach an HTTPRoute with a RequestRedirect to "https".',
      ({ server, hosts }) => (isPlain(server) && !redirects(server) && !hosts.every(isLocal) ? 'serves plain HTTP.' : undefined),
    );
    return result;
  },
});

export const gatewayTlsModern: Check = postureCheck({
  id: 'istio/posture-gateway-tls-modern',
  title: 'Gateways speak no version of TLS before 1.2.',
  why: 'TLS 1.0 and 1.1 have known weaknesses, and rules such as those for payment cards forbid them.',
  docs: 'https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings-TLSProtocol',
  reads: [GATEWAY],
  run: async (facts) =>
    judged(
      await serversOf(facts),
      'Gateways speak old versions of TLS.',
      'Remove "tls.minProtocolVersion", or set it to TLSV1_2 or TLSV1_3.',
      ({ server }) => {
        const least = stringAt(server, 'tls', 'minProtocolVersion');
        return least === 'TLSV1_0' || least === 'TLSV1_1' ? `accepts ${least}.` : undefined;
      },
    ),
});

interface GatewayServer {
  readonly resource: Resource;
  readonly server: Body;
  /** Without the namespace that may stand before them. */
  readonly hosts: readonly string[];
}

async function serversOf(facts: Facts): Promise<readonly GatewayServer[]> {
  const gateways = (await facts.list(GATEWAY)).filter((gateway) => concerns(facts, gateway));
  return gateways.flatMap((resource) =>
    itemsAt(resource.body, 'spec', 'servers').map(({ item: server }) => ({
      ...{ resource, server },
      hosts: stringsAt(server, 'hosts').map(({ value }) => value.slice(value.indexOf('/') + 1)),
    })),
  );
}

/** Listeners of Gateway API as servers; one whose routes all redirect is a redirecting one. */
async function listenersOf(facts: Facts): Promise<readonly GatewayServer[]> {
  const routes = await facts.list(HTTP_ROUTE);
  const gateways = (await facts.list(KUBERNETES_GATEWAY)).filter((gateway) => concerns(facts, gateway) && isIstios(gateway));
  return gateways.flatMap((resource) =>
    itemsAt(resource.body, 'spec', 'listeners').map(({ item }) => {
      const own = routes.filter((route) => isAttached(route, resource, stringAt(item, 'name')));
      const httpsRedirect = own.every((route) => itemsAt(route.body, 'spec', 'rules').every(({ item: rule }) => redirectsToHttps(rule)));
      const port = { number: numberAt(item, 'port'), protocol: stringAt(item, 'protocol') };
      return { resource, server: { port, name: item['name'], tls: { httpsRedirect } }, hosts: [stringAt(item, 'hostname') ?? '*'] };
    }),
  );
}

/** The classes that Istio serves requests from outside with; waypoints speak HBONE. */
const isIstios = ({ body }: Resource): boolean => ['istio', 'istio-remote'].includes(stringAt(body, 'spec', 'gatewayClassName') ?? '');

function isAttached(route: Resource, gateway: Resource, listener: string | undefined): boolean {
  return itemsAt(route.body, 'spec', 'parentRefs').some(({ item }) => {
    const section = stringAt(item, 'sectionName');
    const namespace = stringAt(item, 'namespace') ?? route.namespace;
    return stringAt(item, 'name') === gateway.name && namespace === gateway.namespace && (section === undefined || section === listener);
  });
}

const redirectsToHttps = (rule: Body): boolean =>
  itemsAt(rule, 'filters').some(
    ({ item }) => item['type'] === 'RequestRedirect' && stringAt(item, 'requestRedirect', 'scheme') === 'https',
  );

const protocolOf = (server: Body): string => (stringAt(server, 'port', 'protocol') ?? '').toUpperCase();
const isPlain = (server: Body): boolean => ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB'].includes(protocolOf(server));
const redirects = (server: Body): boolean => booleanAt(server, 'tls', 'httpsRedirect') === true;
/** Between clusters a gateway passes everything through, by names that only meshes use. */
const servesRequests = (server: Body): boolean =>
  isPlain(server) ||
  (protocolOf(server) === 'HTTPS' && !['PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(stringAt(server, 'tls', 'mode') ?? ''));
const isEveryHost = (host: string): boolean => host === '*';
const isLocal = (host: string): boolean => /\.(local|global|internal)$/.test(host);

function judged(
  servers: readonly GatewayServer[],
  reason: string,
  hint: string,
  problem: (server: GatewayServer) => string | undefined,
): CheckResult {
  const affected = servers.flatMap((each): readonly Affected[] => {
    const found = problem(each);
    if (found === undefined) return [];
    const port = numberAt(each.server, 'port', 'number');
    return [{ resource: each.resource, detail: `Port ${port ?? '?'} ${found}` }];
  });
  if (affected.length === 0) return { is: 'ok', reason: `${count(servers.length, 'server')} of gateways.` };
  return { is: 'warning', reason, hint, affected };
}

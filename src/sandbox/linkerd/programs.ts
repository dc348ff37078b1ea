/** Everything that runs in the pods of a Linkerd mesh. */
import { itemsAt } from '../../model/body.ts';
import type { Inside, Programs } from '../options.ts';
import { together } from '../programs/together.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import type { Application } from '../traffic/application.ts';
import { serveApplication } from '../traffic/serve.ts';
import { type Route, type RouteRequest, startTraffic, type Traffic } from '../traffic/traffic.ts';
import { controllerApis } from './controller-apis.ts';
import { DENIED } from './exchange-view.ts';
import { inboundVerdict } from './inbound-policy.ts';
import { logOf } from './logs.ts';
import { Metrics } from './metrics.ts';
import { ADMIN_PORT } from './names.ts';
import { programOf, proxyOf } from './pods.ts';
import { adminPorts } from './program-admin.ts';
import { Proxies } from './proxies.ts';
import { dialProxyAdmin } from './proxy-admin.ts';
import { tapApi } from './tap-server.ts';
import type { MeshTrust } from './trust.ts';
import { linkerdWebhooks } from './webhooks.ts';

export function linkerdPrograms(trust: MeshTrust, application: Application): (inside: Inside) => Programs {
  const injector = new Metrics();
  return (inside) => {
    const traffic = startTraffic({ application, inside, route: routing(inside.store) });
    const proxies = new Proxies(inside, trust, traffic);
    return together(
      () => ({ dial: (pod, port) => (port === ADMIN_PORT ? dialProxyAdmin(inside, proxies, pod) : undefined), logs: logOf }),
      linkerdWebhooks(trust, injector),
      adminPorts({ 'proxy-injector': injector }),
      () => tapApi(trust, traffic, inside),
      controllerApis,
      () => applicationPorts(traffic),
    )(inside);
  };
}

/** Endpoints by turns; the proxy of a pod may refuse a request by its policies. */
function routing(store: Store): (request: RouteRequest) => Route {
  let turn = 0;
  return ({ source, call, candidates, targetPort }) => {
    const pod = candidates[turn++ % candidates.length];
    if (!pod) return { is: 'refused', status: 503, flags: 'UH' };
    const verdict = proxyOf(pod) && inboundVerdict(store, pod, targetPort, call.path, source);
    if (!verdict || verdict.authorization) return { is: 'to', pod };
    return { is: 'refused', status: verdict.route ? 403 : 404, flags: DENIED, by: pod };
  };
}

/** The web pages of the application; its other programs speak gRPC. */
function applicationPorts(traffic: Traffic): Programs {
  const open = serveApplication(traffic);
  const isWeb = (pod: KubeObject, port: number): boolean =>
    programOf(pod) === undefined &&
    itemsAt(pod, 'spec', 'containers').some(({ item }) =>
      itemsAt(item, 'ports').some((each) => each.item['name'] === 'http' && each.item['containerPort'] === port),
    );
  return { dial: (pod, port) => (isWeb(pod, port) ? open(pod, port) : undefined) };
}

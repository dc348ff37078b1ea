/** Everything that runs in the pods of an Istio mesh: istiod, the proxies with their agents, and the application behind them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { itemsAt } from '../../model/body.ts';
import type { Inside, Programs } from '../options.ts';
import type { Certificate } from '../pki/certificate.ts';
import { httpServer } from '../programs/http-server.ts';
import type { KubeObject } from '../store/object.ts';
import type { Application } from '../traffic/application.ts';
import { serveApplication } from '../traffic/serve.ts';
import { startTraffic } from '../traffic/traffic.ts';
import { WorkloadCertificates } from './certificates.ts';
import { type Administered, answerAdmin, shownBy } from './envoy-admin.ts';
import { answerIstiod } from './istiod.ts';
import { Pilot, type Staleness } from './pilot.ts';
import { isRunning, type MeshProxy, proxyOf } from './proxy.ts';
import { routeBy } from './routing.ts';
import { proxyLog, Sidecars } from './sidecars.ts';
import { prometheusText } from './stats-text.ts';
import { xdsServer } from './xds.ts';
import { ztunnels } from './ztunnel.ts';

const ADMIN_PORT = 15_000;
const METRICS_PORT = 15_020;
const READY_PORT = 15_021;
const ENVOY_METRICS_PORT = 15_090;
const ISTIOD_PORTS: ReadonlySet<number> = new Set([8080, 15_014]);

export interface MeshPrograms {
  /** Signs the certificates of workloads. */
  readonly authority: Certificate;
  readonly application: Application;
  /** Since when, in milliseconds before the sandbox opened, and which proxies acknowledge nothing. */
  readonly stale?: (Pick<Staleness, 'labels' | 'before'> & { readonly sinceMs: number }) | undefined;
}

export function istioPrograms({ authority, application, stale }: MeshPrograms): (inside: Inside) => Programs {
  return (inside) => {
    const pilot = new Pilot(inside, stale && { ...stale, since: inside.now() - stale.sinceMs });
    const traffic = startTraffic({ application, inside, route: routeBy(pilot) });
    const sidecars = new Sidecars(inside, traffic);
    const certificates = new WorkloadCertificates(authority, inside);
    const administered = (proxy: MeshProxy): Administered => ({
      ...{ proxy, pilot, sidecar: sidecars.of(proxy), now: inside.now() },
      secrets: certificates.secretsOf(proxy, pilot.view()),
    });
    const openProxy = httpServer<ProxyPlace>((request, response, { proxy, port }) =>
      answerProxy(request, response, administered(proxy), port),
    );
    const openIstiod = httpServer<{ readonly pod: KubeObject; readonly port: number }>((request, response, place) =>
      answerIstiod({ inside, pilot, certificates }, request, response, place),
    );
    const openXds = xdsServer({ inside, pilot, certificates }, authority);
    const openApplication = serveApplication(traffic);
    const openZtunnel = ztunnels(inside, authority, traffic, () => pilot.view());
    return {
      dial: (pod, port) => {
        const proxy = proxyOf(pod);
        if (proxy && isRunning(pod) && PROXY_PORTS.has(port)) return openProxy({ proxy, port });
        const ofNode = openZtunnel(pod, port);
        if (ofNode) return ofNode;
        if (pod.metadata.labels?.['app'] === 'istiod') return ISTIOD_PORTS.has(port) ? openIstiod({ pod, port }) : openXds(pod, port);
        return listens(pod, port) ? openApplication(pod, port) : undefined;
      },
      logs: (pod, { container, previous }) => {
        const proxy = container === 'istio-proxy' && !previous ? proxyOf(pod) : undefined;
        return proxy && isRunning(pod) ? proxyLog(sidecars.of(proxy)) : undefined;
      },
    };
  };
}

interface ProxyPlace {
  readonly proxy: MeshProxy;
  readonly port: number;
}

const PROXY_PORTS: ReadonlySet<number> = new Set([ADMIN_PORT, METRICS_PORT, READY_PORT, ENVOY_METRICS_PORT]);

const listens = (pod: KubeObject, port: number): boolean =>
  isRunning(pod) &&
  itemsAt(pod, 'spec', 'containers').some(({ item }) => itemsAt(item, 'ports').some((each) => each.item['containerPort'] === port));

/** Beside Envoy's administration: the probe, and the metrics of Envoy and of the agent. */
function answerProxy(request: IncomingMessage, response: ServerResponse, asked: Administered, port: number): void {
  if (port === ADMIN_PORT) {
    answerAdmin(request, response, asked);
    return;
  }
  request.resume();
  const { pathname } = new URL(request.url ?? '/', 'http://proxy');
  const everything = { matches: () => true, usedOnly: false };
  if (pathname === '/healthz/ready' && port !== ENVOY_METRICS_PORT) {
    response.writeHead(200).end();
  } else if (pathname === '/stats/prometheus' && port !== READY_PORT) {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(prometheusText(shownBy(asked), everything));
  } else {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
  }
}

/** The admin ports of Linkerd's own programs, and the web pages and APIs of viz that are plain HTTP. */
import type { RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { stringAt } from '../../model/body.ts';
import type { Inside, Programs } from '../options.ts';
import { httpServer } from '../programs/http-server.ts';
import type { KubeObject } from '../store/object.ts';
import { Metrics } from './metrics.ts';
import { VERSION } from './names.ts';
import { isReadyContainer, programOf } from './pods.ts';

/** Ports by program, and the container that listens there. */
const ADMIN: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  identity: { 9990: 'identity' },
  destination: { 9990: 'policy', 9996: 'destination', 9997: 'sp-validator' },
  'proxy-injector': { 9995: 'proxy-injector' },
  'metrics-api': { 9995: 'metrics-api' },
  tap: { 9998: 'tap' },
  'tap-injector': { 9995: 'tap-injector' },
  web: { 9994: 'web' },
  prometheus: { 9090: 'prometheus' },
};

/** @param own metrics of single programs, by container; the others have those of every Go program */
export function adminPorts(own: Readonly<Record<string, Metrics>>): (inside: Inside) => Programs {
  return (inside) => ({
    dial: (pod, port): Duplex | undefined => {
      const container = ADMIN[programOf(pod) ?? '']?.[port];
      return container === undefined
        ? undefined
        : httpServer(answering(inside, pod, container, own[container] ?? new Metrics()))(undefined);
    },
  });
}

function answering(inside: Inside, first: KubeObject, container: string, metrics: Metrics): RequestListener {
  const ready = container === 'prometheus' ? 'Prometheus Server is Ready.\n' : 'ok\n';
  return (message, response) => {
    const pod = inside.store.get('core/Pod', first.metadata.namespace ?? '', first.metadata.name) ?? first;
    const text = (code: number, body: string): unknown =>
      response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(body);
    switch (new URL(message.url ?? '/', 'http://program').pathname) {
      case '/ping':
        return text(200, 'pong\n');
      case '/live':
        return text(200, 'alive\n');
      case '/-/healthy':
        return text(200, 'Prometheus Server is Healthy.\n');
      case '/ready':
      case '/-/ready':
        return isReadyContainer(pod, container) ? text(200, ready) : text(503, 'not ready\n');
      case '/metrics':
        return text(200, processText(inside, pod, metrics));
      default:
        return text(404, '404 page not found\n');
    }
  };
}

function processText(inside: Inside, pod: KubeObject, metrics: Metrics): string {
  const started = Date.parse(stringAt(pod, 'status', 'startTime') ?? '');
  metrics.set('process_start_time_seconds', {}, Math.round((Number.isNaN(started) ? inside.now() : started) / 1000));
  metrics.set('go_info', { version: 'go1.25.8' }, 1);
  metrics.set('build_info', { version: VERSION }, 1);
  return metrics.text();
}

/** What Istio takes a port's protocol to be. */
import { numberAt, stringAt } from '../../model/body.ts';
import type { Body } from '../../model/resource.ts';

export type Protocol =
  | 'TCP'
  | 'UDP'
  | 'HTTP'
  | 'HTTP2'
  | 'HTTP_PROXY'
  | 'HTTPS'
  | 'GRPC'
  | 'GRPC-Web'
  | 'TLS'
  | 'Mongo'
  | 'Redis'
  | 'MySQL';

/** By lower-case name, which is also what a port name may start with. */
const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map([
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['http', 'HTTP'],
  ['http2', 'HTTP2'],
  ['http_proxy', 'HTTP_PROXY'],
  ['https', 'HTTPS'],
  ['grpc', 'GRPC'],
  ['grpc-web', 'GRPC-Web'],
  ['tls', 'TLS'],
  ['mongo', 'Mongo'],
  ['redis', 'Redis'],
  ['mysql', 'MySQL'],
]);

/** Values of `appProtocol` that Kubernetes itself defines. */
const KUBERNETES_APP_PROTOCOLS: ReadonlyMap<string, Protocol> = new Map([
  ['kubernetes.io/h2c', 'HTTP2'],
  ['kubernetes.io/ws', 'HTTP'],
  ['kubernetes.io/wss', 'HTTPS'],
]);

/** Servers on these ports speak first (SMTP, DNS, MySQL, MongoDB), so that detection would only delay them. */
const PORTS_WITHOUT_DETECTION: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/** The protocol of that very name, whatever its case; undefined for names Istio does not know. */
export function protocolNamed(name: string): Protocol | undefined {
  return PROTOCOLS.get(name.toLowerCase());
}

const HTTP_PROTOCOLS: ReadonlySet<Protocol> = new Set(['HTTP', 'HTTP2', 'HTTP_PROXY', 'GRPC', 'GRPC-Web']);

/** True for protocols whose requests a proxy sees without ending TLS. */
export function isHttp(protocol: Protocol | undefined): boolean {
  return protocol !== undefined && HTTP_PROTOCOLS.has(protocol);
}

/**
 * The protocol that a port of a Service declares, or that Istio assumes for its number; undefined
 * when proxies have to detect it. `appProtocol` hides the port's name even when Istio does not know its value.
 * @param port an item of `spec.ports`
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
 */
export function servicePortProtocol(port: Body): Protocol | undefined {
  if (stringAt(port, 'protocol') === 'UDP') return 'UDP';
  const appProtocol = stringAt(port, 'appProtocol');
  const fromKubernetes = KUBERNETES_APP_PROTOCOLS.get(appProtocol ?? '');
  if (fromKubernetes) return fromKubernetes;
  const name = (appProtocol ?? stringAt(port, 'name') ?? '').toLowerCase();
  if (name.startsWith('grpc-web')) return 'GRPC-Web';
  const declared = protocolNamed(name.split('-', 1)[0] ?? '');
  if (declared) return declared;
  return PORTS_WITHOUT_DETECTION.has(numberAt(port, 'port') ?? 0) ? 'TCP' : undefined;
}

/** Words that name what is spoken. Those that are names of programs too, as in `metrics-redis`, are not among them. */
const SPOKEN = /(?<![^-])(?:grpc-web|grpc|https|http2|http|tcp|tls)(?![^-])/g;

/**
 * The `appProtocol` for a port whose name tells its protocol, but not at its beginning where Istio
 * looks for it: `otlp-grpc`. Undefined when the name tells none, or several.
 */
export function appProtocolInName(name: string): string | undefined {
  const [spoken, ...others] = name.toLowerCase().match(SPOKEN) ?? [];
  return others.length === 0 && !/(?<![^-])(?:no|non|not)(?![^-])/.test(name) ? spoken : undefined;
}

/** The way a sidecar treats requests that arrive on a port of its workload. */
export type Handling = 'TCP' | 'HTTP/1.1' | 'HTTP/2';

/** @returns undefined for UDP, which sidecars do not handle */
export function handlingOf(protocol: Protocol): Handling | undefined {
  switch (protocol) {
    case 'UDP':
      return undefined;
    case 'HTTP':
    case 'HTTP_PROXY':
      return 'HTTP/1.1';
    case 'HTTP2':
    case 'GRPC':
    case 'GRPC-Web':
      return 'HTTP/2';
    default:
      return 'TCP';
  }
}

/** Names that control planes give to clusters, and metadata that tells where something comes from. */
import type { ConfigObject } from '../model/proxy-config.ts';
import { text } from './fields.ts';

export interface ClusterName {
  readonly service: string;
  readonly port?: number | undefined;
  readonly subset?: string | undefined;
  readonly direction?: string | undefined;
}

/** Istio's names are `direction|port|subset|host`. Others stand for themselves. */
export function parseClusterName(name: string): ClusterName {
  const [direction = '', port = '', subset = '', ...host] = name.split('|');
  if (host.length !== 1 || !/^\d*$/.test(port)) return { service: name };
  return {
    service: host[0] === '' ? name : (host[0] ?? name),
    port: port === '' ? undefined : Number(port),
    subset: subset === '' ? undefined : subset,
    direction,
  };
}

/** `/apis/networking.istio.io/v1/namespaces/shop/virtual-service/reviews`, as istiod notes it. */
const CONFIG = /^\/apis\/[^/]+\/[^/]+\/namespaces\/([^/]+)\/([^/]+)\/(.+)$/;

/** The object of Istio's configuration that a resource of Envoy comes from. */
export function istioConfig(resource: unknown): ConfigObject | undefined {
  const [, namespace, kind, name] = CONFIG.exec(text(resource, 'metadata', 'filter_metadata', 'istio', 'config') ?? '') ?? [];
  if (namespace === undefined || kind === undefined || name === undefined) return undefined;
  return { kind: kind.replace(/(?:^|-)([a-z])/g, (_all, letter: string) => letter.toUpperCase()), namespace, name };
}

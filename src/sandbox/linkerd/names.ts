/** What the parts of a made-up Linkerd mesh have to agree on. */
import type { Labels } from '../scenarios/_objects.ts';

export const CONTROL_NAMESPACE = 'linkerd';
export const VIZ_NAMESPACE = 'linkerd-viz';
export const VERSION = 'edge-26.8.3';
export const REGISTRY = 'cr.l5d.io/linkerd';
export const TRUST_DOMAIN = 'cluster.local';
export const CLUSTER_NETWORKS = '10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fd00::/8';
/** Protocols whose servers speak first. */
export const OPAQUE_PORTS = '25,587,3306,4444,5432,6379,9300,11211';
export const INBOUND_POLICY = 'all-unauthenticated';
export const PROXY_LOG = 'warn,linkerd=info,hickory=error,[{headers}]=off,[{request}]=off';
export const ADMIN_PORT = 4191;

export const CREATED_BY: Labels = { 'linkerd.io/created-by': `linkerd/cli ${VERSION}` };

/** What the proxy of a release calls itself, in its metrics and its log. */
export const PROXY_BUILDS: Readonly<Record<string, string>> = { 'edge-26.8.3': '2.366.0', 'edge-26.5.2': '2.352.0' };

/** `web.emojivoto.serviceaccount.identity.linkerd.cluster.local`. */
export const identityName = (serviceAccount: string, namespace: string): string =>
  `${serviceAccount}.${namespace}.serviceaccount.identity.${CONTROL_NAMESPACE}.${TRUST_DOMAIN}`;

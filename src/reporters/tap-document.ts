/** A TapEvent as a document of one line; its schema is `schemas/output/tap-event.json`. */
import type { TapEvent, TapPeer } from '../model/tap.ts';

export function tapDocument({
  time,
  mesh,
  proxy,
  direction,
  source,
  destination,
  request,
  response,
  tls,
  routeName,
  id,
}: TapEvent): object {
  const { method, scheme, authority, path, protocol, bytes, headers } = request;
  return {
    ...{ apiVersion: 'meshctl.dev/v1', kind: 'TapEvent', time: new Date(time).toISOString(), mesh, direction },
    proxy: { namespace: proxy.namespace, pod: proxy.name },
    source: peerDocument(source),
    destination: peerDocument(destination),
    request: { method, ...given({ scheme }), authority, path, ...given({ protocol, bytes, headers }) },
    ...(response
      ? {
          response: given({
            ...{
              status: response.status,
              grpcStatus: response.grpcStatus,
              durationMs: rounded(response.durationMs),
              bytes: response.bytes,
            },
            ...{ flags: response.flags, headers: response.headers },
          }),
        }
      : {}),
    ...given({ tls, routeName, id }),
  };
}

export const peerDocument = ({ namespace, workload, pod, service, address, port, identity }: TapPeer): object =>
  given({ namespace, workload, pod, service, address, port, identity });

/** Without what is not known. */
export const given = (fields: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));

export const rounded = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : Math.round(ms * 1000) / 1000);

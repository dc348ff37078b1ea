/**
 * Probes of the application. The kubelet has no certificate of the mesh, so that the proxy answers in the place of the
 * application, at a port of its own and with what it needs to know in path and headers.
 */
import { has, isBody, itemsAt, listAt, numberAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { withValue } from '../../injection/edit.ts';
import { SIDECAR } from './keys.ts';

const KINDS = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const HEADER = 'X-Kuma-Probes-';

/** Ports of the probes of all containers but the proxy, in order. */
export function probedPorts(spec: Body): readonly number[] {
  const ports = itemsAt(spec, 'containers').flatMap(({ item }) => KINDS.flatMap((kind) => portOf(objectAt(item, kind), item) ?? []));
  return [...new Set(ports)].sort((left, right) => left - right);
}

/** Undefined for a probe that runs a command, or names a port that the container has not. */
function portOf(probe: Body, container: Body): number | undefined {
  const given = objectAt(probe, 'httpGet')['port'] ?? objectAt(probe, 'tcpSocket')['port'] ?? objectAt(probe, 'grpc')['port'];
  if (typeof given === 'number') return given;
  if (typeof given === 'string' && /^\d+$/.test(given)) return Number(given);
  const named = itemsAt(container, 'ports').find(({ item }) => given !== undefined && item['name'] === given);
  return numberAt(named?.item, 'containerPort');
}

/** The pod with its probes sent to the port of the proxy. */
export const withProxiedProbes = (spec: Body, port: number): Body => mapProbes(spec, (probe, container) => proxied(probe, container, port));

/** The pod with its probes as they were, but for ports that were named and are numbers now. */
export const withOwnProbes = (spec: Body, port: number): Body => mapProbes(spec, (probe) => own(probe, port));

/** Names of containers with a probe of the port that the proxy would take. */
export function clashes(spec: Body, port: number): readonly string[] {
  return probedContainers(spec).flatMap(({ container }) =>
    KINDS.some((kind) => portOf(objectAt(container, kind), container) === port) ? [stringAt(container, 'name') ?? ''] : [],
  );
}

/** Sidecars of the pod's own come up behind the proxy, and are probed like containers. */
function probedContainers(spec: Body): readonly { readonly list: string; readonly index: number; readonly container: Body }[] {
  return ['initContainers', 'containers'].flatMap((list) =>
    itemsAt(spec, list).flatMap(({ item, path }) =>
      item['name'] === SIDECAR || (list === 'initContainers' && item['restartPolicy'] !== 'Always')
        ? []
        : [{ list, index: Number(path.at(-1)), container: item }],
    ),
  );
}

function mapProbes(spec: Body, change: (probe: Body, container: Body) => Body): Body {
  return probedContainers(spec).reduce((result: Body, { list, index, container }) => {
    const probes = KINDS.flatMap((kind) => {
      const probe = container[kind];
      const after = isBody(probe) ? change(probe, container) : probe;
      return after === probe ? [] : [[kind, after] as const];
    });
    if (probes.length === 0) return result;
    const changed = { ...container, ...Object.fromEntries(probes) };
    return withValue(
      result,
      [list],
      listAt(result, list).map((item, at) => (at === index ? changed : item)),
    );
  }, spec);
}

function proxied(probe: Body, container: Body, port: number): Body {
  const { httpGet, tcpSocket, grpc, ...timing } = probe;
  const target = portOf(probe, container) ?? 0;
  const timeout = numberAt(probe, 'timeoutSeconds') ?? 1;
  const headers: Body[] = timeout > 1 ? [{ name: `${HEADER}Timeout`, value: String(timeout) }] : [];
  const through = (path: string, given: readonly unknown[]): Body => ({
    ...timing,
    httpGet: { path, port, ...(given.length > 0 && { httpHeaders: given }) },
  });
  if (isBody(httpGet)) {
    const path = stringAt(httpGet, 'path') ?? '';
    const scheme = stringAt(httpGet, 'scheme') ?? '';
    const told = listAt(httpGet, 'httpHeaders').map((header) =>
      isBody(header) && header['name'] === 'Host' ? { ...header, name: `${HEADER}Host` } : header,
    );
    const secure = scheme !== '' && scheme !== 'HTTP' ? [{ name: `${HEADER}Scheme`, value: scheme }] : [];
    return through(`/${target}${path.startsWith('/') ? '' : '/'}${path}`, [...told, ...secure, ...headers]);
  }
  if (isBody(tcpSocket)) return through(`/tcp/${target}`, headers);
  if (!isBody(grpc)) return probe;
  const service = stringAt(grpc, 'service') ?? '';
  return through(`/grpc/${target}`, service === '' ? headers : [...headers, { name: `${HEADER}GRPC-Service`, value: service }]);
}

function own(probe: Body, proxyPort: number): Body {
  const { httpGet, ...timing } = probe;
  const [, protocol, port, path] = /^\/(?:(tcp|grpc)\/)?(\d+)(\/.*)?$/.exec(stringAt(httpGet, 'path') ?? '') ?? [];
  if (!has(httpGet, 'port') || numberAt(httpGet, 'port') !== proxyPort || port === undefined) return probe;
  const headers = itemsAt(httpGet, 'httpHeaders').map(({ item }) => item);
  const told = (name: string): string | undefined =>
    stringAt(
      headers.find((header) => header['name'] === HEADER + name),
      'value',
    );
  if (protocol === 'tcp') return { ...timing, tcpSocket: { port: Number(port) } };
  if (protocol === 'grpc') {
    const service = told('GRPC-Service');
    return { ...timing, grpc: { port: Number(port), ...(service !== undefined && { service }) } };
  }
  const scheme = told('Scheme');
  const kept = headers
    .filter(({ name }) => name !== `${HEADER}Scheme` && name !== `${HEADER}Timeout`)
    .map((header) => (header['name'] === `${HEADER}Host` ? { ...header, name: 'Host' } : header));
  return {
    ...timing,
    httpGet: { path, port: Number(port), ...(scheme !== undefined && { scheme }), ...(kept.length > 0 && { httpHeaders: kept }) },
  };
}

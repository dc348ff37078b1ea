/** Paths that name no resource: version, health, discovery, OpenAPI. */
import { aggregated, coreVersions, groupList, groupNamed, resourceList, VERSION } from '../kinds/discovery.ts';
import { OPENAPI_V2, openApiDocument, openApiIndex, openApiV2Protobuf } from '../kinds/openapi.ts';
import { discoveryVersion, rangesOf } from './accept.ts';
import type { Backend } from './backend.ts';

export interface Answer {
  /** An object is sent as JSON. */
  readonly body: object | string | Uint8Array;
  readonly type?: string;
}

const HEALTH = new Set(['/healthz', '/livez', '/readyz']);
const ROOTS = ['/api', '/api/v1', '/apis', '/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'];
const PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** @returns undefined when there is nothing at the path */
export function answerPath(backend: Backend, path: string, accept: string | undefined): Answer | undefined {
  const { registry } = backend;
  if (HEALTH.has(path)) return { body: 'ok' };
  if (path === '/version') return { body: VERSION };
  if (path === '/') return { body: { paths: ROOTS } };
  if (path === '/api' || path === '/apis') {
    const version = discoveryVersion(accept);
    if (version) {
      const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
      return { body: aggregated(registry, backend.remotes(), path === '/api' ? 'core' : 'groups', version), type };
    }
    return { body: path === '/api' ? coreVersions(backend.url().replace(/^https?:\/\//, '')) : groupList(registry, backend.remotes()) };
  }
  if (path === '/openapi/v3') return { body: openApiIndex(registry) };
  if (path === '/openapi/v2') {
    const isBinary = rangesOf(accept ?? '').some(({ type }) => type.startsWith('application/com.github.proto-openapi.spec.v2'));
    return isBinary ? { body: openApiV2Protobuf(), type: PROTOBUF } : { body: OPENAPI_V2 };
  }
  const document = path.startsWith('/openapi/v3/')
    ? openApiDocument(registry, path.slice('/openapi/v3/'.length))
    : discoveryDocument(backend, path);
  return document && { body: document };
}

function discoveryDocument({ registry, remotes }: Backend, path: string): object | undefined {
  const [root, first = '', second = ''] = path.split('/').slice(1);
  if (root === 'api' && first === 'v1' && second === '') return resourceList(registry, '', 'v1');
  if (root !== 'apis') return undefined;
  if (second === '') return groupNamed(registry, remotes(), first);
  return registry.inVersion(first, second).length > 0 ? resourceList(registry, first, second) : undefined;
}

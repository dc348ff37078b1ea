/** Where a proxy's configuration is read: a saved dump, or the administration port of the proxy of a pod. */
import { EXIT, MeshctlError } from '../errors.ts';
import { isReady, targetPods } from '../gather/target-pods.ts';
import { meshes } from '../mesh/index.ts';
import type { PodProxy } from '../model/mesh-adapter.ts';
import { qualifiedName, type Resource } from '../model/resource.ts';
import type { Context, Options } from './define.ts';
import { textOf } from './define.ts';
import { readInput } from './files.ts';

export interface ProxySource {
  /** `Pod shop/web-5d7-x2x`, or the path of the file. */
  readonly title: string;
  /** Undefined for a file. */
  readonly proxy: { readonly mesh: string; readonly kind: PodProxy['kind']; readonly namespace: string; readonly pod: string } | undefined;
  /** The JSON at a path of the administration; of a file always what is in it. */
  json(path: string): Promise<unknown>;
  /** @throws MeshctlError E_USAGE for a file */
  text(path: string, method?: 'GET' | 'POST'): Promise<string>;
}

/** @throws MeshctlError E_INPUT for what is no JSON */
export async function fileSource(path: string, { host }: Context): Promise<ProxySource> {
  const content = path === '-' ? await host.stdin.text() : await readInput(path, host);
  const value = jsonIn(content, path);
  return {
    title: path === '-' ? 'standard input' : path,
    proxy: undefined,
    json: async () => value,
    text: () => {
      throw new MeshctlError('E_USAGE', 'A saved dump holds neither levels of logging nor stats.', {
        hint: 'Name a proxy instead of a file.',
      });
    },
  };
}

function jsonIn(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new MeshctlError('E_INPUT', `"${path}" is no JSON: ${(error as Error).message}.`, {
      hint: 'Save a dump with "meshctl proxy-config all POD -o raw > dump.json".',
      cause: error,
    });
  }
}

/** @throws MeshctlError E_TARGET when the pod has no proxy, or none that runs */
export async function liveSource(target: string, options: Options, context: Context): Promise<ProxySource> {
  const cluster = await context.cluster(options);
  const pods = await targetPods(target, cluster.namespace, cluster);
  const found = pods.flatMap((pod) => proxyIn(pod) ?? [])[0];
  if (!found) throw noProxy(pods);
  const { pod, mesh, proxy } = found;
  const port = Number(textOf(options, 'adminPort') ?? proxy.adminPort);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new MeshctlError('E_USAGE', `"${textOf(options, 'adminPort')}" is no port.`, { hint: 'Ports go from 1 to 65535.' });
  }
  const admin = cluster.podPort(pod, port);
  const text = async (path: string, method: 'GET' | 'POST' = 'GET'): Promise<string> => {
    const { status, body } = await admin.request(path, { method });
    if (status === 400 && MASKED_ALL.test(body)) return '{}';
    if (status >= 400) {
      throw new MeshctlError(
        'E_PROXY',
        `The proxy of pod "${qualifiedName(pod)}" answers ${method} ${path} with ${status}: ${firstLine(body)}`,
        {
          exit: EXIT.unreachable,
        },
      );
    }
    return body;
  };
  return {
    title: `Pod ${qualifiedName(pod)}`,
    proxy: { mesh, kind: proxy.kind, namespace: pod.namespace, pod: pod.name },
    json: async (path) => jsonIn(await text(path), path),
    text,
  };
}

/** What Envoy answers for parts that it has none of: without HTTP it knows no routes, without ECDS no extensions. */
const MASKED_ALL = /^FieldMask .* could not be successfully applied to any configs/;

const firstLine = (body: string): string => {
  const [line = ''] = body.trim().split('\n');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
};

function proxyIn(pod: Resource): { readonly pod: Resource; readonly mesh: string; readonly proxy: PodProxy } | undefined {
  for (const { id, proxyOf } of meshes) {
    const proxy = proxyOf?.(pod);
    if (proxy) return { pod, mesh: id, proxy };
  }
  return undefined;
}

function noProxy(pods: readonly Resource[]): MeshctlError {
  const [pod] = pods;
  const name = pod ? qualifiedName(pod) : '';
  const others = pods.length > 1 ? `, nor do the ${pods.length - 1} others` : '';
  const waiting = pod && !isReady(pod) ? ' It is not ready either.' : '';
  return new MeshctlError('E_TARGET', `Pod "${name}" has no proxy of a mesh that meshctl knows${others}.${waiting}`, {
    hint: `Run "meshctl check --only data-plane${pod ? ` -n ${pod.namespace}` : ''}" for pods that should have one.`,
    exit: EXIT.question,
  });
}

/** Where a proxy's configuration is read: a saved dump, or the administration port of the proxy of a pod. */
import { EXIT, MeshctlError } from '../errors.ts';
import { readSavedDump } from '../gather/saved-dump.ts';
import { isReady, podsBySelector, targetPods } from '../gather/target-pods.ts';
import { meshes } from '../mesh/index.ts';
import { stringAt } from '../model/body.ts';
import type { Cluster } from '../model/cluster.ts';
import type { PodProxy } from '../model/mesh-adapter.ts';
import type { AskedProxy, ProxyProgram, ProxyRequest } from '../model/proxy-part.ts';
import { qualifiedName, type Resource } from '../model/resource.ts';
import { type Context, type Options, textOf } from './define.ts';
import { ENVOY } from './proxy-config.envoy.ts';

export interface ProxySource extends AskedProxy {
  readonly program: ProxyProgram;
  /** Undefined for a file. */
  readonly proxy: { readonly mesh: string; readonly kind: PodProxy['kind']; readonly namespace: string; readonly pod: string } | undefined;
}

export const PROGRAMS: readonly ProxyProgram[] = [ENVOY, ...meshes.flatMap(({ proxyPrograms = [] }) => proxyPrograms)];

/** @throws MeshctlError E_INPUT for what is no JSON, E_DUMP for what is no dump */
export async function fileSource(path: string, context: Context): Promise<ProxySource> {
  const title = path === '-' ? 'standard input' : path;
  const { dump, clusters } = await readSavedDump(path, title, context.host);
  const program = PROGRAMS.find(({ isDump }) => isDump?.(dump));
  if (!program) {
    throw new MeshctlError('E_DUMP', `"${title}" is no dump of a proxy that meshctl knows.`, {
      hint: 'Envoy and ztunnel write one at /config_dump of their administration port; "meshctl proxy-config all POD -o raw" saves it.',
    });
  }
  return {
    ...{ title, proxy: undefined, pod: undefined, client: undefined, cluster: undefined },
    program,
    json: async (asked) => (clusters !== undefined && asked.startsWith('/clusters') ? clusters : dump),
    text: () => {
      throw new MeshctlError('E_USAGE', 'A saved dump holds neither levels of logging nor stats.', {
        hint: 'Name a proxy instead of a file.',
      });
    },
    remark: remarkOn(context),
  };
}

const remarkOn =
  ({ host, quiet }: Context): AskedProxy['remark'] =>
  (sentence) => {
    if (!quiet) host.err.write(`${sentence}\n`);
  };

interface Found {
  readonly pod: Resource;
  readonly mesh: string;
  readonly proxy: PodProxy;
  /** The pod that it acts for, when it is not its own. */
  readonly client?: Resource;
}

/**
 * The proxies of the pods that are meant, those that are ready first.
 * @param target a pod or workload; undefined for what the options name
 * @throws MeshctlError E_TARGET when no pod has a proxy, or none that runs
 */
export async function liveSources(target: string | undefined, options: Options, context: Context): Promise<readonly ProxySource[]> {
  const cluster = await context.cluster(options);
  const node = textOf(options, 'node');
  if (target === undefined && node !== undefined) return [open(await ofNode(node, cluster), cluster, options, context)];
  const selector = textOf(options, 'selector');
  const pods =
    target === undefined
      ? await podsBySelector(selector ?? '', cluster.namespace, cluster)
      : await targetPods(target, cluster.namespace, cluster);
  const own = pods.flatMap((pod) => proxyIn(pod) ?? []);
  const found = own.length > 0 ? own : await actingFor(pods, cluster);
  if (found.length === 0) throw noProxy(pods);
  return found.map((each) => open(each, cluster, options, context));
}

function open({ pod, mesh, proxy, client }: Found, cluster: Cluster, options: Options, context: Context): ProxySource {
  const port = Number(textOf(options, 'adminPort') ?? proxy.adminPort);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new MeshctlError('E_USAGE', `"${textOf(options, 'adminPort')}" is no port.`, { hint: 'Ports go from 1 to 65535.' });
  }
  const text = async (path: string, { method = 'GET', body, port: other = port }: ProxyRequest = {}): Promise<string> => {
    const answer = await cluster.podPort(pod, other).request(path, { method, ...(body === undefined ? {} : { body }) });
    if (answer.status < 400) return answer.body;
    if (answer.status === 400 && MASKED_ALL.test(answer.body)) return '{}';
    throw new MeshctlError(
      'E_PROXY',
      `The proxy of pod "${qualifiedName(pod)}" answers ${method} ${path} with ${answer.status}: ${firstLine(answer.body)}`,
      { exit: EXIT.unreachable },
    );
  };
  const known = new Map<string, Promise<unknown>>();
  const json = (path: string): Promise<unknown> => {
    const asked = known.get(path) ?? text(path).then((content) => jsonOf(content, path, pod));
    known.set(path, asked);
    return asked;
  };
  return {
    ...{ title: `Pod ${qualifiedName(pod)}`, pod, client, cluster, json, text, remark: remarkOn(context) },
    program: PROGRAMS.find(({ kind }) => kind === proxy.kind) ?? ENVOY,
    proxy: { mesh, kind: proxy.kind, namespace: pod.namespace, pod: pod.name },
  };
}

/** What Envoy answers for parts that it has none of: without HTTP it knows no routes, without ECDS no extensions. */
const MASKED_ALL = /^FieldMask .* could not be successfully applied to any configs/;

function jsonOf(content: string, path: string, pod: Resource): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new MeshctlError('E_PROXY', `What the proxy of pod "${qualifiedName(pod)}" answers at ${path} is no JSON.`, {
      exit: EXIT.unreachable,
      cause: error,
    });
  }
}

const firstLine = (body: string): string => {
  const [line = ''] = body.trim().split('\n');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
};

function proxyIn(pod: Resource): Found | undefined {
  for (const { id, proxyOf } of meshes) {
    const proxy = proxyOf?.(pod);
    if (proxy) return { pod, mesh: id, proxy };
  }
  return undefined;
}

/** Where meshes have one proxy for a whole node, the one of the first pod that it acts for. */
async function actingFor(pods: readonly Resource[], cluster: Cluster): Promise<readonly Found[]> {
  for (const { nodeProxies } of meshes) {
    const client = pods.find((pod) => nodeProxies?.actFor(pod));
    const node = stringAt(client?.body, 'spec', 'nodeName');
    const pod = node === undefined ? undefined : await nodeProxies?.on(node, cluster);
    const found = pod && proxyIn(pod);
    if (found && client) return [{ ...found, client }];
  }
  return [];
}

async function ofNode(node: string, cluster: Cluster): Promise<Found> {
  for (const { nodeProxies } of meshes) {
    const pod = await nodeProxies?.on(node, cluster);
    const found = pod && proxyIn(pod);
    if (found) return found;
  }
  throw new MeshctlError('E_TARGET', `There is no proxy for all pods of a node on "${node}".`, {
    hint: 'A ztunnel of Istio is one. "kubectl get nodes" lists the nodes.',
    exit: EXIT.question,
  });
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

/**
 * The only door to a cluster: flags → `Cluster`. Nothing is asked of the server until a method is
 * called. This folder alone knows undici and ws; whoever needs a cluster is handed one.
 */
import { MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { booleanAt, stringAt } from '../model/body.ts';
import type { Cluster, ServedKind } from '../model/cluster.ts';
import type { Kind, Ref } from '../model/resource.ts';
import { parseDuration } from '../text/duration.ts';
import { accessAnswers } from './access.ts';
import { aggregatedAnswer } from './aggregated.ts';
import { applyObject, patchObject } from './apply.ts';
import { credentialSource, withoutUserInfo } from './credentials.ts';
import { deleteObject } from './delete.ts';
import { discover, type Kinds } from './discovery.ts';
import { notServed } from './errors.ts';
import { loadContext } from './kubeconfig.ts';
import { getObject, objects } from './list.ts';
import { logLines } from './logs.ts';
import { aboutObject, pluralOf, resourceName } from './paths.ts';
import { type OpenPort, openPort } from './pod-port.ts';
import { type Api, createApi } from './request.ts';
import { tokenSource } from './token.ts';
import { unlessAborted } from './unless-aborted.ts';
import { changes } from './watch.ts';

export interface ConnectOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Instead of the namespace of the context. */
  readonly namespace?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroups?: readonly string[];
  /** For each request, such as `30s`; a bare number is seconds, and 0 is no limit, as with kubectl. */
  readonly requestTimeout?: string;
  /** No warnings. */
  readonly quiet?: boolean;
}

const REQUEST_TIMEOUT_MS = 30_000;

/** @throws MeshctlError E_KUBECONFIG when the flags and files lead to no cluster */
export async function connect(options: ConnectOptions, host: Host): Promise<Cluster> {
  const { as: user, asGroups: groups = [] } = options;
  const context = await loadContext(options.kubeconfig, options.context, host);
  const server = stringAt(context.cluster, 'server') ?? '';
  const warn = (text: string): void => {
    if (options.quiet !== true) host.err.write(`Warning: ${text}\n`);
  };
  const credentials = credentialSource(context, { user, groups }, host, warn);
  const actor = user ?? (stringAt(context.user, 'as') || context.userName);
  const place = { context: context.name, server: withoutUserInfo(server), user: actor, secrets: credentials.secrets };
  const api = createApi(place, server, credentials, timeoutOf(options.requestTimeout), host);
  if (booleanAt(context.cluster, 'insecure-skip-tls-verify') === true && server.startsWith('https:')) {
    warn(`the certificate of ${place.server} is not verified, as context "${context.name}" says insecure-skip-tls-verify.`);
  }
  return clusterOf(api, options.namespace ?? context.namespace);
}

function timeoutOf(text: string | undefined): number {
  if (text === undefined) return REQUEST_TIMEOUT_MS;
  const ms = parseDuration(/^\d+$/.test(text) ? `${text}s` : text);
  if (ms !== undefined && ms >= 0) return ms;
  throw new MeshctlError('E_USAGE', `"${text}" is not a duration.`, { hint: 'Write --request-timeout 30s, 2m or 0.' });
}

function clusterOf(api: Api, namespace: string): Cluster {
  let discovery: Promise<Kinds> | undefined;
  const ports = new Map<string, OpenPort>();
  const token = tokenSource(api);

  const kinds = (signal?: AbortSignal): Promise<Kinds> => {
    // Shared by all who ask, so that none of them may abort it.
    discovery ??= discover(api).catch((error) => {
      discovery = undefined;
      throw error;
    });
    return unlessAborted(discovery, signal);
  };
  const find = async (kind: Kind, signal?: AbortSignal): Promise<ServedKind | undefined> => (await kinds(signal)).get(kind);
  /** A CRD may have been installed since. */
  const findAgain = async (ref: Ref, verb: string, signal: AbortSignal | undefined): Promise<ServedKind> => {
    const known = await find(ref.kind, signal);
    if (known) return known;
    discovery = undefined;
    const found = await find(ref.kind, signal);
    if (found) return found;
    const group = ref.kind.startsWith('core/') ? 'v1' : `${ref.kind.slice(0, ref.kind.indexOf('/'))}/v1`;
    const resource = resourceName({ apiVersion: group, plural: pluralOf(ref.kind).toLowerCase() });
    throw notServed({ ...aboutObject(verb, ref), resource }, api.place);
  };
  const pods = (signal?: AbortSignal): Promise<ServedKind> => findAgain({ kind: 'core/Pod', namespace: '', name: '' }, 'get', signal);

  return {
    context: api.place.context,
    server: api.place.server,
    namespace,
    async version(signal) {
      const answer = await api.json({ about: { verb: 'get', what: 'the version' }, path: '/version', signal });
      return { gitVersion: stringAt(answer, 'gitVersion') ?? '' };
    },
    kinds,
    async *list(kind, options = {}) {
      const served = await find(kind, options.signal);
      if (served) yield* objects(api, served, options);
    },
    async get(ref, signal) {
      const served = await find(ref.kind, signal);
      return served && getObject(api, served, ref, signal);
    },
    async *watch(kind, options = {}) {
      const served = await findAgain({ kind, namespace: '', name: '' }, 'watch', options.signal);
      yield* changes(api, served, options);
    },
    async apply({ kind, namespace: within, name, body }, options = {}) {
      const ref = { kind, namespace: within, name };
      return applyObject(api, await findAgain(ref, 'patch', options.signal), ref, body, options);
    },
    async patch(ref, change, options = {}) {
      return patchObject(api, await findAgain(ref, 'patch', options.signal), ref, change, options);
    },
    async delete(ref, options = {}) {
      const served = await find(ref.kind, options.signal);
      return served ? deleteObject(api, served, ref, options) : false;
    },
    async *logs(pod, options = {}) {
      yield* logLines(api, pods, pod, options);
    },
    aggregated: (request) => aggregatedAnswer(api, request),
    async access(questions, signal) {
      return accessAnswers(api, await kinds(signal), questions, signal);
    },
    async token(account, options) {
      return token(await findAgain(account, 'create', options.signal), account, options);
    },
    podPort(pod, port) {
      const key = `${pod.namespace}/${pod.name}:${port}`;
      const open = ports.get(key) ?? openPort(api, pods, pod, port);
      ports.set(key, open);
      return open;
    },
    async close() {
      await Promise.all([...ports.values()].map((port) => port.close()));
      ports.clear();
      await api.close();
    },
  };
}

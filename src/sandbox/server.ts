/**
 * The sandbox: a Kubernetes API server on a loopback port, for demonstrations and tests. It is a real server that
 * `cluster/` and kubectl talk to; nothing here knows meshctl's commands. Scenarios are objects and functions handed in.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiServices } from './aggregation/api-services.ts';
import { proxyRequest } from './aggregation/proxy.ts';
import { USER } from './api/access.ts';
import type { Backend } from './api/backend.ts';
import { send, sendJson } from './api/message.ts';
import { answerPath } from './api/paths.ts';
import { Snapshots } from './api/read.ts';
import { type AccessRequest, type ApiRequest, countKey, parseRequest } from './api/request.ts';
import { serveResource } from './api/resource.ts';
import { ApiProblem, noSuchPath } from './api/status.ts';
import { Tokens } from './api/tokens.ts';
import { CHARTS_PATH, chartRepository } from './charts/repository.ts';
import { startControllers } from './controllers/start.ts';
import { Registry } from './kinds/registry.ts';
import { kubeconfigFor } from './kubeconfig.ts';
import { createListener } from './listener.ts';
import type { Programs, SandboxOptions } from './options.ts';
import { servePortForwards } from './pods/port-forward.ts';
import { timestamp } from './store/object.ts';
import { seed } from './store/seed.ts';
import { Store } from './store/store.ts';

export interface Sandbox {
  readonly url: string;
  readonly token: string;
  kubeconfig(): string;
  /** Address of the chart repository; undefined where there is none. */
  readonly charts: string | undefined;
  readonly store: Store;
  /** How often each verb was asked of each resource: `list pods`, `get deployments.apps/scale`, `get /version`. */
  readonly requests: ReadonlyMap<string, number>;
  /** Forgets list snapshots and watch history, so that older lists and watches get 410. */
  compact(): void;
  close(): Promise<void>;
}

const METHOD_NOT_ALLOWED = 'the server does not allow this method on the requested resource';

const TOKEN = 'sandbox-token';

/** @returns the running server; it listens on 127.0.0.1 only */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  let open = false;
  const now = (): number => (options.clock?.now() ?? Date.now()) - (open ? 0 : 3_600_000);
  const after = options.clock?.after?.bind(options.clock) ?? realTimer;
  const closing = new AbortController();
  const store = new Store(now);
  const registry = new Registry(store);
  const token = options.token ?? TOKEN;
  const tokens = new Tokens(store, now);
  let url = '';
  let programs: Programs = {};
  const backend: Backend = {
    ...{ store, registry, options, now, after, token, tokens },
    isOpen: () => open,
    closing: closing.signal,
    url: () => url,
    programs: () => programs,
    remotes: () => apiServices.remotes(),
  };
  const apiServices = new ApiServices(backend);
  seed(store, registry, options.objects ?? [], timestamp(now()));
  const stopControllers = startControllers(backend);
  open = true;
  programs =
    options.programs?.({ store, now, after, closing: closing.signal, judge: (given, audiences) => tokens.judge(given, audiences) }) ?? {};
  await apiServices.start();
  const snapshots = new Snapshots();
  const requests = new Map<string, number>();
  let count = 0;

  /** Counts the request, and answers it when it must not go further. */
  const isRefused = (request: ApiRequest, message: IncomingMessage): ApiProblem | undefined => {
    requests.set(countKey(request), (requests.get(countKey(request)) ?? 0) + 1);
    count++;
    if (message.headers.authorization !== `Bearer ${token}`) return new ApiProblem('Unauthorized', 'Unauthorized');
    if (options.failEvery !== undefined && count % options.failEvery === 0) {
      return new ApiProblem('ServiceUnavailable', 'the server is currently unable to handle the request', { retryAfterSeconds: 1 });
    }
    return options.forbid?.(request) ? accessDenied(request) : undefined;
  };

  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = parseRequest(message);
    try {
      const delayMs = typeof options.delayMs === 'function' ? options.delayMs(request) : (options.delayMs ?? 0);
      if (delayMs > 0) await new Promise<void>((resolve) => after(delayMs, resolve));
      const refusal = isRefused(request, message);
      if (refusal) throw refusal;
      const remote = backend.remotes().find(({ group, version }) => group === request.group && version === request.version);
      if (remote) return await proxyRequest(backend, remote, message, response);
      if (request.resource !== '') return await serveResource({ backend, snapshots, request, message, response });
      if (request.method !== 'GET' && request.method !== 'HEAD') throw new ApiProblem('MethodNotAllowed', METHOD_NOT_ALLOWED);
      const answer = answerPath(backend, request.path, message.headers.accept);
      if (!answer) throw noSuchPath();
      send(response, answer);
    } catch (error) {
      sendProblem(response, error);
    }
  };

  const listener = createListener(options.tls ?? true, (message, response) => void serve(message, response));
  servePortForwards(listener.server, backend, isRefused);
  // Charts are no secret: over plain HTTP neither helm nor meshctl has to be told an authority or a token.
  const repository = options.charts && createListener(false, chartRepository(options.charts, now));
  let charts: string | undefined;
  try {
    url = await listener.listen(options.port ?? 0);
    if (repository) charts = `${await repository.listen(0)}${CHARTS_PATH}`;
  } catch (error) {
    stopControllers();
    throw error;
  }
  return {
    url,
    token,
    charts,
    kubeconfig: () => kubeconfigFor(url, token, listener.authority),
    store,
    requests,
    compact: () => {
      store.compact();
      snapshots.expire();
    },
    close: async () => {
      stopControllers();
      closing.abort();
      await Promise.all([listener.close(), repository?.close()]);
    },
  };
}

function realTimer(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}

function accessDenied(request: AccessRequest): ApiProblem {
  const { group, resource, subresource, namespace, name, verb, path } = request;
  if (resource === '') return new ApiProblem('Forbidden', `forbidden: User "${USER}" cannot ${verb} path "${path}"`);
  const full = `${resource}${subresource === '' ? '' : `/${subresource}`}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = `${resource}${group === '' ? '' : `.${group}`}${name === '' ? '' : ` "${name}"`}`;
  return new ApiProblem(
    'Forbidden',
    `${what} is forbidden: User "${USER}" cannot ${verb} resource "${full}" in API group "${group}" ${where}`,
    {
      name,
      group,
      kind: resource,
    },
  );
}

function sendProblem(response: ServerResponse, error: unknown): void {
  const problem =
    error instanceof ApiProblem
      ? error
      : new ApiProblem('InternalError', `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`);
  const retry = problem.details.retryAfterSeconds;
  if (response.headersSent) response.destroy();
  else sendJson(response, problem.code, problem.toStatus(), retry === undefined ? {} : { 'retry-after': String(retry) });
}

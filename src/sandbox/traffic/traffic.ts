/**
 * Requests through a made-up application: they go over the Services, endpoints and pods that the cluster holds at that
 * moment, as a mesh decides, and each hop is told to whoever listens. Nothing is sent anywhere; it is all arithmetic.
 */
import { itemsAt, numberAt, stringAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { Inside } from '../options.ts';
import type { KubeObject } from '../store/object.ts';
import type { Application, Behaviour, Operation } from './application.ts';
import type { Call, Exchange } from './exchange.ts';

/** Where a mesh sends a request, or why it does not; `upstream` is its name for what it chose. */
export type Route =
  | { readonly is: 'to'; readonly pod: KubeObject; readonly targetPort?: number; readonly upstream?: string }
  | {
      readonly is: 'refused';
      readonly status: number;
      readonly flags: string;
      readonly upstream?: string;
      /** The pod that refuses it; undefined when it was not sent to any. */
      readonly by?: KubeObject | undefined;
      /** True when the proxy of that pod got the request, and answered; false when it closed the connection. */
      readonly answered?: boolean;
    };

export interface RouteRequest {
  readonly source: KubeObject | undefined;
  readonly call: Call;
  /** Ready pods behind the service. */
  readonly candidates: readonly KubeObject[];
  /** Of them, behind the port of the service. */
  readonly targetPort: number;
  /** Below one, the same in every run. */
  readonly random: () => number;
}

export interface TrafficOptions {
  readonly application: Application;
  readonly inside: Inside;
  /** By turns among the candidates when absent. */
  readonly route?: (request: RouteRequest) => Route;
}

/** A request as it reaches a pod from a forwarded port. */
type Direct = Pick<Call, 'method' | 'path' | 'headers' | 'authority'>;

/** What the client gets. */
interface Answer {
  readonly status: number;
  readonly grpcStatus: number | undefined;
  readonly durationMs: number;
  readonly body: string;
  readonly contentType: string;
}

export interface Traffic {
  /** @returns what ends the subscription */
  subscribe(listener: (exchange: Exchange) => void): () => void;
  /** One request with all that follows from it. */
  send(source: KubeObject | undefined, call: Call): Answer;
  /** What a pod answers to a request that reaches it directly, as through a forwarded port. */
  ask(pod: KubeObject, port: number, request: Direct): Answer;
}

/** Longer chains of calls are circles. */
const MOST_HOPS = 12;

/** @returns the traffic, whose clients call until the sandbox closes */
export function startTraffic(options: TrafficOptions): Traffic {
  const traffic = new Simulation(options);
  for (const client of options.application.clients) repeat(traffic, client, options.inside);
  return traffic;
}

function repeat(traffic: Simulation, { from, calls, everyMs }: Application['clients'][number], inside: Inside): void {
  let turn = 0;
  const next = (): void => {
    if (inside.closing.aborted) return;
    inside.after(everyMs, () => {
      const pods = from ? traffic.runningPods(from.namespace, from.labels) : [undefined];
      const call = calls[turn % calls.length];
      if (call && pods.length > 0) traffic.send(pods[turn % pods.length], call);
      turn++;
      next();
    });
  };
  next();
}

class Simulation implements Traffic {
  readonly #application: Application;
  readonly #inside: Inside;
  readonly #route: NonNullable<TrafficOptions['route']>;
  readonly #listeners = new Set<(exchange: Exchange) => void>();
  readonly #random = seeded(20_260_101);
  #turns = 0;
  #ids = 0;

  constructor({ application, inside, route }: TrafficOptions) {
    this.#application = application;
    this.#inside = inside;
    this.#route =
      route ??
      (({ candidates }) => {
        const pod = candidates[this.#turns++ % candidates.length];
        return pod ? { is: 'to', pod } : { is: 'refused', status: 503, flags: 'UH' };
      });
  }

  subscribe(listener: (exchange: Exchange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  send(source: KubeObject | undefined, call: Call): Answer {
    return this.#send(source, call, this.#inside.now(), MOST_HOPS);
  }

  ask(pod: KubeObject, port: number, request: Direct): Answer {
    const { namespace = '', name } = pod.metadata;
    const call: Call = { namespace, service: name, port, ...request };
    const startedAt = this.#inside.now();
    const answer = this.#answer(pod, call, startedAt, MOST_HOPS);
    this.#publish(undefined, call, startedAt, {
      pod,
      targetPort: port,
      answer,
      flags: '-',
      upstream: undefined,
      arrived: true,
      isForwarded: true,
    });
    return answer;
  }

  runningPods(namespace: string, labels: Readonly<Record<string, string>>): readonly KubeObject[] {
    return this.#inside.store.list('core/Pod', namespace).filter((pod) => isReady(pod) && labelsMatch(labels, pod.metadata.labels ?? {}));
  }

  #send(source: KubeObject | undefined, call: Call, startedAt: number, hops: number): Answer {
    const { pods, targetPort } = this.#endpoints(call);
    const route = this.#route({ source, call, candidates: pods, targetPort, random: this.#random });
    if (route.is === 'refused') {
      const answer = { status: route.status, grpcStatus: call.protocol === 'grpc' ? 14 : undefined, durationMs: 1, ...NOTHING };
      const { by: pod, flags, upstream, answered = false } = route;
      this.#publish(source, call, startedAt, { pod, targetPort, answer, flags, upstream, arrived: answered, isDenied: answered });
      return answer;
    }
    const { pod, upstream } = route;
    const answer = this.#answer(pod, call, startedAt, hops);
    this.#publish(source, call, startedAt, {
      pod,
      targetPort: route.targetPort ?? targetPort,
      answer,
      flags: '-',
      upstream,
      arrived: true,
    });
    return answer;
  }

  #answer(pod: KubeObject, call: Call, startedAt: number, hops: number): Answer {
    const operation = this.#operationOf(pod, call);
    if (!operation) return { status: 404, grpcStatus: call.protocol === 'grpc' ? 12 : undefined, durationMs: 1, ...NOTHING };
    let durationMs = operation.latencyMs * (0.5 + this.#random());
    const [onward] = operation.calls ?? [];
    if (operation.forwards === true && onward && hops > 0) {
      const answer = this.#send(pod, forwarded(onward, call), Math.round(startedAt + durationMs), hops - 1);
      return { ...answer, durationMs: Math.round(durationMs) + answer.durationMs };
    }
    let failed = false;
    for (const next of hops > 0 ? (operation.calls ?? []) : []) {
      const answer = this.#send(pod, next, Math.round(startedAt + durationMs), hops - 1);
      durationMs += answer.durationMs;
      failed ||= answer.status >= 500 || (answer.grpcStatus ?? 0) !== 0;
    }
    const { status, grpcStatus } = this.#outcome(operation, failed);
    return {
      status,
      grpcStatus: call.protocol === 'grpc' ? grpcStatus : undefined,
      durationMs: Math.max(1, Math.round(durationMs)),
      body: operation.body ?? 'x'.repeat(operation.responseBytes),
      contentType: operation.contentType ?? 'text/plain',
    };
  }

  #outcome(operation: Operation, failed: boolean): { readonly status: number; readonly grpcStatus: number } {
    if (failed && operation.propagates === true) return { status: 500, grpcStatus: 2 };
    const { failing = { share: 0, status: 500 } } = operation;
    const { status = 200, grpcStatus = 0 } = this.#random() < failing.share ? failing : operation;
    return { status, grpcStatus };
  }

  #operationOf(pod: KubeObject, { method, path }: Call): Operation | undefined {
    const fits = (behaviour: Behaviour): boolean =>
      behaviour.namespace === pod.metadata.namespace && labelsMatch(behaviour.labels, pod.metadata.labels ?? {});
    return this.#application.behaviours
      .find(fits)
      ?.operations.find((operation) => path.startsWith(operation.path) && (operation.method ?? method) === method);
  }

  #endpoints({ namespace, service, port }: Call): { readonly pods: readonly KubeObject[]; readonly targetPort: number } {
    const { store } = this.#inside;
    const ports = itemsAt(store.get('core/Service', namespace, service), 'spec', 'ports').map(({ item }) => item);
    const name = ports.find((each) => each['port'] === port)?.['name'];
    const subsets = itemsAt(store.get('core/Endpoints', namespace, service), 'subsets').map(({ item }) => item);
    const pods = subsets
      .flatMap((subset) => itemsAt(subset, 'addresses'))
      .flatMap(({ item }) => store.get('core/Pod', namespace, stringAt(item, 'targetRef', 'name') ?? '') ?? []);
    const target = subsets.flatMap((subset) => itemsAt(subset, 'ports')).find(({ item }) => item['name'] === name)?.item;
    return { pods, targetPort: numberAt(target, 'port') ?? port };
  }

  #publish(
    source: KubeObject | undefined,
    call: Call,
    startedAt: number,
    { pod, targetPort, answer, flags, upstream, arrived, isForwarded = false, isDenied = false }: Outcome,
  ): void {
    const exchange: Exchange = {
      ...{ protocol: 'http1', scheme: 'http', headers: {}, authority: `${call.service}:${call.port}` },
      ...call,
      ...{ id: ++this.#ids, startedAt, source, destination: pod, targetPort, flags, upstream, arrived, isForwarded, isDenied },
      ...{ status: answer.status, grpcStatus: answer.grpcStatus, durationMs: answer.durationMs },
      ...{ requestBytes: call.method === 'POST' ? 64 : 0, responseBytes: answer.body.length },
    };
    for (const listener of this.#listeners) listener(exchange);
  }
}

const forwarded = (onward: Call, { method, path, headers, authority }: Call): Call => ({
  ...onward,
  ...{ method, path },
  headers: { ...onward.headers, ...headers },
  ...(authority === undefined ? {} : { authority }),
});

interface Outcome {
  readonly pod: KubeObject | undefined;
  readonly targetPort: number;
  readonly answer: Answer;
  readonly flags: string;
  readonly upstream: string | undefined;
  readonly arrived: boolean;
  readonly isForwarded?: boolean;
  readonly isDenied?: boolean;
}

const NOTHING = { body: '', contentType: 'text/plain' };

const isReady = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  itemsAt(pod, 'status', 'conditions').some(({ item }) => item['type'] === 'Ready' && item['status'] === 'True');

/** Numbers below one that look random and are the same each time. @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

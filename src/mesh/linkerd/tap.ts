/**
 * Linkerd's tap API: the requests of a pod, as three messages each, which are joined here.
 * @see https://github.com/linkerd/linkerd2/blob/main/viz/tap/proto/viz_tap.proto
 */
import { EXIT, MeshctlError } from '../../errors.ts';
import { isBody, numberAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { TapEvent, TapPeer, TapQuery, TapSource, TapTools } from '../../model/tap.ts';
import { decode, encode } from '../../text/protobuf.ts';
import { Frames } from './frames.ts';
import { API_ERROR, METHODS, TAP_BY_RESOURCE, TAP_EVENT } from './tap-messages.ts';

const ENABLED = 'viz.linkerd.io/tap-enabled';
const DISABLED = 'viz.linkerd.io/disable-tap';
const TITLE = "Linkerd's tap API";

export const linkerdTap: TapSource = {
  id: 'tap',
  title: TITLE,
  obstacle: async (pod, { cluster, signal }) => {
    const isServed = [...(await cluster.kinds(signal)).keys()].some((kind) => kind.startsWith('tap.linkerd.io/'));
    if (!isServed)
      return {
        reason: "Linkerd's tap API is not served.",
        hint: 'Install the extension viz: "meshctl install linkerd-viz"; "meshctl check" tells why it is not served when it is there.',
      };
    if (pod.annotations[ENABLED] === 'true') return undefined;
    if (pod.annotations[DISABLED] === 'true') return { reason: `Its annotation ${DISABLED} turns tap off.` };
    return {
      reason: 'Its proxy was injected before the extension viz was there.',
      hint: 'Restart its workload, such as with "kubectl rollout restart", so that it is injected anew.',
    };
  },
  open: async function* (pod, query, tools) {
    const { headers, body } = await tools.cluster.aggregated({
      path: `/apis/tap.linkerd.io/v1alpha1/watch/namespaces/${pod.namespace}/pods/${pod.name}/tap`,
      body: encode(TAP_BY_RESOURCE, requestFor(pod, query)),
      ...{
        verb: 'watch',
        resource: 'pods/tap.tap.linkerd.io',
        what: `the requests of Pod ${pod.namespace}/${pod.name}`,
        namespace: pod.namespace,
      },
      signal: tools.signal,
    });
    const frames = new Frames();
    const requests = new Requests(pod, tools);
    for await (const chunk of body) {
      for (const frame of frames.push(chunk)) {
        if (headers['linkerd-error'] !== undefined) throw refusal(frame);
        const event = requests.add(decode('TapEvent', TAP_EVENT, frame));
        if (event) yield event;
      }
    }
  },
};

function refusal(frame: Uint8Array): MeshctlError {
  const error = stringAt(decode('ApiError', API_ERROR, frame), 'error') ?? 'it does not say why';
  return new MeshctlError('E_TAP', `${TITLE} refuses: ${error}.`, { exit: EXIT.unreachable });
}

/** A tap of Linkerd knows paths by how they begin, and hosts as a whole. */
function requestFor({ namespace, name }: Resource, { method, path, maxRps, wantsHeaders }: TapQuery): Body {
  const matches = [
    ...(method === undefined ? [] : [{ http: { method } }]),
    ...(path === undefined || path.is === 'expression' ? [] : [{ http: { path: path.value } }]),
  ];
  return {
    target: { resource: { namespace, type: 'pod', name } },
    match: { all: { matches } },
    maxRps,
    ...(wantsHeaders ? { extract: { http: { headers: {} } } } : {}),
  };
}

/** Requests whose answer has not ended yet; the oldest are given up where there are too many. */
const MOST_OPEN = 10_000;

class Requests {
  readonly #open = new Map<string, TapEvent>();
  readonly #pod: Resource;
  readonly #tools: TapTools;

  constructor(pod: Resource, tools: TapTools) {
    this.#pod = pod;
    this.#tools = tools;
  }

  /** @returns the request that the message ends */
  add(message: Body): TapEvent | undefined {
    const http = partOf(message, 'http');
    const [init, answer, end] = [partOf(http, 'requestInit'), partOf(http, 'responseInit'), partOf(http, 'responseEnd')];
    if (init) {
      this.#keep(idOf(init), this.#begun(message, init));
      return undefined;
    }
    const id = idOf(answer ?? end);
    const known = this.#open.get(id);
    if (!known) return undefined;
    const response = { ...known.response, ...(answer ? answered(answer) : ended(end ?? {})) };
    const event = { ...known, time: known.time, response };
    if (answer) {
      this.#open.set(id, event);
      return undefined;
    }
    this.#open.delete(id);
    return event;
  }

  #keep(id: string, event: TapEvent): void {
    this.#open.set(id, event);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_OPEN && oldest !== undefined) this.#open.delete(oldest);
  }

  #begun(message: Body, init: Body): TapEvent {
    const direction = message['direction'] === 1 ? 'inbound' : message['direction'] === 2 ? 'outbound' : 'unknown';
    const [from, to] = [labelsOf(message, 'sourceMeta'), labelsOf(message, 'destinationMeta')];
    const { namespace, name } = this.#pod;
    const self = { namespace, pod: name };
    const tls = (direction === 'inbound' ? from : to)['tls'];
    return {
      time: this.#tools.now(),
      ...{ mesh: 'linkerd', proxy: { namespace, name }, direction },
      source: { ...peerOf(message, 'source', from, 'client_id'), ...(direction === 'outbound' ? self : {}) },
      destination: { ...peerOf(message, 'destination', to, 'server_id'), ...(direction === 'inbound' ? self : {}) },
      request: {
        method: methodOf(partOf(init, 'method')),
        authority: stringAt(init, 'authority') ?? '',
        path: stringAt(init, 'path') ?? '-',
        headers: headersOf(init),
      },
      tls: tls === 'true' ? 'mutual' : tls === undefined || tls === 'loopback' ? undefined : 'none',
      routeName: labelsOf(message, 'routeMeta')['route'],
    };
  }
}

const partOf = (value: unknown, name: string): Body | undefined => {
  const part = isBody(value) ? value[name] : undefined;
  return isBody(part) ? part : undefined;
};

const idOf = (part: Body | undefined): string => {
  const id = partOf(part, 'id');
  return `${numberAt(id, 'base') ?? 0}:${numberAt(id, 'stream') ?? 0}`;
};

const answered = (init: Body): object => ({
  status: numberAt(init, 'status'),
  durationMs: numberAt(init, 'since'),
  headers: headersOf(init, 'headers'),
});

function ended(end: Body): object {
  const eos = partOf(end, 'eos');
  // What is zero is left out of the message; that there is an end by gRPC at all shows by its being there.
  const grpc = eos && !('reset' in eos) ? { grpcStatus: numberAt(eos, 'grpc') ?? 0 } : {};
  const reset = eos && 'reset' in eos ? { flags: 'UR' } : {};
  return { durationMs: numberAt(end, 'sinceRequest') ?? 0, bytes: numberAt(end, 'bytes') ?? 0, ...grpc, ...reset };
}

function methodOf(method: Body | undefined): string {
  return stringAt(method, 'unregistered') ?? METHODS[numberAt(method, 'registered') ?? 0] ?? '-';
}

function headersOf(part: Body, field = 'headers'): Readonly<Record<string, string>> | undefined {
  const list = partOf(part, field)?.['headers'];
  if (!Array.isArray(list)) return undefined;
  return Object.fromEntries(list.map((header) => [(stringAt(header, 'name') ?? '').toLowerCase(), stringAt(header, 'value') ?? '']));
}

type Labels = Readonly<Record<string, string>>;

const labelsOf = (message: Body, field: string): Labels => (partOf(message, field)?.['labels'] ?? {}) as Labels;

const WORKLOADS = ['deployment', 'statefulset', 'daemonset', 'k8s_job', 'cronjob', 'replicaset', 'replicationcontroller'];

function peerOf(message: Body, end: 'source' | 'destination', labels: Labels, identity: string): TapPeer {
  const address = partOf(message, end);
  const { namespace, pod, service } = labels;
  return {
    namespace,
    pod,
    workload: WORKLOADS.flatMap((kind) => labels[kind] ?? [])[0],
    service: service === undefined ? undefined : `${service}.${namespace}`,
    address: ipOf(partOf(address, 'ip')),
    port: numberAt(address, 'port'),
    identity: labels[identity],
  };
}

function ipOf(ip: Body | undefined): string | undefined {
  const v4 = numberAt(ip, 'v4');
  if (v4 !== undefined) return [24, 16, 8, 0].map((shift) => (v4 >>> shift) & 255).join('.');
  const v6 = partOf(ip, 'v6');
  if (!v6) return undefined;
  const hex = ['first', 'last']
    .map((half) =>
      BigInt((v6[half] as bigint | undefined) ?? 0)
        .toString(16)
        .padStart(16, '0'),
    )
    .join('');
  return (hex.match(/.{4}/g) ?? []).map((group) => group.replace(/^0{1,3}/, '')).join(':');
}

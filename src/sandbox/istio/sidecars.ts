/** What every proxy remembers: what it counted, its log, its levels of logging and who taps it. Made when first needed. */

import { stringAt } from '../../model/body.ts';
import { parseYaml } from '../../text/yaml.ts';
import type { Inside, LiveLog } from '../options.ts';
import type { KubeObject } from '../store/object.ts';
import type { Exchange } from '../traffic/exchange.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { accessLogLine, type Side } from './access-log.ts';
import { type MeshProxy, proxyOf } from './proxy.ts';
import { ProxyStats } from './stats.ts';

type Observer = (exchange: Exchange, side: Side) => void;

export interface Sidecar {
  readonly stats: ProxyStats;
  /** The last lines. */
  readonly log: string[];
  readonly followers: Set<(line: string) => void>;
  readonly levels: Map<string, string>;
  /** Sees every exchange that the proxy takes part in. */
  readonly observers: Set<Observer>;
  /** Envoy has one tap at a time. */
  isTapped: boolean;
}

const MOST_LINES = 500;

export class Sidecars {
  readonly #inside: Inside;
  readonly #known = new Map<string, Sidecar>();

  constructor(inside: Inside, traffic: Traffic) {
    this.#inside = inside;
    const stops = [
      traffic.subscribe((exchange) => this.#record(exchange)),
      inside.store.subscribe(({ type, object }) => {
        if (type === 'DELETED' && object.kind === 'Pod') this.#known.delete(object.metadata.uid ?? '');
      }),
    ];
    inside.closing.addEventListener('abort', () => {
      for (const stop of stops) stop();
    });
  }

  of({ pod }: MeshProxy): Sidecar {
    const uid = pod.metadata.uid ?? pod.metadata.name;
    const known = this.#known.get(uid) ?? {
      stats: new ProxyStats(),
      log: [...startLines(pod)],
      followers: new Set(),
      levels: new Map(),
      observers: new Set(),
      isTapped: false,
    };
    this.#known.set(uid, known);
    return known;
  }

  #record(exchange: Exchange): void {
    const { source, destination, arrived, isForwarded } = exchange;
    const from = source && proxyOf(source);
    if (from) this.#note(from, exchange, 'source');
    const to = destination && arrived && !isForwarded ? proxyOf(destination) : undefined;
    // A gateway's request is the one that it sends on: it has one line and one count.
    if (to?.type === 'sidecar') this.#note(to, exchange, 'destination');
  }

  #note(proxy: MeshProxy, exchange: Exchange, side: Side): void {
    const { stats, log, followers, observers } = this.of(proxy);
    stats.record(exchange, side);
    for (const observer of observers) observer(exchange, side);
    if (!this.#writesAccessLog()) return;
    const line = accessLogLine(exchange, side);
    log.push(line);
    if (log.length > MOST_LINES) log.shift();
    for (const follower of followers) follower(line);
  }

  /** The mesh configuration decides, and may be changed. */
  #writesAccessLog(): boolean {
    const config = this.#inside.store.get('core/ConfigMap', 'istio-system', 'istio');
    if (config !== this.#meshConfig.object) {
      const text = stringAt(config, 'data', 'mesh') ?? '';
      this.#meshConfig = {
        object: config,
        logs: text.includes('accessLogFile') && stringAt(parseYaml(text), 'accessLogFile') === '/dev/stdout',
      };
    }
    return this.#meshConfig.logs;
  }

  #meshConfig: { readonly object: KubeObject | undefined; readonly logs: boolean } = { object: undefined, logs: false };
}

function startLines({ metadata }: KubeObject): readonly string[] {
  const time = new Date(metadata.creationTimestamp ?? 0).toISOString().replace('Z', '000Z');
  return ['Starting proxy agent', 'Envoy proxy is ready'].map((text) => `${time}\tinfo\t${text}\n`);
}

export const proxyLog = ({ log, followers }: Sidecar): LiveLog => ({ text: log.join(''), added: (signal) => addedTo(followers, signal) });

function addedTo(followers: Sidecar['followers'], signal: AbortSignal): AsyncIterable<string> {
  const waiting: string[] = [];
  let wake: () => void = () => undefined;
  const follower = (line: string): void => {
    // A reader that does not keep up loses the oldest lines.
    if (waiting.push(line) > MOST_LINES) waiting.shift();
    wake();
  };
  followers.add(follower);
  signal.addEventListener('abort', () => wake());
  return {
    async *[Symbol.asyncIterator]() {
      try {
        while (!signal.aborted) {
          if (waiting.length > 0) yield waiting.splice(0).join('');
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        followers.delete(follower);
      }
    },
  };
}

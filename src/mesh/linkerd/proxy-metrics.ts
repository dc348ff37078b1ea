/** What a proxy tells about itself on its admin port. */
import { groupBy } from '../../model/maps.ts';
import { readSamples, type Sample } from '../../text/prometheus.ts';

export interface ProxyMetrics {
  /** Of the certificate, in milliseconds since the epoch; undefined before it has one. */
  readonly certificate: { readonly issuedAt: number | undefined; readonly expiresAt: number } | undefined;
  /** Certificates that it was given since it started. */
  readonly renewals: number;
  /** Renewals that failed since the proxy started. */
  readonly failedRenewals: number;
  /** `destination`, `identity`, `policy`: those that it has given up waiting for. */
  readonly unreachable: readonly string[];
  readonly detections: readonly Detections[];
}

/** Connections on a port whose protocol the proxy had to find out. */
interface Detections {
  /** Empty when the metric does not tell. */
  readonly port: string;
  readonly all: number;
  /** Those whose client sent nothing within 10 seconds. */
  readonly timeouts: number;
}

const EXPIRY = /^(?:control_)?identity_cert_expiration_timestamp_seconds$/;
const REFRESH = /^(?:control_)?identity_cert_refresh_timestamp_seconds$/;
const RENEWALS = /^(?:control_)?identity_cert_refreshes(?:_total)?$/;
const DETECTIONS = 'inbound_tcp_detect_http_results_total';
const CONTROLLERS = ['destination', 'identity', 'policy'] as const;

const isWanted = (name: string): boolean =>
  name === DETECTIONS || name.includes('identity_cert_') || /^control_(?:destination|identity|policy)_balancer_/.test(name);

export function readProxyMetrics(text: string): ProxyMetrics {
  const samples = readSamples(text, isWanted);
  const found = (name: RegExp): number | undefined => samples.find((sample) => name.test(sample.name) && sample.value > 0)?.value;
  const [expiry, refresh] = [found(EXPIRY), found(REFRESH)];
  return {
    certificate:
      expiry === undefined ? undefined : { expiresAt: expiry * 1000, issuedAt: refresh === undefined ? undefined : refresh * 1000 },
    renewals: sum(samples.filter(({ name, labels }) => RENEWALS.test(name) && (labels['result'] ?? 'ok') === 'ok')),
    failedRenewals: sum(samples.filter(({ name, labels }) => RENEWALS.test(name) && (labels['result'] ?? 'ok') !== 'ok')),
    unreachable: CONTROLLERS.filter((controller) => isUnreachable(controller, samples)),
    detections: detectionsOf(samples.filter(({ name }) => name === DETECTIONS)),
  };
}

/** The queue before a balancer shuts its gate when no endpoint has been ready for a while, and requests fail at once. */
function isUnreachable(controller: string, samples: readonly Sample[]): boolean {
  const latest = (suffix: string): number =>
    Math.max(
      0,
      ...samples
        .filter(({ name }) => name === `control_${controller}_balancer_queue_gate_${suffix}_time_seconds`)
        .map(({ value }) => value),
    );
  return latest('shut') > latest('open');
}

function detectionsOf(samples: readonly Sample[]): readonly Detections[] {
  return [...groupBy(samples, ({ labels }) => labels['srv_port'] ?? '')].map(([port, group]) => ({
    port,
    all: sum(group),
    timeouts: sum(group.filter(({ labels }) => labels['result'] === 'read_timeout')),
  }));
}

const sum = (samples: readonly Sample[]): number => samples.reduce((total, { value }) => total + value, 0);

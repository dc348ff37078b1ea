/** The proxies that run: one for each meshed pod, from its first use until the pod goes. */
import { at, itemsAt, stringAt } from '../../model/body.ts';
import type { Inside } from '../options.ts';
import { type Certificate, issueCertificate } from '../pki/certificate.ts';
import type { KubeObject } from '../store/object.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { endpointCounts } from './exchange-view.ts';
import { CONTROL_NAMESPACE, identityName, TRUST_DOMAIN } from './names.ts';
import { buildOf, identityOf, proxyOf } from './pods.ts';
import { ProxyCounts } from './proxy-counts.ts';
import { variableOf } from './proxy-environment.ts';
import type { MeshTrust } from './trust.ts';

const HOUR_MS = 3_600_000;
const LIFETIME_MS = 24 * HOUR_MS + 20_000;
/** A proxy asks for a new certificate when so much of the lifetime has gone. */
const RENEWAL_MS = 0.7 * 24 * HOUR_MS;

export interface RunningProxy {
  readonly counts: ProxyCounts;
  logLevel: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  certificate?: Certificate & { readonly issuedAt: number };
}

export class Proxies {
  readonly #inside: Inside;
  readonly #trust: MeshTrust;
  readonly #running = new Map<string, RunningProxy>();

  constructor(inside: Inside, trust: MeshTrust, traffic: Traffic) {
    this.#inside = inside;
    this.#trust = trust;
    traffic.subscribe((exchange) => {
      const { source, destination } = exchange;
      if (source) this.of(source)?.counts.sent(exchange);
      if (destination) this.of(destination)?.counts.received(exchange, destination);
    });
    inside.store.subscribe(({ type, kind, object }) => {
      if (type !== 'DELETED' || kind !== 'core/Pod') return;
      this.#running.delete(object.metadata.uid ?? '');
      for (const { counts } of this.#running.values()) counts.forget(object);
    });
  }

  /** @returns undefined for a pod without a proxy */
  of(pod: KubeObject): RunningProxy | undefined {
    const { uid = '' } = pod.metadata;
    const running = this.#running.get(uid);
    const container = running ? undefined : proxyOf(pod);
    if (running || !container) return running;
    const started = Date.parse(stringAt(pod, 'status', 'startTime') ?? '');
    const proxy: RunningProxy = {
      counts: new ProxyCounts(this.#inside.store),
      logLevel: variableOf(container, 'LINKERD2_PROXY_LOG') ?? '',
      startedAt: Number.isNaN(started) ? this.#inside.now() : started,
    };
    this.#running.set(uid, proxy);
    return proxy;
  }

  /** The process ends and the kubelet starts it again: what it counted is gone. */
  restart(pod: KubeObject): void {
    const { store, now } = this.#inside;
    const time = `${new Date(now()).toISOString().slice(0, 19)}Z`;
    this.#running.delete(pod.metadata.uid ?? '');
    const latest = store.get('core/Pod', pod.metadata.namespace ?? '', pod.metadata.name);
    if (!latest) return;
    const restarted = (field: string): readonly object[] =>
      itemsAt(latest, 'status', field).map(({ item }) =>
        item['name'] === 'linkerd-proxy'
          ? {
              ...item,
              restartCount: Number(item['restartCount'] ?? 0) + 1,
              lastState: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: time } },
              state: { running: { startedAt: time } },
            }
          : item,
      );
    const status = at(latest, ['status']) as object;
    const changed = Object.fromEntries(
      ['initContainerStatuses', 'containerStatuses']
        .filter((field) => at(latest, ['status', field]))
        .map((field) => [field, restarted(field)]),
    );
    store.replace('core/Pod', { ...latest, status: { ...status, ...changed } });
    const proxy = this.of(latest);
    if (proxy) proxy.startedAt = now();
  }

  /** The certificate that the pod's proxy shows to whoever connects. */
  certificateOf(pod: KubeObject, proxy: RunningProxy): Pick<Certificate, 'certificatePem' | 'keyPem'> {
    const issuedAt = this.#issuedAt(proxy);
    if (proxy.certificate?.issuedAt !== issuedAt) {
      const name = identityOf(pod);
      const { issuer } = this.#trust;
      const period = { notBefore: issuedAt - 20_000, notAfter: issuedAt + LIFETIME_MS };
      proxy.certificate = { ...issueCertificate({ commonName: name, dnsNames: [name], issuer, ...period }), issuedAt };
    }
    const { certificatePem, keyPem } = proxy.certificate;
    return { certificatePem: certificatePem + this.#trust.issuer.certificatePem, keyPem };
  }

  metricsText(pod: KubeObject, proxy: RunningProxy): string {
    const { metrics } = proxy.counts;
    proxy.counts.refresh();
    const issuedAt = this.#issuedAt(proxy);
    metrics.set('proxy_build_info', { version: buildOf(pod), profile: 'release', vendor: 'linkerd' }, 1);
    metrics.set('process_start_time_seconds', {}, Math.round(proxy.startedAt / 1000));
    metrics.set('control_identity_cert_expiration_timestamp_seconds', {}, Math.round((issuedAt + LIFETIME_MS) / 1000));
    metrics.set('control_identity_cert_refresh_timestamp_seconds', {}, Math.round(issuedAt / 1000));
    const refreshes = 1 + Math.round((issuedAt - proxy.startedAt) / RENEWAL_MS);
    metrics.set('control_identity_cert_refreshes_total', { result: 'ok' }, refreshes, 'counter');
    this.#countControllers(proxy);
    return metrics.text();
  }

  /** The identity service issues nothing any more once its own certificate has expired. */
  #issuedAt({ startedAt }: RunningProxy): number {
    const until = Math.min(this.#inside.now(), this.#trust.issuerNotAfter);
    return startedAt + Math.max(0, Math.floor((until - startedAt) / RENEWAL_MS)) * RENEWAL_MS;
  }

  #countControllers({ counts: { metrics }, startedAt }: RunningProxy): void {
    // Streams to the control plane are opened anew every hour.
    const streams = 1 + Math.floor((this.#inside.now() - startedAt) / HOUR_MS);
    for (const [part, service, port, account] of CONTROLLERS) {
      const addr = `${service}.${CONTROL_NAMESPACE}.svc.${TRUST_DOMAIN}:${port}`;
      const { ready } = endpointCounts(this.#inside.store, CONTROL_NAMESPACE, service);
      metrics.set(`control_${part}_balancer_p2c_endpoints`, { addr }, ready);
      const labels = { addr, tls: 'true', server_id: identityName(account, CONTROL_NAMESPACE) };
      const outcome = { status_code: 200, classification: 'success', grpc_status: 0, error: '' };
      metrics.set('control_response_total', { ...labels, ...outcome }, streams, 'counter');
    }
  }
}

const CONTROLLERS = [
  ['destination', 'linkerd-dst-headless', 8086, 'linkerd-destination'],
  ['policy', 'linkerd-policy', 8090, 'linkerd-destination'],
  ['identity', 'linkerd-identity-headless', 8080, 'linkerd-identity'],
] as const;

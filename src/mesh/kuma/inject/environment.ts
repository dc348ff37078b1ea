/** The environment of the proxy, in the order of its names. */
import { at, objectAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { formatDuration, parseDuration } from '../../../text/duration.ts';
import type { Annotations } from './annotations.ts';
import type { Configuration } from './configuration.ts';
import { SPIRE } from './keys.ts';
import { probePort } from './redirection.ts';

export function environment(configuration: Configuration, annotations: Annotations, mesh: string): readonly Body[] {
  const { injector, controlPlane } = configuration;
  const drain =
    annotations.duration('kuma.io/sidecar-drain-time') ?? parseDuration(String(at(injector, ['sidecarContainer', 'drainTime'])));
  const dns = objectAt(injector, 'builtinDNS');
  const level = annotations.text('kuma.io/envoy-log-level');
  const componentLevel = annotations.text('kuma.io/envoy-component-log-level');
  const texts: Readonly<Record<string, string>> = {
    KUMA_CONTROL_PLANE_URL: controlPlane.url,
    KUMA_CONTROL_PLANE_CA_CERT: controlPlane.caCert,
    KUMA_DATAPLANE_MESH: mesh,
    KUMA_DATAPLANE_DRAIN_TIME: formatDuration(drain ?? 0),
    KUMA_DATAPLANE_RUNTIME_TOKEN_PATH: '/var/run/secrets/kubernetes.io/serviceaccount/token',
    KUMA_DNS_ENABLED: String(dns['enabled'] === true),
    ...(dns['enabled'] === true && { KUMA_DNS_PROXY_PORT: String(dns['port']) }),
    ...(level !== undefined && { KUMA_DATAPLANE_RUNTIME_ENVOY_LOG_LEVEL: level }),
    ...(componentLevel !== undefined && { KUMA_DATAPLANE_RUNTIME_ENVOY_COMPONENT_LOG_LEVEL: componentLevel }),
    ...(injector['otelPipeEnabled'] !== true && { KUMA_DATAPLANE_RUNTIME_OTEL_PIPE_ENABLED: 'false' }),
    ...(hasSpire(configuration, annotations) && { KUMA_DATAPLANE_RUNTIME_SPIRE_SUPPORTED: 'true' }),
    KUMA_APPLICATION_PROBE_PROXY_PORT: String(probePort(annotations, configuration)),
  };
  const given = { ...objectAt(injector, 'sidecarContainer', 'envVars'), ...annotations.map('kuma.io/sidecar-env-vars') };
  const variables: readonly Body[] = [
    fromField('POD_NAME', 'metadata.name'),
    fromField('POD_NAMESPACE', 'metadata.namespace'),
    fromField('INSTANCE_IP', 'status.podIP'),
    ...(injector['otelPipeEnabled'] === true ? [fromField('HOST_IP', 'status.hostIP')] : []),
    ...Object.entries({ ...texts, ...given }).map(([name, value]) => ({ name, value: String(value) })),
  ];
  // Of two with the same name the later one counts, which somebody asked for.
  const byName = new Map(variables.map((variable) => [String(variable['name']), variable]));
  return [...byName.values()].sort((left, right) => (String(left['name']) < String(right['name']) ? -1 : 1));
}

/** Whether the proxy gets its identity from SPIRE. */
export const hasSpire = ({ injector }: Configuration, annotations: Annotations): boolean =>
  annotations.isOn(SPIRE, at(injector, ['spire', 'enabled']) === true);

const fromField = (name: string, fieldPath: string): Body => ({ name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } });

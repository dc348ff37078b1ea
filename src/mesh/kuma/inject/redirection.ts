/**
 * How the pod's traffic comes to the proxy: the configuration that the init container, the CNI plugin and the proxy
 * read from an annotation of the pod.
 * @see https://kuma.io/docs/latest/production/dp-config/transparent-proxying/
 */
import { at, booleanAt, isBody, listAt, objectAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { emitYaml } from '../../../template/emit-yaml.ts';
import { fromPlain } from '../../../template/value.ts';
import { formatDuration, parseDuration } from '../../../text/duration.ts';
import { overlay } from '../../injection/edit.ts';
import { type Annotations, portsOf } from './annotations.ts';
import type { Configuration } from './configuration.ts';
import { GATEWAY, PROBE_PORT } from './keys.ts';

/** Where probes of the application are answered in the mesh; 0 when nobody does that. */
export function probePort(annotations: Annotations, { injector }: Configuration): number {
  const own = annotations.number(PROBE_PORT);
  if (annotations.isOn(GATEWAY, false)) return 0;
  return own ?? Number(injector['applicationProbeProxyPort'] ?? 0);
}

/** @param appPorts of the pod's own probes, which come to the application itself where the proxy does not answer them */
export function redirectionOf(configuration: Configuration, annotations: Annotations, appPorts: readonly number[]): Body {
  const { injector, redirection } = configuration;
  const given = objectAt(redirection, 'redirect');
  const isCaptured = booleanAt(given, 'inbound', 'enabled') !== false && !annotations.isOn(GATEWAY, false);
  const probes = probePort(annotations, configuration);
  const inbound = isCaptured ? flowOf('Inbound', configuration, annotations) : objectAt(given, 'inbound');
  const spared = [
    ...(isCaptured && probes > 0 ? [probes] : []),
    ...(injector['envoyAdminUnixSocket'] === true ? [Number(injector['readinessPort'] ?? 0)].filter((port) => port > 0) : []),
    ...(probes === 0 ? appPorts : []),
  ];
  return overlay(redirection, {
    kumaDPUser: String(at(injector, ['sidecarContainer', 'uid']) ?? ''),
    ipFamilyMode: annotations.word('kuma.io/transparent-proxying-ip-family-mode', ['dualstack', 'ipv4']) ?? redirection['ipFamilyMode'],
    cniMode: injector['cniEnabled'] === true,
    dropInvalidPackets: annotations.isOn('traffic.kuma.io/drop-invalid-packets', redirection['dropInvalidPackets'] === true, 'plain'),
    log: { enabled: annotations.isOn('traffic.kuma.io/iptables-logs', booleanAt(redirection, 'log', 'enabled') === true, 'plain') },
    redirect: {
      dns: { port: Number(at(injector, ['builtinDNS', 'port']) ?? 0) },
      inbound: { ...inbound, enabled: isCaptured, excludePorts: [...ports(inbound['excludePorts']), ...spared] },
      outbound: {
        ...flowOf('Outbound', configuration, annotations),
        ...excludedForUsers(annotations),
      },
    },
  });
}

/** Of the annotation, else of the ConfigMap, else of the control plane's configuration. */
function flowOf(direction: 'Inbound' | 'Outbound', { injector, redirection }: Configuration, annotations: Annotations): Body {
  const flow = direction.toLowerCase();
  const given = objectAt(redirection, 'redirect', flow);
  const first = <T>(...lists: readonly (readonly T[])[]): readonly T[] => lists.find((list) => list.length > 0) ?? [];
  return {
    ...given,
    port: Number(at(injector, ['sidecarContainer', `redirectPort${direction}`]) ?? 0),
    excludePorts: first(
      annotations.ports(`traffic.kuma.io/exclude-${flow}-ports`),
      ports(given['excludePorts']),
      ports(at(injector, ['sidecarTraffic', `exclude${direction}Ports`])),
    ),
    excludePortsForIPs: first<unknown>(
      annotations.list(`traffic.kuma.io/exclude-${flow}-ips`),
      listAt(given, 'excludePortsForIPs'),
      listAt(injector, 'sidecarTraffic', `exclude${direction}IPs`),
    ),
  };
}

function excludedForUsers(annotations: Annotations): Body {
  const users = annotations.text('traffic.kuma.io/exclude-outbound-ports-for-uids');
  return users === undefined ? {} : { excludePortsForUIDs: users.split(';') };
}

/** A list, a port, or ports with commas. */
function ports(value: unknown): readonly number[] {
  if (value === undefined || value === null) return [];
  return portsOf(Array.isArray(value) ? value.join(',') : String(value)) ?? [];
}

/** The text of the annotation, without what says nothing. */
export function writeRedirection(redirection: Body): string {
  const sleep = parseDuration(String(at(redirection, ['retry', 'sleepBetweenRetries']) ?? ''));
  const { log, comments, iptablesExecutables, ...rest } = overlay(redirection, {
    ...(sleep !== undefined && { retry: { sleepBetweenRetries: formatDuration(sleep) } }),
  });
  const redirect = objectAt(rest, 'redirect');
  const shown = {
    ...withoutFalse(rest, ['cniMode', 'dropInvalidPackets', 'dryRun', 'storeFirewalld', 'verbose']),
    ...(at(log, ['enabled']) === true && { log }),
    ...(at(comments, ['disabled']) === true && { comments }),
    ...(isBody(iptablesExecutables) && Object.keys(iptablesExecutables).length > 0 && { iptablesExecutables }),
    redirect: {
      dns: objectAt(redirect, 'dns'),
      inbound: withoutFalse(objectAt(redirect, 'inbound'), FLOW_OPTIONS),
      outbound: withoutFalse(objectAt(redirect, 'outbound'), FLOW_OPTIONS),
      ...(listAt(redirect, 'vnet', 'networks').length > 0 && { vnet: redirect['vnet'] }),
    },
  };
  return emitYaml(fromPlain(shown));
}

const FLOW_OPTIONS: readonly string[] = [
  'includePorts',
  'excludePorts',
  'excludePortsForUIDs',
  'excludePortsForIPs',
  'insertRedirectInsteadOfAppend',
];

function withoutFalse(value: Body, keys: readonly string[]): Body {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([key, entry]) => !keys.includes(key) || !(entry === false || (Array.isArray(entry) && entry.length === 0)),
    ),
  );
}

/** What stands beside the proxy: who sends traffic to it, or looks whether the CNI plugin did, and the container for debugging. */
import { at, listAt, objectAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { imageOf, isSet, proxyImage, resourcesOf, textAt } from './chart-values.ts';
import { tokenMounts } from './proxy-container.ts';

/** Puts the rules of iptables into the pod's network. */
export function initContainer(values: Body): Body {
  const resources = resourcesOf(values);
  const isPrivileged = isSet(values, 'proxyInit', 'closeWaitTimeoutSecs') || isSet(values, 'proxyInit', 'privileged');
  const drop = listAt(values, 'proxy', 'capabilities', 'drop').filter((name) => name !== 'NET_RAW' && name !== 'NET_ADMIN');
  return {
    name: 'linkerd-init',
    ...proxyImage(values),
    command: ['/usr/lib/linkerd/linkerd2-proxy-init'],
    args: initArguments(values),
    ...(resources && { resources }),
    securityContext: {
      allowPrivilegeEscalation: isPrivileged,
      capabilities: {
        add: ['NET_ADMIN', 'NET_RAW', ...listAt(values, 'proxy', 'capabilities', 'add')],
        ...(drop.length > 0 && { drop }),
      },
      privileged: isPrivileged,
      ...(isSet(values, 'proxyInit', 'runAsRoot')
        ? { runAsGroup: 0, runAsNonRoot: false, runAsUser: 0 }
        : { runAsNonRoot: true, runAsUser: nobody(values, 'runAsUser'), runAsGroup: nobody(values, 'runAsGroup') }),
      readOnlyRootFilesystem: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [objectAt(values, 'proxyInit', 'xtMountPath'), ...tokenMounts(values)],
  };
}

const nobody = (values: Body, key: string): number => Number(textAt(values, 'proxyInit', key)) || 65534;

function initArguments(values: Body): readonly string[] {
  const of = (...path: string[]): string => textAt(values, ...path);
  const given = (flag: string, ...path: string[]): readonly string[] => (isSet(values, ...path) ? [flag, of(...path)] : []);
  const own = `${of('proxy', 'ports', 'control')},${of('proxy', 'ports', 'admin')}`;
  const skipped = of('proxyInit', 'ignoreInboundPorts');
  return [
    ...(of('proxyInit', 'iptablesMode') === 'nft'
      ? ['--firewall-bin-path', 'iptables-nft', '--firewall-save-bin-path', 'iptables-nft-save']
      : []),
    ...(isSet(values, 'disableIPv6') ? ['--ipv6=false'] : []),
    '--incoming-proxy-port',
    of('proxy', 'ports', 'inbound'),
    '--outgoing-proxy-port',
    of('proxy', 'ports', 'outbound'),
    '--proxy-uid',
    of('proxy', 'uid'),
    ...(Number(of('proxy', 'gid')) >= 0 ? ['--proxy-gid', of('proxy', 'gid')] : []),
    '--inbound-ports-to-ignore',
    skipped === '' ? own : `${own},${skipped}`,
    ...given('--outbound-ports-to-ignore', 'proxyInit', 'ignoreOutboundPorts'),
    ...given('--timeout-close-wait-secs', 'proxyInit', 'closeWaitTimeoutSecs'),
    ...given('--log-format', 'proxyInit', 'logFormat'),
    ...given('--log-level', 'proxyInit', 'logLevel'),
    ...given('--subnets-to-ignore', 'proxyInit', 'skipSubnets'),
  ];
}

/** With the CNI plugin the rules are there before the pod starts, or the pod must not start. */
export function networkValidator(values: Body): Body {
  const of = (key: string): string => textAt(values, 'networkValidator', key);
  const isV4 = isSet(values, 'disableIPv6');
  const resources = resourcesOf(values);
  return {
    name: 'linkerd-network-validator',
    ...proxyImage(values),
    command: ['/usr/lib/linkerd/linkerd2-network-validator'],
    args: [
      ...['--log-format', of('logFormat'), '--log-level', of('logLevel')],
      ...['--connect-addr', of('connectAddr') || (isV4 ? '1.1.1.1:20001' : '[fd00::1]:20001')],
      ...['--listen-addr', of('listenAddr') || (isV4 ? '0.0.0.0:4140' : '[::]:4140')],
      ...['--timeout', of('timeout')],
    ],
    ...(resources && { resources }),
    ...(at(values, ['networkValidator', 'enableSecurityContext']) !== false && {
      securityContext: objectAt(values, 'networkValidator', 'securityContext'),
    }),
  };
}

/** Probes that cannot fail, because some clusters demand probes of every container. */
export function debugContainer(values: Body): Body {
  const probe = { exec: { command: ['true'] } };
  return {
    name: 'linkerd-debug',
    ...imageOf(values, 'debugContainer'),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    livenessProbe: probe,
    readinessProbe: probe,
  };
}

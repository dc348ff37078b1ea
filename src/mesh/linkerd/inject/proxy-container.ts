/** The proxy itself. */
import { isBody, listAt, objectAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { isSet, proxyImage, resourcesOf, textAt } from './chart-values.ts';
import { proxyEnvironment } from './proxy-environment.ts';

/** The container that runs the proxy, of `containers` or, as a native sidecar, of `initContainers`. */
const PROXY = 'linkerd-proxy';

export function proxyContainer(values: Body, namespace: string): Body {
  const isNative = isSet(values, 'proxy', 'nativeSidecar');
  const admin = Number(textAt(values, 'proxy', 'ports', 'admin'));
  const resources = resourcesOf(values);
  const lifecycle = lifecycleOf(values);
  return {
    name: PROXY,
    ...proxyImage(values),
    env: proxyEnvironment(values, namespace),
    ports: [
      { containerPort: Number(textAt(values, 'proxy', 'ports', 'inbound')), name: 'linkerd-proxy' },
      { containerPort: admin, name: 'linkerd-admin' },
    ],
    livenessProbe: probe(values, '/live', admin, 'livenessProbe'),
    readinessProbe: probe(values, '/ready', admin, 'readinessProbe'),
    ...(isNative && isSet(values, 'proxy', 'await') && { startupProbe: probe(values, '/ready', admin, 'startupProbe') }),
    ...(resources && { resources }),
    securityContext: securityContext(values),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    ...(lifecycle && { lifecycle }),
    volumeMounts: mounts(values),
    ...(isNative && { restartPolicy: 'Always' }),
  };
}

/** A number that is zero is left out, as it is when the API server shows the probe. */
function probe(values: Body, path: string, port: number, name: string): Body {
  const timing = Object.entries(objectAt(values, 'proxy', name)).filter(([, value]) => value !== 0);
  return { httpGet: { path, port }, ...Object.fromEntries(timing) };
}

function securityContext(values: Body): Body {
  if (isSet(values, 'proxy', 'securityContext')) return objectAt(values, 'proxy', 'securityContext');
  const sides = Object.entries(objectAt(values, 'proxy', 'capabilities')).filter(([, names]) => Array.isArray(names) && names.length > 0);
  const gid = Number(textAt(values, 'proxy', 'gid'));
  return {
    allowPrivilegeEscalation: false,
    ...(sides.length > 0 && { capabilities: Object.fromEntries(sides) }),
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: Number(textAt(values, 'proxy', 'uid')),
    ...(gid >= 0 && { runAsGroup: gid }),
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** A native sidecar starts before and stops after the others by itself. */
function lifecycleOf(values: Body): Body | undefined {
  if (isSet(values, 'proxy', 'nativeSidecar')) return undefined;
  const command = (...words: readonly string[]): Body => ({ exec: { command: words } });
  const hooks = {
    ...(isSet(values, 'proxy', 'await') && {
      postStart: command('/usr/lib/linkerd/linkerd-await', '--timeout=2m', `--port=${textAt(values, 'proxy', 'ports', 'admin')}`),
    }),
    ...(isSet(values, 'proxy', 'waitBeforeExitSeconds') && {
      preStop: command('/bin/sleep', textAt(values, 'proxy', 'waitBeforeExitSeconds')),
    }),
  };
  return Object.keys(hooks).length > 0 ? hooks : undefined;
}

function mounts(values: Body): readonly Body[] {
  return [
    { mountPath: '/var/run/linkerd/identity/end-entity', name: 'linkerd-identity-end-entity' },
    ...(isSet(values, 'proxy', 'tracing', 'enabled') ? [{ mountPath: '/var/run/linkerd/podinfo', name: 'linkerd-podinfo' }] : []),
    ...(isSet(values, 'identity', 'serviceAccountTokenProjection')
      ? [{ mountPath: '/var/run/secrets/tokens', name: 'linkerd-identity-token' }]
      : []),
    ...tokenMounts(values),
  ];
}

/** Where the first container has the token of its service account, the proxy's containers have it too. */
export function tokenMounts(values: Body): readonly Body[] {
  return listAt(values, 'proxy', 'saMountPath').filter(isBody);
}

/**
 * How workloads get the proxy of Open Service Mesh: by an annotation for the injector, which issues a certificate for
 * each pod and keeps it in a Secret of that pod.
 * @see https://docs.openservicemesh.io/docs/guides/app_onboarding/sidecar_injection/
 */
import { stringAt } from '../../model/body.ts';
import type { InjectOutcome, InjectReason, InjectRequest } from '../../model/inject.ts';
import { type Marking, markingInject } from '../injection/marking.ts';
import { skipped } from '../injection/outcome.ts';
import { INJECTION, MONITORED_BY } from './sidecar-mesh.ts';

const IGNORE = 'openservicemesh.io/ignore';
const UUID = 'osm-proxy-uuid';

const marking: Marking = {
  title: 'Open Service Mesh',
  whyNotManual: 'Its certificate is issued by the injector when the pod is admitted.',
  flags: [{ flags: '--osm-mesh <name>', description: 'name of the control plane, "osm" unless it was given another' }],
  mark: { key: INJECTION, value: 'enabled', off: 'disabled', read: isOn },
  readHome: ({ labels, annotations }) => (labels[MONITORED_BY] === undefined ? undefined : isOn(annotations[INJECTION] ?? '')),
  look: async () => ({ refuse: refused, notices: (request) => [...unmonitored(request), ARCHIVED], annotations: {} }),
  namespaceMarks: (settings) => ({
    labels: { [MONITORED_BY]: String(settings['osm-mesh'] ?? 'osm') },
    annotations: { [INJECTION]: 'enabled' },
  }),
  traces: ({ object, template }) => {
    // Other pods have containers of that name too.
    const isInjected = stringAt(object, ...template, 'metadata', 'labels', UUID) !== undefined;
    return {
      isContainer: (name) => isInjected && ['envoy', 'osm-init', 'osm-healthcheck'].includes(name),
      isVolume: (name) => name === 'envoy-bootstrap-config-volume',
      isLabel: (key) => key === UUID || isTrace(key),
      isAnnotation: isTrace,
    };
  },
};

export const inject = markingInject(marking);

const isTrace = (key: string): boolean => key.startsWith('openservicemesh.io/') && key !== IGNORE;

function isOn(value: string): boolean | undefined {
  const word = value.toLowerCase();
  if (['enabled', 'yes', 'true'].includes(word)) return true;
  return ['disabled', 'no', 'false'].includes(word) ? false : undefined;
}

const ARCHIVED: InjectReason = { code: 'archived', message: 'Open Service Mesh is archived, and gets no more fixes.' };

function refused({ home, namespace }: InjectRequest): InjectOutcome | undefined {
  const isIgnored = home?.labels[IGNORE] !== undefined || ['kube-system', 'kube-public'].includes(namespace);
  return isIgnored ? skipped('namespace-excluded', `OSM's injector passes over namespace "${namespace}".`) : undefined;
}

function unmonitored({ home }: InjectRequest): readonly InjectReason[] {
  if (!home || home.labels[MONITORED_BY] !== undefined) return [];
  return [
    {
      code: 'namespace-not-marked',
      message: `Namespace "${home.name}" has no label "${MONITORED_BY}", without which the injector is not asked about its pods.`,
    },
  ];
}

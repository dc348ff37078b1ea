/**
 * Annotations by which a pod tells Istio's CNI plugin what to intercept. Injection writes all of them, so that those
 * with the usual value are taken for its own.
 * @see https://istio.io/latest/docs/setup/additional-setup/cni/
 */
import { jsonValue } from '../../../text/json-value.ts';
import { annotationsOf, hasContainer, type Pod, VALIDATION, withTexts } from './pod.ts';

const USUAL: Readonly<Record<string, string>> = {
  'sidecar.istio.io/interceptionMode': 'REDIRECT',
  'traffic.sidecar.istio.io/includeOutboundIPRanges': '*',
  'traffic.sidecar.istio.io/includeInboundPorts': '*',
};

const EXCLUDED_PORTS = 'traffic.sidecar.istio.io/excludeInboundPorts';
const STATUS_PORT = 'status.sidecar.istio.io/port';
const NETWORKS = 'k8s.v1.cni.cncf.io/networks';
const OWN_NETWORK = 'default/istio-cni';

/** @param pod still with the containers of the injection */
export function withoutCniMarks(pod: Pod): Pod {
  if (!hasContainer(pod, 'initContainers', VALIDATION)) return pod;
  const annotations = annotationsOf(pod);
  const usual = Object.keys(USUAL).filter((name) => annotations[name] === USUAL[name]);
  return withTexts(pod, 'annotations', {
    ...Object.fromEntries(usual.map((name) => [name, undefined])),
    ...changed(annotations, EXCLUDED_PORTS, (ports) => withoutPort(ports, annotations[STATUS_PORT] ?? '15020')),
    ...changed(annotations, NETWORKS, withoutNetwork),
  });
}

/** What gets empty goes. */
function changed(
  annotations: Readonly<Record<string, string>>,
  name: string,
  change: (value: string) => string,
): Readonly<Record<string, string | undefined>> {
  const value = annotations[name];
  return value === undefined ? {} : { [name]: change(value) || undefined };
}

/** The agent's port stands last. */
const withoutPort = (ports: string, agent: string): string => (ports === agent ? '' : ports.replace(new RegExp(`,${agent}$`), ''));

function withoutNetwork(networks: string): string {
  const list = jsonValue(networks);
  if (!Array.isArray(list))
    return networks
      .split(/,\s*/)
      .filter((each) => each !== OWN_NETWORK)
      .join(', ');
  // The others stay as they were written.
  return networks.replace(/,\s*\{"name": "istio-cni", "namespace": "default"\}(?=\s*\]\s*$)/, '');
}

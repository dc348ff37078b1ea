/** Kubernetes objects as scenarios write them. */

export type Labels = Readonly<Record<string, string>>;

export interface Written {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels; readonly annotations?: Labels };
}

interface Marks {
  readonly labels?: Labels;
  readonly annotations?: Labels;
}

/** @param namespace empty for objects that have none */
export function object(apiVersion: string, kind: string, namespace: string, name: string, more: object = {}, marks: Marks = {}): Written {
  return { apiVersion, kind, metadata: { name, ...(namespace === '' ? {} : { namespace }), ...marks }, ...more };
}

export const namespace = (name: string, labels: Labels = {}): Written => object('v1', 'Namespace', '', name, {}, { labels });

export const serviceAccount = (within: string, name: string): Written => object('v1', 'ServiceAccount', within, name);

export const configMap = (within: string, name: string, data: Labels): Written => object('v1', 'ConfigMap', within, name, { data });

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  /** A number, or the name of a port of a container. */
  readonly targetPort?: number | string;
}

export function service(within: string, name: string, selector: Labels, ports: readonly ServicePort[], more: object = {}): Written {
  const complete = ports.map(({ targetPort, ...port }) => ({ protocol: 'TCP', targetPort: targetPort ?? port.port, ...port }));
  return object('v1', 'Service', within, name, { spec: { selector, ports: complete, ...more } }, { labels: selector });
}

interface Workload {
  readonly labels: Labels;
  readonly annotations?: Labels;
  readonly serviceAccountName: string;
  readonly containers: readonly object[];
  readonly volumes?: readonly object[];
}

export function deployment(within: string, name: string, { labels, annotations = {}, ...pod }: Workload): Written {
  const { app = '', version } = labels;
  const matchLabels = { app, ...(version === undefined ? {} : { version }) };
  const template = { metadata: { labels, annotations }, spec: pod };
  return object(
    'apps/v1',
    'Deployment',
    within,
    name,
    { spec: { replicas: 1, selector: { matchLabels }, template } },
    { labels: matchLabels },
  );
}

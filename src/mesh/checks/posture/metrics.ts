/** Whether anything in the cluster collects what proxies count. */
import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Check } from '../../../model/check.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import { qualifiedName } from '../../../model/resource.ts';
import { quotedList } from '../../../text/words.ts';
import { DEPLOYMENT, type PostureTraits, postureCheck } from './traits.ts';

const WORKLOADS: readonly Kind[] = [DEPLOYMENT, 'apps/StatefulSet', 'apps/DaemonSet'];

/** Programs that scrape the metrics of pods, by a part of their image's name. */
const COLLECTORS =
  /prometheus|vmagent|victoria-?metrics|opentelemetry|otel|grafana\/(?:agent|alloy)|datadog|newrelic|dynatrace|telegraf|splunk|signalfx|cloudwatch-agent|metricbeat|gke-metrics-agent|ama-metrics|netdata/i;

/** Images whose names speak of Prometheus, but which scrape no pod. */
const OTHERS = /operator|adapter|exporter|alertmanager|reloader|pushgateway|kube-state-metrics/i;

export function metricsPosture({ mesh, docs }: Pick<PostureTraits, 'mesh' | 'docs'>): readonly Check[] {
  return [
    postureCheck({
      id: `${mesh}/posture-metrics-collected`,
      title: 'Something collects the metrics of proxies.',
      why: 'Without them nobody sees that requests fail or slow down, nor can alerts tell.',
      docs,
      reads: WORKLOADS,
      run: async (facts) => {
        const collectors: string[] = [];
        for (const kind of WORKLOADS) {
          collectors.push(...(await facts.list(kind)).filter(collects).map(qualifiedName));
        }
        if (collectors.length > 0) return { is: 'ok', reason: `${quotedList(collectors.sort(), 3)}.` };
        return {
          is: 'warning',
          reason: 'No workload of the cluster is known as a collector of metrics, such as Prometheus or an agent of OpenTelemetry.',
          hint: 'Install Prometheus and let it scrape the pods of the mesh. Skip this check if somebody outside of the cluster collects them.',
        };
      },
    }),
  ];
}

const collects = ({ body }: Resource): boolean =>
  itemsAt(body, 'spec', 'template', 'spec', 'containers').some(({ item }) => {
    const image = stringAt(item, 'image') ?? '';
    return COLLECTORS.test(image) && !OTHERS.test(image);
  });
